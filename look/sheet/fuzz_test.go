package sheet

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// FuzzHTML: whatever is in a sheet, the page gets elements and attributes of this view, and the text as a text.
func FuzzHTML(f *testing.F) {
	f.Add("Changes", "Name", "Customer Portal", "https://a.example", "r1", 180, uint8(0))
	f.Add(`"><script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `</td></table><script>`, "javascript:alert(1)", `" onclick="x`, -1, uint8(255))
	f.Add("a", "b", `</td></table><script>"`, "", "r1", 10, uint8(0))
	f.Add("a", `</th><img>"`, "x", "", `"><img>`, 10, uint8(0x90))
	f.Add("{{.}}", "\x00", "=HYPERLINK(\"javascript:alert(1)\")", "data:text/html,<script>", "\xff\xfe", 1<<30, uint8(7))
	f.Add("", "", "", "", "", 0, uint8(3))
	view := New()
	f.Fuzz(func(t *testing.T, title, header, text, link, key string, width int, bits uint8) {
		on := func(bit uint) bool { return bits>>bit&1 == 1 }
		cell := Cell{Text: text, Link: link, Tone: Tone(header), Align: key, Checked: on(0), Faint: on(1), Input: Input(bits >> 2 & 3)}
		s := Sheet{
			Title: title, Caption: text, Note: text, Tabs: []Tab{{title, "?" + url.Values{"tab": {title}}.Encode()}, {text, link}},
			Hidden: int(bits), Total: width, FirstFrozen: on(3), Back: key,
			Columns: []Column{
				{Key: key, Header: header, Width: width, Own: on(4), Sorted: Order(key), Filter: on(5), Contains: text, Filtered: on(0)},
				{Key: text, Header: text, Width: width},
			},
			Rows: []Row{{Key: key, Number: width, New: on(6), Cells: []Cell{cell, cell, cell}}, {Key: text}},
		}
		if on(7) {
			s.Action = "/sheet"
		}
		fragment, err := view.HTML(s)
		if err != nil {
			t.Fatal(err)
		}
		nodes, err := html.ParseFragment(strings.NewReader(string(fragment)), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
		if err != nil {
			t.Fatal(err)
		}
		counted := map[string]int{}
		for _, node := range nodes {
			check(t, node, counted)
		}
		if counted["tr"] != 4 || counted["td"] != 3+2*2 || counted["th"] != 3+2 {
			t.Errorf("got %d rows, %d cells, %d headers: want 4, 7, 5", counted["tr"], counted["td"], counted["th"])
		}
		if plain := utf8.ValidString(text) && !strings.ContainsAny(text, "\x00\r"); plain && s.Action == "" && cell.Input != Checkbox && !contains(nodes, text) {
			t.Errorf("got %s, want the text %q in it", fragment, text)
		}
	})
}

// check walks through elements, and counts them.
func check(t *testing.T, node *html.Node, counted map[string]int) {
	t.Helper()
	if node.Type == html.ElementNode {
		counted[node.Data]++
		elements := strings.Fields("div table caption colgroup col thead tbody tr th td span bdi a nav form button input label details summary p")
		if !slices.Contains(elements, node.Data) {
			t.Errorf("got the element %q", node.Data)
		}
		for _, attribute := range node.Attr {
			checkAttribute(t, node.Data, attribute)
		}
	}
	if node.Type == html.CommentNode || node.Type == html.DoctypeNode {
		t.Errorf("got %q, which is neither element nor text", node.Data)
	}
	for child := range node.ChildNodes() {
		check(t, child, counted)
	}
}

func checkAttribute(t *testing.T, element string, a html.Attribute) {
	t.Helper()
	names := strings.Fields("class title href rel target action method name value type checked disabled role tabindex scope autocomplete data-key " +
		"aria-label aria-sort aria-hidden aria-current aria-rowcount aria-rowindex")
	if !slices.Contains(names, a.Key) {
		t.Errorf("got the attribute %q of %s", a.Key, element)
	}
	switch a.Key {
	case "href":
		if parsed, err := url.Parse(a.Val); err == nil && !slices.Contains([]string{"", "http", "https", "mailto"}, parsed.Scheme) {
			t.Errorf("got a link to %q", a.Val)
		}
	case "action":
		if !strings.HasPrefix(a.Val, "/sheet/") {
			t.Errorf("got a form that goes to %q", a.Val)
		}
	case "aria-sort":
		if a.Val != "ascending" && a.Val != "descending" {
			t.Errorf("got sorted %q", a.Val)
		}
	case "class":
		for class := range strings.FieldsSeq(a.Val) {
			if !slices.Contains(classesInUse(), class) {
				t.Errorf("got the class %q", class)
			}
		}
	}
}

func classesInUse() []string {
	all := strings.Fields("grid tail sr abc hd no own fz hc srt flt on end btn save r m soft new ok warn bad done none tabs hid why desk nil w-no")
	for _, width := range Widths() {
		all = append(all, WidthClass(width))
	}
	return all
}

// contains reports whether one of the texts is this one.
func contains(nodes []*html.Node, text string) bool {
	if strings.TrimSpace(text) == "" {
		return true
	}
	for _, node := range nodes {
		for inner := range node.Descendants() {
			if inner.Type == html.TextNode && inner.Data == text && inner.Parent.Data != "p" {
				return true
			}
		}
	}
	return false
}
