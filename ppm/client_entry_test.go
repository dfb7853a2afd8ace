package ppm

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestOddEntries: whatever one entry looks like, the others are listed, and what can be read of it is.
func TestOddEntries(t *testing.T) {
	const good = `{"id":"good","eventTypes":["Idea:Created"],"headers":[{"name":"A","value":"b"}],"httpVerb":"POST","url":"https://relay.example.com/"}`
	for _, test := range []struct {
		name, entry string
		odd         bool
		id, url     string
	}{
		{"no members", `{}`, false, "", ""},
		{"null", `null`, true, "", ""},
		{"a number", `5`, true, "", ""},
		{"a list", `[{}]`, true, "", ""},
		{"members that are null", `{"id":"x","eventTypes":null,"headers":null,"httpVerb":null,"url":null}`, false, "x", ""},
		{"a member that is not known", `{"id":"x","url":"https://a.example/","state":{"a":[1]}}`, false, "x", "https://a.example/"},
		{"an id that is a number", `{"id":7,"url":"https://a.example/"}`, true, "", "https://a.example/"},
		{"an address that is an object", `{"id":"x","url":{"href":"https://a.example/"}}`, true, "x", ""},
		{"types in one text", `{"id":"x","url":"https://a.example/","eventTypes":"Idea:Created"}`, true, "x", "https://a.example/"},
		{"a type that is null", `{"id":"x","eventTypes":[null]}`, false, "x", ""},
		{"headers as an object", `{"id":"x","url":"https://a.example/","headers":{"A":"b"}}`, true, "x", "https://a.example/"},
		{"a value that is a list", `{"id":"x","headers":[{"name":"A","value":["b"]}]}`, true, "x", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := answering(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/x") {
					_, _ = io.WriteString(w, `{"data":`+test.entry+`}`)
					return
				}
				_, _ = io.WriteString(w, `{"data":[`+good+`,`+test.entry+`,`+good+`]}`)
			})
			all, err := client.Webhooks(t.Context())
			if err != nil || len(all) != 3 || all[0].ID != "good" || all[2].Odd || len(all[2].Headers) != 1 {
				t.Fatalf("got %v and error %v, want the others as they are", all, err)
			}
			if w := all[1]; w.Odd != test.odd || w.ID != test.id || w.URL != test.url {
				t.Errorf("got odd %v, id %q, url %q, want %v, %q, %q", w.Odd, w.ID, w.URL, test.odd, test.id, test.url)
			}
			if test.entry == "null" {
				return // of a single webhook, that is no answer
			}
			if one, err := client.Webhook(t.Context(), "x"); err != nil || one.Odd != test.odd || one.URL != test.url {
				t.Errorf("got %v and error %v, want the same of one", one, err)
			}
		})
	}
}

func TestSite(t *testing.T) {
	for url, want := range map[string]string{
		"https://hooks.example/services/T0/B0/secret": "https://hooks.example/…",
		"https://anna:secret@hooks.example:8443/x":    "https://hooks.example:8443/…",
		"https://hooks.example?sig=secret":            "https://hooks.example/…",
		"https://hooks.example/":                      "https://hooks.example",
		"https://hooks.example/#secret":               "https://hooks.example",
		"secret":                                      "(not an address)",
		"mailto:secret@hooks.example":                 "(not an address)",
		":":                                           "(not an address)",
		"":                                            "(not an address)",
	} {
		if got := (Webhook{URL: url}).Site(); got != want {
			t.Errorf("%q: got %s, want %s", url, got, want)
		}
	}
}
