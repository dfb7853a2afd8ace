package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAdmit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		header http.Header
		want   bool
	}{
		{"first secret", http.Header{"Authorization": {"Bearer new"}}, true},
		{"second secret", http.Header{"Authorization": {"Bearer old secret"}}, true},
		{"scheme in lower case", http.Header{"Authorization": {"bearer new"}}, true},
		{"scheme in upper case", http.Header{"Authorization": {"BEARER new"}}, true},
		{"two blanks", http.Header{"Authorization": {"Bearer  new"}}, true},
		{"no header", http.Header{}, false},
		{"empty header", http.Header{"Authorization": {""}}, false},
		{"no scheme", http.Header{"Authorization": {"new"}}, false},
		{"scheme alone", http.Header{"Authorization": {"Bearer"}}, false},
		{"scheme and a blank", http.Header{"Authorization": {"Bearer "}}, false},
		{"another scheme", http.Header{"Authorization": {"Basic new"}}, false},
		{"secret as the scheme", http.Header{"Authorization": {"new Bearer"}}, false},
		{"right secret, wrong scheme", http.Header{"Authorization": {"Token new"}}, false},
		{"another case", http.Header{"Authorization": {"Bearer NEW"}}, false},
		{"beginning", http.Header{"Authorization": {"Bearer ne"}}, false},
		{"more", http.Header{"Authorization": {"Bearer newer"}}, false},
		{"blank behind", http.Header{"Authorization": {"Bearer new "}}, false},
		{"tab for a blank", http.Header{"Authorization": {"Bearer\tnew"}}, false},
		{"both in one", http.Header{"Authorization": {"Bearer new, Bearer old secret"}}, false},
		{"two headers, both right", http.Header{"Authorization": {"Bearer new", "Bearer new"}}, false},
		{"two headers, first right", http.Header{"Authorization": {"Bearer new", "Bearer x"}}, false},
		{"two headers, second right", http.Header{"Authorization": {"Bearer x", "Bearer new"}}, false},
		{"another header", http.Header{"X-Authorization": {"Bearer new"}}, false},
		{"for a proxy", http.Header{"Proxy-Authorization": {"Bearer new"}}, false},
		{"endless", http.Header{"Authorization": {"Bearer " + strings.Repeat("new", 1e5)}}, false},
		{"no text", http.Header{"Authorization": {"Bearer \xff\x00"}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ring, err := newKeyring([]string{"new", "old secret"})
			if err != nil {
				t.Fatal(err)
			}
			if got := ring.admit(test.header, time.Now()); got != test.want {
				t.Errorf("admit %q: got %v, want %v", test.header, got, test.want)
			}
		})
	}
}

func TestKeyringUsage(t *testing.T) {
	t.Parallel()
	ring, err := newKeyring([]string{"new", "old"})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ring.admit(http.Header{"Authorization": {"Bearer old"}}, at)
	ring.admit(http.Header{"Authorization": {"Basic new"}}, at)
	ring.admit(http.Header{"Authorization": {"Bearer neither"}}, at)
	got := ring.usage()
	if len(got) != 2 || !got[0].IsZero() || !got[1].Equal(at) {
		t.Errorf("got %v, want never and %v", got, at)
	}
}

func TestKeyringRefuses(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][]string{nil, {}, {""}, {"good", ""}, {" "}, {"hunter2 "}, {"\thunter2"}, {"hunter2\n"}} {
		_, err := newKeyring(secrets)
		if err == nil {
			t.Errorf("%q: got a keyring, want an error", secrets)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error %q shows the secret", secrets, err)
		}
	}
}
