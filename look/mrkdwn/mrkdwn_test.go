package mrkdwn_test

import (
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/look/mrkdwn"
)

// outline writes a tree so that a test can name it: text as it is, everything else as kind(…).
func outline(nodes []mrkdwn.Node) string {
	var out strings.Builder
	for _, n := range nodes {
		switch n.Kind {
		case mrkdwn.Text:
			out.WriteString(n.Text)
		case mrkdwn.Break:
			out.WriteString("↵")
		case mrkdwn.Link:
			out.WriteString("link(" + n.Target + " " + outline(n.Children) + ")")
		case mrkdwn.Moment:
			out.WriteString("moment(" + n.Format + " " + n.Target + " " + n.Text + ")")
		case mrkdwn.Emoji:
			out.WriteString("emoji(" + n.Name + " " + n.Text + ")")
		case mrkdwn.User, mrkdwn.Channel, mrkdwn.Group, mrkdwn.Broadcast:
			out.WriteString(nameOf(n.Kind) + "(" + n.Name + " " + n.Text + ")")
		case mrkdwn.Code, mrkdwn.Block:
			out.WriteString(nameOf(n.Kind) + "(" + strings.ReplaceAll(n.Text, "\n", "↵") + ")")
		default:
			out.WriteString(nameOf(n.Kind) + "(" + outline(n.Children) + ")")
		}
	}
	return out.String()
}

func nameOf(k mrkdwn.Kind) string {
	return [...]string{"text", "break", "bold", "italic", "strike", "code", "block", "quote", "link", "user", "channel", "group", "all", "moment", "emoji"}[k]
}

type example struct{ text, want string }

func check(t *testing.T, tests []example) {
	t.Helper()
	for _, test := range tests {
		if got := outline(mrkdwn.Parse(test.text)); got != test.want {
			t.Errorf("%q:\ngot  %s\nwant %s", test.text, got, test.want)
		}
	}
}

// The examples of docs.slack.dev/messaging/formatting-message-text.
func TestDocumented(t *testing.T) {
	t.Parallel()
	check(t, []example{
		{"_italic_ will produce italicized text", "italic(italic) will produce italicized text"},
		{"*bold* will produce bold text", "bold(bold) will produce bold text"},
		{"~strike~ will produce strikethrough text", "strike(strike) will produce strikethrough text"},
		{"This is a line of text.\nAnd this is another one.", "This is a line of text.↵And this is another one."},
		{
			"This is unquoted text\n>This is quoted text\n>This is still quoted text\nThis is unquoted text again",
			"This is unquoted text↵quote(This is quoted text↵This is still quoted text↵)This is unquoted text again",
		},
		{"This is a sentence with some `inline *code*` in it.", "This is a sentence with some code(inline *code*) in it."},
		{"```This is a code block\nAnd it's multi-line```", "block(This is a code block↵And it's multi-line)"},
		{"- Mihara and New Tideland\n• RaviHyral\n1. TranRollinHyfa", "- Mihara and New Tideland↵• RaviHyral↵1. TranRollinHyfa"},
		{"This message contains a URL <https://docs.slack.dev/>", "This message contains a URL link(https://docs.slack.dev/ https://docs.slack.dev/)"},
		{"<https://docs.slack.dev/|This message *is* a link>", "link(https://docs.slack.dev/ This message bold(is) a link)"},
		{"<mailto:bob@example.com|Email Bob>", "link(mailto:bob@example.com Email Bob)"},
		{"It's Friday :tada:", "It's Friday emoji(tada 🎉)"},
		{"Hello &lt;world&gt; &amp; &amp;lt; &quot;", "Hello <world> & &lt; &quot;"},
		{"Why not join <#C024BE7LR|general>?", "Why not join channel(C024BE7LR general)?"},
		{"Hey <@U012AB3CD>, thanks", "Hey user(U012AB3CD ), thanks"},
		{"Hey <!subteam^SAZ94GDB8>, there", "Hey group(SAZ94GDB8 ), there"},
		{"Hey <!here>, <!channel>, <!everyone>, <!here|here>", "Hey all(here ), all(channel ), all(everyone ), all(here )"},
		{
			"<!date^1392734382^Posted {date_num} {time_secs}|Posted 2014-02-18 6:39:42 AM PST>",
			"moment(Posted {date_num} {time_secs}  Posted 2014-02-18 6:39:42 AM PST)",
		},
		{"<!date^1392734382^{date_short}^https://example.com/|Feb 18, 2014 PST>", "moment({date_short} https://example.com/ Feb 18, 2014 PST)"},
	})
}

