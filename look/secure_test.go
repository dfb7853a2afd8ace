package look

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSecureSetsHeaders(t *testing.T) {
	w := get(Secure(http.NotFoundHandler()), "http://localhost/")
	for name, want := range map[string]string{
		"Content-Security-Policy":    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":     "nosniff",
		"Referrer-Policy":            "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestSecureKnowsItsNames(t *testing.T) {
	h := Secure(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }), "Relay.example.com", "10.1.2.3")
	tests := []struct {
		host    string
		welcome bool
	}{
		{"localhost", true},
		{"LOCALHOST:8090", true},
		{"localhost.:8090", true},
		{"127.0.0.1:8090", true},
		{"127.8.8.8", true},
		{"[::1]:8090", true},
		{"[::1]", true},
		{"demo.localhost:1", true},
		{"relay.example.com", true},
		{"relay.example.com:443", true},
		{"10.1.2.3:80", true},
		{"evil.example", false},
		{"evil.example:8090", false},
		{"relay.example.com.evil.example", false},
		{"127.0.0.1.evil.example", false},
		{"localhost.evil.example", false},
		{"10.1.2.4", false},
		{"0.0.0.0:8090", false},
		{"", false},
		{"[", false},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Host = tt.host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Code == http.StatusNoContent; got != tt.welcome {
			t.Errorf("%q: got %d, want that it is welcome: %t", tt.host, w.Code, tt.welcome)
		}
		if !tt.welcome && (w.Code != http.StatusMisdirectedRequest || !strings.Contains(w.Body.String(), "Open it as localhost")) {
			t.Errorf("%q: got %d %s, want plain words", tt.host, w.Code, w.Body)
		}
	}
}

func TestSecureRefusesWhatOthersSend(t *testing.T) {
	served := 0
	h := Secure(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ }))
	tests := []struct {
		method, header, value string
		code                  int
	}{
		{http.MethodPost, "Sec-Fetch-Site", "cross-site", http.StatusForbidden},
		{http.MethodPost, "Sec-Fetch-Site", "same-site", http.StatusForbidden},
		{http.MethodPost, "Origin", "https://evil.example", http.StatusForbidden},
		{http.MethodPost, "Origin", "null", http.StatusForbidden},
		{http.MethodPost, "Sec-Fetch-Site", "same-origin", http.StatusOK},
		{http.MethodPost, "Origin", "http://localhost:8090", http.StatusOK},
		{http.MethodPost, "Accept", "*/*", http.StatusOK}, // no browser
		{http.MethodGet, "Sec-Fetch-Site", "cross-site", http.StatusOK},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(tt.method, "http://localhost:8090/", http.NoBody)
		r.Header.Set(tt.header, tt.value)
		w, before := httptest.NewRecorder(), served
		h.ServeHTTP(w, r)
		if w.Code != tt.code || (served > before) != (tt.code == http.StatusOK) {
			t.Errorf("%s with %s: %s: got %d, served %d, want %d", tt.method, tt.header, tt.value, w.Code, served-before, tt.code)
		}
		if w.Code == http.StatusForbidden && !strings.Contains(w.Body.String(), "nothing was changed") {
			t.Errorf("got %q, want plain words", w.Body)
		}
	}
}
