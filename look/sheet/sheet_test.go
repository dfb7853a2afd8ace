package sheet

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// small is a sheet with a column of the daemon's and one of a person's, and two rows.
func small() Sheet {
	return Sheet{
		Title: "Changes", Caption: "one row per changed field", Total: 41, Hidden: 2, Action: "/sheet", Back: "tab=Changes&open=p1",
		Tabs: []Tab{{"Sheet1", "?tab=Sheet1"}, {"Changes", "?tab=Changes"}},
		Columns: []Column{
			{Key: "1", Header: "Name", Width: 180, Sorted: "ascending", Filter: true, Contains: "portal", Filtered: true},
			{Key: "2", Header: "Budget", Width: 100, Filter: true},
			{Key: "9", Header: "Reviewed", Width: 100, Own: true},
			{Key: "8", Header: "", Width: 100, Own: true},
		},
		Rows: []Row{
			{Key: "r1005", Number: 3, Cells: []Cell{
				{Text: "Customer Portal", Link: "https://app.ppm.express/p/1"},
				{Text: "250,000", Align: "right", Tone: Good},
				{Text: "TRUE", Align: "center", Input: Checkbox, Checked: true},
				{Text: "ask Anna", Input: Field},
			}},
			{Key: "r1006", Number: 7, New: true, Cells: []Cell{{Text: "Old Portal", Faint: true}}},
		},
	}
}

func render(t *testing.T, s Sheet) string {
	t.Helper()
	html, err := New().HTML(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(html)
}

// wantIn checks what stands in a page, each in one piece.
func wantIn(t *testing.T, html string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(html, want) {
			t.Errorf("got %s\nwant in it: %s", html, want)
		}
	}
}

func TestHTML(t *testing.T) {
	const back = "back=tab%3DChanges%26open%3Dp1&amp;"
	wantIn(t, render(t, small()),
		// the frame
		`role="region" aria-label="Tab Changes: one row per changed field"`,
		`<table aria-rowcount="41"><caption class="sr">Tab Changes: one row per changed field</caption>`,
		`<col class="w-no"><col class="w180"><col class="w100"><col class="w100"><col class="w100">`,
		`<td class="no"></td><td>A</td><td>B</td><td class="own">C</td><td class="own">D</td>`,
		`<a href="?tab=Changes" aria-current="page"><bdi>Changes</bdi></a>`,
		// headers
		`<th scope="col" aria-label="Name" aria-sort="ascending">`,
		`action="/sheet/sort?`+back+`column=1&amp;tab=Changes"><button class="srt" name="order" value="descending"`,
		`action="/sheet/sort?`+back+`column=2&amp;tab=Changes"><button class="srt" name="order" value="ascending"`,
		`<summary aria-label="Filter by Name, on">`, `name="value" value="portal"`, `<summary aria-label="Filter by Budget">`,
		`<span class="sr">Column D</span>`,
		// rows
		`<tr aria-rowindex="3" data-key="r1005"><th class="no" scope="row">3</th>`,
		`<td><a href="https://app.ppm.express/p/1" rel="noopener noreferrer" target="_blank"><bdi>Customer Portal</bdi></a></td>`,
		`<td class="r ok">250,000</td>`,
		`action="/sheet/tick?`+back+`column=9&amp;row=r1005&amp;tab=Changes"><input type="checkbox" name="value" value="TRUE" checked aria-label="Reviewed, row 3">`,
		`action="/sheet/type?`+back+`column=8&amp;row=r1005&amp;tab=Changes"><input name="value" value="ask Anna" autocomplete="off" aria-label="Column D, row 3">`,
		`<tr class="new" aria-rowindex="7" data-key="r1006">`, `<td class="soft"><bdi>Old Portal</bdi></td><td></td><td class="own"></td><td class="own"></td></tr>`,
		// the filter
		`2 rows are hidden by the filter <form method="post" action="/sheet/filter?`+back+`tab=Changes"><button class="btn">Show all rows</button>`,
	)
}

// TestNothingToDo: without an action there is nothing to press, and what could be done is shown.
func TestNothingToDo(t *testing.T) {
	s := small()
	s.Action, s.Hidden = "", 1
	html := render(t, s)
	for _, never := range []string{"<button", "<details", "<form", "<input name"} {
		if strings.Contains(html, never) {
			t.Errorf("got %s in %s", never, html)
		}
	}
	wantIn(t, html, `<th scope="col" aria-label="Name" aria-sort="ascending"><bdi>Name</bdi></th>`,
		`<input type="checkbox" checked disabled aria-label="Reviewed, row 3">`, `<td class="own"><bdi>ask Anna</bdi></td>`, `1 row is hidden`)
}

func TestEmpty(t *testing.T) {
	wantIn(t, render(t, Sheet{Title: "Sheet1"}), "This tab is empty.", `aria-label="Tab Sheet1"`)
	html := render(t, Sheet{Title: "Sheet1", Columns: []Column{{Header: "A"}}})
	wantIn(t, html, "<tbody></tbody>", `aria-rowcount="-1"`)
	if strings.Contains(html, "hidden by") || strings.Contains(html, "<nav") {
		t.Errorf("got %s, want neither hidden rows nor tabs", html)
	}
}

