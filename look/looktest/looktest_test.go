package looktest

import (
	"net/url"
	"reflect"
	"testing"

	"golang.org/x/net/html"
)

func TestWrongAttributes(t *testing.T) {
	tests := []struct {
		element, name, value string
		fine                 bool
	}{
		{"a", "href", "https://app.ppm.express/eu", true},
		{"a", "href", "mailto:anna@company.com", true},
		{"a", "href", "/?tab=Changes", true},
		{"a", "href", "#main", true},
		{"link", "href", "data:,", true},
		{"link", "href", "/assets/look.css", true},
		{"form", "action", "/edit", true},
		{"div", "class", "x", true},
		{"a", "href", "javascript:alert(1)", false},
		{"a", "href", "data:text/html,x", false},
		{"a", "href", "//evil.example/", false},
		{"link", "href", "https://evil.example/x.css", false},
		{"form", "action", "https://evil.example/", false},
		{"button", "formaction", "//evil.example", false},
		{"img", "src", "x:y", false},
		{"div", "style", "color: red", false},
		{"div", "onclick", "alert(1)", false},
		{"div", "ONLOAD", "", false},
		{"meta", "http-equiv", "refresh", false},
		{"a", "href", "http://[", false},
	}
	for _, tt := range tests {
		got := wrong(&html.Node{Type: html.ElementNode, Data: tt.element}, html.Attribute{Key: tt.name, Val: tt.value})
		if (got == "") != tt.fine {
			t.Errorf("<%s %s=%q>: got %q, want that it is fine: %t", tt.element, tt.name, tt.value, got, tt.fine)
		}
	}
}

func TestFormsAsBrowsersSendThem(t *testing.T) {
	page := Check(t, `<form method="post" action="/a"><input name="one" value="1"><input type="text" name="line" value="a
b"><input type="hidden" name="h" value="x
y"><input name="off" value="2" disabled><input value="3"><input type="checkbox" name="c" value="no"><input type="checkbox" name="c" value="yes" checked>
<textarea name="t">
a
b</textarea><select name="s"><option value="1">1</option><option value="2" selected>2</option></select><select name="f"><option value="1">1</option></select>
<button name="b" value="4">Send</button></form><form action="/b"></form>`)
	want := []Form{
		{"POST", "/a", url.Values{"one": {"1"}, "line": {"ab"}, "h": {"x\ny"}, "c": {"yes"}, "t": {"a\r\nb"}, "s": {"2"}, "f": {"1"}}},
		{"", "/b", url.Values{}},
	}
	if got := page.Forms(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTextAndValues(t *testing.T) {
	page := Check(t, `<p class="say">one <b>two</b></p><p>three</p><a href="/x">x</a>`)
	if got := page.Text("p", "class", "say"); !reflect.DeepEqual(got, []string{"one two"}) {
		t.Errorf("got %q", got)
	}
	if got := page.Text("p", "", ""); len(got) != 2 {
		t.Errorf("got %q, want both", got)
	}
	if got := page.Values("a", "href"); !reflect.DeepEqual(got, []string{"/x"}) {
		t.Errorf("got %q", got)
	}
}