// Where styles count was tried out with Slack (github.com/pocka/slack-message-parser, issue 34 and others).
func TestWhereStylesCount(t *testing.T) {
	t.Parallel()
	check(t, []example{
		{"foo*bar*baz", "foo*bar*baz"},
		{"*foo*bar", "*foo*bar"},
		{"foo * bar * baz", "foo * bar * baz"},
		{"2 * 3 * 4, snake_case_name, a~b~c", "2 * 3 * 4, snake_case_name, a~b~c"},
		{
			"*foo*? *foo*! *foo*. (*foo*) [*foo*] {*foo*} -*foo*=",
			"bold(foo)? bold(foo)! bold(foo). (bold(foo)) [bold(foo)] {bold(foo)} -bold(foo)=",
		},
		{")*foo*( ]*foo*[ }*foo*{", ")*foo*( ]*foo*[ }*foo*{"},
		{
			"*Y*~ *Y*! *Y*# *Y*$ *Y*% *Y*^ *Y*) *Y*- *Y*+ *Y*= *Y*{ *Y*} *Y*[ *Y*] *Y*; *Y*: *Y*' *Y*\" *Y*, *Y*. *Y*? *Y*/ *Y*",
			"bold(Y)~ bold(Y)! bold(Y)# bold(Y)$ bold(Y)% bold(Y)^ bold(Y)) bold(Y)- bold(Y)+ bold(Y)= bold(Y){ bold(Y)} bold(Y)[ " +
				"bold(Y)] bold(Y); bold(Y): bold(Y)' bold(Y)\" bold(Y), bold(Y). bold(Y)? bold(Y)/ bold(Y)",
		},
		{"*N*`", "*N*`"},
		{"*N*@", "*N*@"},
		{"*N*&", "*N*&"},
		{"*N**", "*N**"},
		{"*N*(", "*N*("},
		{"*N*_", "*N*_"},
		{"*N*|", "*N*|"},
		{"*N*\\", "*N*\\"},
		{"*N*<", "*N*<"},
		{"*N*>", "*N*>"},
		{"*one\ntwo*", "*one↵two*"},
		{"*foo*bar*", "bold(foo*bar)"},
		{"** **x** *** _ __ ~~", "** **x** *** _ __ ~~"},
		{"*a _b ~c~ d_ e*", "bold(a italic(b strike(c) d) e)"},
		{"_*both*_ *_both_* ~*_all_*~", "italic(bold(both)) bold(italic(both)) strike(bold(italic(all)))"},
		{"*a _b* c_", "bold(a _b) c_"},
		{"*a <https://e.x/|*b*> c*", "bold(a link(https://e.x/ *b*) c)"},
		{"**x* *x**", "**x* *x**"},
		{"*a *b* c*", "bold(a *b) c*"},
		{"* a* *b *", "* a* *b *"},
		{"“*Name*” → *Wert*…", "“bold(Name)” → bold(Wert)…"},
		{"é*b*é e\u0301*b* 漢*b*字", "é*b*é e\u0301*b* 漢*b*字"},
		{"*a <https://e.x/*b*|c* d> e*", "bold(a link(https://e.x/*b* c* d) e)"},
		{"*a `b* c`", "*a code(b* c)"},
		{"*<https://e.x/|P>* was", "bold(link(https://e.x/ P)) was"},
		{"a\u200b*b*\u200bc", "a\u200bbold(b)\u200bc"},
	})
}

func TestCode(t *testing.T) {
	t.Parallel()
	check(t, []example{
		{"`a` ` b ` `c`.", "code(a) code( b ) code(c)."},
		{"`Foo`s it`s o`clock", "`Foo`s it`s o`clock"},
		{"`` `` `", "`` `` `"},
		{"`a\nb`", "`a↵b`"},
		{"`<https://e.x/> &lt;b&gt; :tada:`", "code(<https://e.x/> <b> :tada:)"},
		{"``` foo ``` bar ``` baz ```", "block( foo ) bar block( baz )"},
		{"``` ```", "``` ```"},
		{"foo```bar```baz", "foo```bar```baz"},
		{"```\n\n a\n*b* <@U1>\n\n```\nc", "block(↵ a↵*b* <@U1>↵↵)c"},
		{"a\n```b```\n&gt; c", "a↵block(b↵)quote(c)"},
		{"```never closed *x*", "```never closed bold(x)"},
		{"````x````", "block(`x`)"},
		{"*`a`*", "bold(code(a))"},
	})
}

func TestQuote(t *testing.T) {
	t.Parallel()
	check(t, []example{
		{"&gt; foo *bar*", "quote(foo bold(bar))"},
		{"foo\n&gt;bar", "foo↵quote(bar)"},
		{"foo&gt;bar > baz", "foo>bar > baz"},
		{" &gt; foo", " > foo"},
		{"foo\n&gt;&gt;&gt;bar\n\nbaz ```x\ny```", "foo↵quote(bar↵↵baz block(x↵y))"},
		{">>> bar\n> baz", "quote(bar↵> baz)"},
		{"&gt;&gt;&gt;", "quote(>>)"},
		{"&gt;&gt; b", "quote(> b)"},
		{"&gt;", "quote()"},
		{"&gt; ```a``` b\n&gt; c\n\nd", "quote(block(a) b↵c↵)↵d"},
		{"&gt; ```a\nb```", "quote(```a↵)b```"},
	})
}