func TestLinks(t *testing.T) {
	for _, tt := range []struct {
		link string
		want bool
	}{
		{"https://a.example/x?y=1&z=2", true},
		{"http://a.example", true},
		{"HTTPS://a.example", true},
		{"mailto:anna@company.com", true},
		{"javascript:alert(1)", false},
		{"JAVASCRIPT:alert(1)", false},
		{" javascript:alert(1)", false},
		{"java\nscript:alert(1)", false},
		{"data:text/html,x", false},
		{"//a.example", false},
		{"https:a.example", false},
		{"/here", false},
		{"", false},
	} {
		html := render(t, Sheet{Columns: []Column{{}}, Rows: []Row{{Cells: []Cell{{Text: "open", Link: tt.link}}}}})
		if got := strings.Contains(html, "<a "); got != tt.want {
			t.Errorf("%q: got a link: %v, want %v", tt.link, got, tt.want)
		}
	}
	if html := render(t, Sheet{Columns: []Column{{}}, Rows: []Row{{Cells: []Cell{{Text: " ", Link: "https://a.example"}}}}}); strings.Contains(html, "<a ") {
		t.Errorf("a link without words: got %s", html)
	}
}

// TestWholeText: what is clipped can be read by pointing at it.
func TestWholeText(t *testing.T) {
	for _, tt := range []struct {
		text  string
		width int
		want  bool
	}{
		{"Customer Portal", 180, false},
		{"Migration of the customer master data", 180, true},
		{"two\nlines", 180, true},
		{"計画の変更計画の変更計画の", 160, true},
		{"計画の変更", 160, false},
	} {
		html := render(t, Sheet{Columns: []Column{{Width: tt.width}}, Rows: []Row{{Cells: []Cell{{Text: tt.text}}}}})
		if got := strings.Contains(html, `title="`+tt.text+`"`); got != tt.want {
			t.Errorf("%q in %d px: got a title: %v, want %v", tt.text, tt.width, got, tt.want)
		}
	}
}

// TestTextsStayTexts, in a plain cell as in one that is more.
func TestTextsStayTexts(t *testing.T) {
	const text, escaped = `</td><script>alert("1")</script>&amp;`, `&lt;/td&gt;&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;&amp;amp;`
	for name, cell := range map[string]Cell{
		"plain": {Text: text}, "right": {Text: text, Align: "right"}, "link": {Text: text, Link: "https://a.example"}, "typed": {Text: text, Input: Field},
	} {
		html := render(t, Sheet{Columns: []Column{{Header: text}}, Rows: []Row{{Cells: []Cell{cell}}}, Action: "/sheet"})
		if strings.Contains(html, "<script") || strings.Count(html, escaped) < 4 { // in the header, its label and title, and in the cell
			t.Errorf("%s: got %s, want nothing but %s", name, html, escaped)
		}
		if got := strings.Contains(html, `title="`+escaped+`"`); !got {
			t.Errorf("%s: got %s, want the whole text as its title", name, html)
		}
	}
}

func TestWidthClass(t *testing.T) {
	for pixels, want := range map[int]string{0: "w100", -5: "w100", 1: "w40", 80: "w80", 95: "w100", 150: "w140", 171: "w180", 5000: "w400"} {
		if got := WidthClass(pixels); got != want {
			t.Errorf("%d px: got %s, want %s", pixels, got, want)
		}
	}
	if !slices.IsSorted(Widths()) {
		t.Errorf("got %v, want them in order", Widths())
	}
}

func TestTones(t *testing.T) {
	for background, want := range map[string]Tone{"#e0f3eb": Good, "#fdf0d8": Worse, "#fde7ec": Worst, "#e4edfb": Finished, "#eceff2": Nothing, "": Plain, "#123456": Plain} {
		if got := ToneOf(background); got != want {
			t.Errorf("%q: got %q, want %q", background, got, want)
		}
	}
	html := render(t, Sheet{Columns: []Column{{}}, Rows: []Row{{Cells: []Cell{{Text: "x", Tone: "save"}}}}})
	wantIn(t, html, "<td><bdi>x</bdi></td>") // a tone that is none is no class
}

func TestLetters(t *testing.T) {
	for column, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 701: "ZZ", 702: "AAA"} {
		if got := letters(column); got != want {
			t.Errorf("%d: got %s, want %s", column, got, want)
		}
	}
}

// TestFrozen: the first column stays, and no other.
func TestFrozen(t *testing.T) {
	s := small()
	s.FirstFrozen, s.Newest = true, true
	html := render(t, s)
	wantIn(t, html, `<td class="fz">A</td><td>B</td>`, `aria-sort="ascending" class="fz"`, `<td class="fz"><a href`, `<td class="fz soft">`, `<div class="grid tail"`)
	if got := strings.Count(html, "fz"); got != 4 {
		t.Errorf("got %d cells, want 4: the letter, the header, and one in each row", got)
	}
}

// TestMenusOpenInwards: those of the last columns to the left.
func TestMenusOpenInwards(t *testing.T) {
	s := Sheet{Action: "/sheet"}
	for i := range 4 {
		s.Columns = append(s.Columns, Column{Key: strconv.Itoa(i), Header: "H", Filter: true})
	}
	if html := render(t, s); strings.Count(html, `class="flt"`) != 2 || strings.Count(html, `class="flt end"`) != 2 {
		t.Errorf("got %s, want two menus of each kind", html)
	}
}
