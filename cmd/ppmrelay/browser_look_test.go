package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// axe returns the script that checks pages by the rules of WCAG (github.com/dequelabs/axe-core).
func axe(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(repository, ".ci", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		missing(t, "there is no axe-core", "Install it: npm ci --prefix .ci.")
	}
	return string(script)
}

// looks checks the page of the demo at both widths, light and dark, while something is open and something wrong.
func (v visits) looks(t *testing.T) {
	t.Parallel()
	script := axe(t)
	s := serveDemo(t)
	b := openTab(t, v, s, "/", media("light", "reduce"))
	id := b.open("Customer Portal")
	b.enter("#"+id+"-OverallStatus", "1")
	b.save(id)
	b.until("it arrives, without a movement", "document.querySelector('[data-fresh]') && rows().length > 0")
	if n := value[int](b, "document.getAnimations().length"); n != 0 {
		t.Errorf("%d things move though the reader wants none to", n)
	}
	b.until("everything is told", "calm()")
	b.editElsewhere(s, "Data Centre Exit", "Description", "A text, \"with\" <more> of it")
	b.click("form[action='/trouble/google'] .btn")
	b.editElsewhere(s, "Payment Gateway", "OverallStatus", "2")
	b.until("the strip says it", `$(".way > li:nth-child(4) .st")?.textContent === "Out of quota"`)
	b.enter("#"+id+"-FinishDate", "2001-01-01")
	b.click("#" + id + " .edit .btn.main")
	b.until("a fault in the form", "$('#"+id+" .wrong')")
	b.looksRight(script)
	b.visit("/events/1")
	b.looksRight(script)
	b.visit("/?find=nobody-has-this-name&tab=Nothing")
	b.looksRight(script)
	b.visit("/")
	b.moves()
}

// moves makes sure that something moves where the reader does not mind: else that nothing does shows nothing.
func (b *tab) moves() {
	b.t.Helper()
	b.do("being lively", media("light", "no-preference"))
	id := b.open("Identity and Sign-in")
	b.enter("#"+id+"-OverallStatus", "1")
	b.save(id)
	b.until("something moves", "document.getAnimations().length > 0")
}

// looksRight checks a page in each of the four ways in which it is shown.
func (b *tab) looksRight(script string) {
	b.t.Helper()
	b.do("bringing axe", evaluated(script))
	for _, width := range []int64{1360, 390} {
		for _, scheme := range []string{"light", "dark"} {
			b.do("looking otherwise", size(width, 900), media(scheme, "reduce"))
			for _, fault := range value[[]string](b, violations) {
				b.t.Errorf("%s, %d px, %s: %s", value[string](b, "location.pathname"), width, scheme, fault)
			}
			if wide := value[int64](b, "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"); wide > width {
				b.t.Errorf("%s: the page is %d px wide on a screen of %d", value[string](b, "location.pathname"), wide, width)
			}
		}
	}
	b.do("looking as before", size(1360, 900), media("light", "reduce"))
}

// violations are those that keep people from using the page.
const violations = `axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }).then((found) =>
  found.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) =>
    v.id + " (" + v.impact + "): " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " " + n.failureSummary).join(" | ")))`

// sandbox looks at the page of the stand-ins alone. What others post there shows as what it is.
func (v visits) sandbox(t *testing.T) {
	t.Parallel()
	script := axe(t)
	s := serveSandbox(t)
	b := openTab(t, v, s, "/")
	postAs(t, addressIn(t, s, "Slack"), "<!channel> <@U012AB3CD> <script>window.touched=1;alert(1)</script> *bold*")
	b.until("the message, with its mentions", "$$('.sl-msg .sl-all').map((m) => m.textContent).join() === '@channel' && $('.sl-msg b') && told('window.touched=1') === 1")
	id := b.open("Customer Portal")
	b.enter("#"+id+"-OverallStatus", "1")
	b.save(id)
	b.until("the state in the list", "entity('Customer Portal').querySelector('summary .st').textContent === 'At risk'")
	b.until("nobody is told", "$('#"+id+" .say').textContent.includes('No webhook is registered')")
	b.looksRight(script)
}

// addressIn finds where a stand-in says it is.
func addressIn(t *testing.T, s served, name string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + name + ` +(http://\S+)`).FindStringSubmatch(s.said())
	if found == nil {
		t.Fatalf("got\n%s\nwant the address of %s", s.said(), name)
	}
	return found[1]
}

// postAs posts a message as a program of somebody does.
func postAs(t *testing.T, api, text string) {
	t.Helper()
	form := url.Values{"channel": {sandbox.Channel}, "text": {text}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, strings.TrimSuffix(api, "/")+"/chat.postMessage", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer "+slack.DefaultToken)
	answer, err := client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("posting: got %d", answer.StatusCode)
	}
}