func TestReferences(t *testing.T) {
	t.Parallel()
	check(t, []example{
		{"<http://foo|<http://bar>>", "<http://foo|link(http://bar http://bar)>"},
		{"<javascript:alert(1)|click> <data:text/html,x> <file:///etc/passwd>", "<javascript:alert(1)|click> <data:text/html,x> <file:///etc/passwd>"},
		{"<JaVaScRiPt:alert(1)> <java\tscript:alert(1)> < javascript:x>", "<JaVaScRiPt:alert(1)> <java\tscript:alert(1)> < javascript:x>"},
		{"<HTTPS://E.x/?a=1&amp;b=2|a &amp; b>", "link(https://E.x/?a=1&b=2 a & b)"},
		{"<https://e.x/|>", "link(https://e.x/ https://e.x/)"},
		{"<mailto:a@e.x>", "link(mailto:a@e.x a@e.x)"},
		{"<mailto:a@e.x?subject=Hello, World>", "link(mailto:a@e.x?subject=Hello,%20World a@e.x?subject=Hello, World)"},
		{"<https://> <mailto:> <https:x>", "<https://> <mailto:> <https:x>"},
		{"<https://e.x/\"onclick=\"x|a>", "link(https://e.x/%22onclick=%22x a)"},
		{"<https://e.x\\@evil.example/> <https://\"e.x/> <https://e.x/\\a>", "link(https://e.x%5C@evil.example/ https://e.x\\@evil.example/) <https://\"e.x/> link(https://e.x/%5Ca https://e.x/\\a)"},
		{"<> < > <|x> <a\nb> a < b > c", "<> < > <|x> <a↵b> a < b > c"},
		{"<@U1|anna> <@u1> <@> <@U1 x> <#> <!subteam^S1|@team> <!subteam>", "user(U1 anna) <@u1> <@> <@U1 x> <#> group(S1 @team) <!subteam>"},
		{"<!unknown|label> <!>", "<!unknown|label> <!>"},
		{
			"<!date^x^{date}|f> <!date^-1^{date}|f> <!date^999999999999^{date}|f> <!date^1|f>",
			"<!date^x^{date}|f> <!date^-1^{date}|f> <!date^999999999999^{date}|f> <!date^1|f>",
		},
		{"<!date^1^{date}^javascript:x|f>", "<!date^1^{date}^javascript:x|f>"},
		{"&lt;!channel&gt; &amp;lt;!channel&amp;gt;", "<!channel> &lt;!channel&gt;"},
		{"@here @channel #general https://e.x/", "@here @channel #general https://e.x/"},
	})
}

func TestEmojiInText(t *testing.T) {
	t.Parallel()
	check(t, []example{
		{"ab:tada::+1::skin-tone-3:g:100::-1:jk", "abemoji(tada 🎉)emoji(+1::skin-tone-3 👍🏼)gemoji(100 💯)emoji(-1 👎)jk"},
		{":tada::skin-tone-3:", "emoji(tada 🎉)emoji(skin-tone-3 🏼)"},
		{":wave::skin-tone-1: :wave::skin-tone-7:", "emoji(wave 👋):skin-tone-1: emoji(wave 👋):skin-tone-7:"},
		{"Test:\nTest 2:\nTest 3: 10:30:20 a::b :", "Test:↵Test 2:↵Test 3: 10:30:20 a::b :"},
		{":nobody-knows: :Tada: :tada :\u200btada:", ":nobody-knows: :Tada: :tada :\u200btada:"},
		{"*:tada: x*", "bold(emoji(tada 🎉) x)"},
	})
}

func TestWhatIsNoText(t *testing.T) {
	t.Parallel()
	check(t, []example{
		{"", ""},
		{"a\r\nb\rc", "a↵bc"},
		{"a\x00b\x1b[31m\u009b\x7f\tc", "ab[31m\tc"},
		{"a\xff\xfeb", "a\ufffd\ufffdb"},
		{"\n\n", "↵↵"},
	})
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		emoji bool
		want  string
	}{
		{"*a* _b_ `c` <@U1> <https://e.x/>\n> d &amp; :tada:", true, "*a* _b_ `c` <@U1> <https://e.x/>↵> d & emoji(tada 🎉)"},
		{":tada: a\n", false, ":tada: a↵"},
	} {
		if got := outline(mrkdwn.PlainText(test.text, test.emoji)); got != test.want {
			t.Errorf("%q: got %s, want %s", test.text, got, test.want)
		}
	}
}
