package handlers

import (
	"net/http"
	"slices"
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
			ring, err := newKeyring([]string{"new", "old secret"}, nil, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if got := ring.admit(test.header, time.Now()); got != test.want {
				t.Errorf("admit %q: got %v, want %v", test.header, got, test.want)
			}
		})
	}
}

// Who comes late, or not at all, is seen by when each secret was last used. A new list keeps what is known of those that
// stay, whatever their place.
func TestKeyringUsage(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ring, err := newKeyring([]string{"new", "old"}, nil, at)
	if err != nil {
		t.Fatal(err)
	}
	ring.admit(http.Header{"Authorization": {"Bearer old"}}, at)
	ring.admit(http.Header{"Authorization": {"Basic new"}}, at)
	ring.admit(http.Header{"Authorization": {"Bearer neither"}}, at)
	want := []secretUsage{{1, at, time.Time{}}, {2, at, at}}
	if got := ring.usage(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}

	next, err := newKeyring([]string{"newest", "old"}, ring, at.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	want = []secretUsage{{1, at.Add(time.Hour), time.Time{}}, {2, at, at}}
	if got := next.usage(); !slices.Equal(got, want) {
		t.Errorf("a new list: got %v, want %v", got, want)
	}
	if next.admit(http.Header{"Authorization": {"Bearer new"}}, at) {
		t.Error("a secret that left the list is accepted")
	}
	ring.admit(http.Header{"Authorization": {"Bearer old"}}, at.Add(2*time.Hour)) // a request that began before
	if got := next.usage()[1].LastUsed; !got.Equal(at.Add(2 * time.Hour)) {
		t.Errorf("got %v, want what a request found out that has the old list", got)
	}
}

// Secrets and the bound of bodies change while requests come in: each has the old or the new ones, wholly.
func TestAdmitOthers(t *testing.T) {
	t.Parallel()
	s := newSetup(t, appendFunc(accept))
	post := func(secret string, bytes int) int {
		r := request(t, "/events", strings.Repeat(" ", bytes))
		r.Header.Set("Authorization", "Bearer "+secret)
		return serve(s.Public(), r).Code
	}
	places := s.door.Load().large
	if err := s.Admit([]string{"another", secret}, s.door.Load().maxBody); err != nil {
		t.Fatal(err)
	}
	if s.door.Load().large != places {
		t.Error("the places of large bodies are others, though their bound has not changed")
	}
	if got := [2]int{post("another", 10), post(secret, 10)}; got != [2]int{http.StatusAccepted, http.StatusAccepted} {
		t.Errorf("both secrets: got %v, want 202 twice", got)
	}
	if err := s.Admit([]string{"another"}, 5); err != nil {
		t.Fatal(err)
	}
	if got := [3]int{post("another", 10), post("another", 5), post(secret, 5)}; got != [3]int{413, 202, 401} {
		t.Errorf("the second secret alone, and 5 bytes: got %v, want 413, 202, 401", got)
	}
	if err := s.Admit([]string{""}, 100); err == nil || post("another", 5) != http.StatusAccepted || post("another", 10) != 413 {
		t.Errorf("got %v, want an error, and everything as before", err)
	}
	text := get(t, s.Console(), "/readyz", "*/*").Body.String()
	if !strings.Contains(text, "secret 1: last used ") || strings.Contains(text, "secret 2") {
		t.Errorf("got %q, want the one secret that is left", text)
	}
	if err := s.Admit([]string{"third"}, 0); err != nil || s.door.Load().maxBody != DefaultMaxBody {
		t.Errorf("got %v and a bound of %d, want the default", err, s.door.Load().maxBody)
	}
	if text := get(t, s.Console(), "/readyz", "*/*").Body.String(); !strings.Contains(text, "secret 1: not used since it was added at ") {
		t.Errorf("got %q, want since when the secret is not used", text)
	}
}

func TestKeyringRefuses(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][]string{nil, {}, {""}, {"good", ""}, {" "}, {"hunter2 "}, {"\thunter2"}, {"hunter2\n"}} {
		_, err := newKeyring(secrets, nil, time.Now())
		if err == nil {
			t.Errorf("%q: got a keyring, want an error", secrets)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error %q shows the secret", secrets, err)
		}
	}
}
