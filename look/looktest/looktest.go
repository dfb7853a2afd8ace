// Package looktest checks pages and parts of pages as browsers read them: whatever stands in names from outside, a page
// consists of elements and addresses that are allowed.
package looktest

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page is a page as a browser reads it.
type Page struct{ root *html.Node }

// Check parses a page and fails the test where something stands in it that the policy of the pages would block, or that
// no template of a page writes: then a text from outside has become markup.
func Check(t *testing.T, text string) Page {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatalf("the page cannot be read: %v", err)
	}
	ids := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if !slices.Contains(elements(), n.Data) {
			t.Errorf("got the element <%s>, which no page has", n.Data)
		}
		for _, a := range n.Attr {
			if fault := wrong(n, a); fault != "" {
				t.Errorf("<%s %s=%q>: %s", n.Data, a.Key, a.Val, fault)
			}
			if a.Key != "id" {
				continue
			}
			if ids[a.Val] {
				t.Errorf("the id %q is there twice", a.Val)
			}
			ids[a.Val] = true
		}
		if n.Data == "script" && (n.FirstChild != nil || len(n.Attr) == 0) {
			t.Errorf("a script stands in the page")
		}
	}
	return Page{root}
}

// elements are those of all pages and previews.
func elements() []string {
	return strings.Fields("html head meta title link script noscript body header main nav section article div span p ul ol li dl dt dd " +
		"h1 h2 h3 a b i s u small code pre bdi blockquote time hr form fieldset legend label input select option textarea button " +
		"details summary table caption colgroup col thead tbody tr th td svg path circle strong em br")
}

// wrong says what is wrong with an attribute; empty = nothing.
func wrong(n *html.Node, a html.Attribute) string {
	switch name := strings.ToLower(a.Key); {
	case name == "style":
		return "an inline style"
	case strings.HasPrefix(name, "on"):
		return "an inline handler"
	case name == "srcdoc" || name == "http-equiv" || name == "background" || name == "ping":
		return "no page has this"
	case slices.Contains([]string{"href", "src", "action", "formaction", "xlink:href"}, name):
		return astray(n, a.Val)
	default:
		return ""
	}
}

// astray says why an address must not stand where it does.
func astray(n *html.Node, address string) string {
	to, err := url.Parse(address)
	switch {
	case err != nil:
		return "it cannot be read"
	case n.Data == "link" && address == "data:,":
		return "" // no icon
	case n.Data == "a" && slices.Contains([]string{"http", "https", "mailto"}, to.Scheme):
		return ""
	case to.Scheme != "" || to.Host != "":
		return "it leads to another origin"
	default:
		return ""
	}
}

// Text returns what the elements of a name say, with the attribute and its value, "" and "" for all of them.
func (p Page) Text(element, attribute, value string) []string {
	var all []string
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode || n.Data != element || attribute != "" && Attribute(n, attribute) != value {
			continue
		}
		all = append(all, inside(n))
	}
	return all
}

// Values returns the values of an attribute of all elements of a name that have it.
func (p Page) Values(element, attribute string) []string {
	var all []string
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode || n.Data != element {
			continue
		}
		for _, a := range n.Attr {
			if a.Key == attribute {
				all = append(all, a.Val)
			}
		}
	}
	return all
}

// Attribute returns the value of an attribute, empty when there is none.
func Attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func inside(n *html.Node) string {
	var out strings.Builder
	for inner := range n.Descendants() {
		if inner.Type == html.TextNode {
			out.WriteString(inner.Data)
		}
	}
	return out.String()
}
