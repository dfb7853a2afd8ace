package ppm_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/ppm"
)

// listing returns a client of a tenant that answers every request so.
func listing(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) *ppm.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(server.Close)
	return ppm.NewClient(server.Client(), server.URL, "contoso", "v1.0", "token")
}

func says(body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Wed, 25 Nov 2026 10:00:07 GMT")
		_, _ = io.WriteString(w, body)
	}
}

func TestListsAreReadElementByElement(t *testing.T) {
	client := listing(t, says(`{"other":{"a":[1]},"data":[
		{"id":"1","attributes":{"Name":"A \u00e9","Budget":0.10,"Manager":[{"id":"m","fullName":"Anna","imageId":null}],"nested":{"deep":{"keyName":1}}},"votes":3},
		{"sourceType":"Jira","id":"2","attributes":{}}],"hasMore":false,"nextLink":null}`))
	var got []ppm.Element
	if err := client.Projects(t.Context(), func(e ppm.Element) error {
		got = append(got, e)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].ID != "1" || got[0].Name != "A é" || got[1].Source != "Jira" {
		t.Fatalf("got %+v, want both elements", got)
	}
	const want = `{"Name":"A é","Budget":0.10,"Manager":[{"FullName":"Anna","Id":"m","ImageId":null}],"nested":{"Deep":{"KeyName":1}}}`
	if string(got[0].Attributes) != want {
		t.Errorf("got %s, want %s", got[0].Attributes, want)
	}
	if at := time.Date(2026, 11, 25, 10, 0, 7, 0, time.UTC); !got[0].Read.Equal(at) {
		t.Errorf("got read at %v, want the vendor's clock, %v", got[0].Read, at)
	}
}

func TestPathsOfLists(t *testing.T) {
	var path string
	client := listing(t, func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.Path
		_, _ = io.WriteString(w, `{"data":[]}`)
	})
	none := func(ppm.Element) error { return nil }
	for want, call := range map[string]func() error{
		"Projects":            func() error { return client.Projects(t.Context(), none) },
		"Ideas":               func() error { return client.Ideas(t.Context(), none) },
		"programs":            func() error { return client.Programs(t.Context(), none) },
		"portfolios":          func() error { return client.Portfolios(t.Context(), none) },
		"projects/7/tasks":    func() error { return client.Tasks(t.Context(), "7", none) },
		"projects/7/keydates": func() error { return client.KeyDates(t.Context(), "7", none) },
	} {
		if err := call(); err != nil || path != "/@contoso/v1.0/"+want {
			t.Errorf("got %s, %v, want %s", path, err, want)
		}
	}
	for _, id := range []string{"", ".", "../x", "a/b", "a b"} {
		path = ""
		if err := client.Tasks(t.Context(), id, none); err == nil || path != "" {
			t.Errorf("%q: got %v and a request to %q, want that nothing is asked", id, err, path)
		}
	}
}

// A list that did not arrive to its end is an error, whatever arrived of it.
func TestListsThatBreakOff(t *testing.T) {
	const one = `{"id":"1","attributes":{"Name":"A"}}`
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request)
		want   string
		seen   int
	}{
		"cut":          {says(`{"data":[` + one + `,{"id":"2","attr`), "ends early; look at ppm_express.url", 1},
		"cut behind":   {says(`{"data":[` + one + `]`), "ends early; look at ppm_express.url", 1},
		"empty":        {says(``), "ends early; look at ppm_express.url", 0},
		"a page":       {says(`<html>login</html>`), "not the JSON", 0},
		"no data":      {says(`{"value":[]}`), "no data; look at ppm_express.url", 0},
		"no list":      {says(`{"data":{"id":"1"}}`), "not of the form that was expected; look at ppm_express.url", 0},
		"a text":       {says(`"x"`), "not of the form that was expected; look at ppm_express.url", 0},
		"pages":        {says(`{"data":[` + one + `],"nextLink":"https://x/?page=2"}`), "pages", 1},
		"more":         {says(`{"hasMore":true,"data":[` + one + `]}`), "pages", 0},
		"not found":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "404", 0},
		"unauthorized": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, "token is not accepted", 0},
		"too often": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		}, "429", 0},
	} {
		t.Run(name, func(t *testing.T) {
			seen := 0
			err := listing(t, test.answer).Ideas(t.Context(), func(ppm.Element) error {
				seen++
				return nil
			})
			failed, ok := errors.AsType[*ppm.CallError](err)
			if !ok || !strings.Contains(err.Error(), test.want) || seen != test.seen {
				t.Fatalf("got %v after %d elements, want %q after %d", err, seen, test.want, test.seen)
			}
			if permanent := name == "not found" || name == "unauthorized"; failed.Temporary() == permanent {
				t.Errorf("%v: got temporary %v", err, failed.Temporary())
			}
			if name == "too often" && failed.RetryAfter != 7*time.Second {
				t.Errorf("got to wait %v, want 7 s", failed.RetryAfter)
			}
		})
	}
}

// An error of whoever reads ends the list, and comes back as it is.
func TestWhoeverReadsMayStop(t *testing.T) {
	enough := errors.New("enough")
	client := listing(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":[`)
		for i := 0; ; i++ {
			if _, err := fmt.Fprintf(w, `{"id":"%d","attributes":{"Name":"x"}},`, i); err != nil {
				return
			}
		}
	})
	count := 0
	err := client.Projects(t.Context(), func(ppm.Element) error {
		if count++; count == 1000 {
			return enough
		}
		return nil
	})
	if err != enough || count != 1000 { //nolint:errorlint // as it is
		t.Errorf("got %v after %d, want it at the thousandth", err, count)
	}
}
