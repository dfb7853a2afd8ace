package ppm

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// bring makes a condition true, or false again: twice, which is the same as once.
func bring(t *testing.T, s *Server, name, where string, on bool) {
	t.Helper()
	all := s.Conditions()
	i := slices.IndexFunc(all, func(c fault.Condition) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("there is no condition %q", name)
	}
	for range 2 {
		if err := all[i].Set(on, where); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// get asks for something over a real connection, and returns status and headers.
func get(t *testing.T, s *Server, path string) (int, http.Header) {
	t.Helper()
	server := httptest.NewServer(s)
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/@contoso/v1.0/"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+DefaultToken)
	answer, err := (&http.Client{}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode, answer.Header
}

// TestConditionsThatRefuse: each refuses a request in its way, and lets it pass again when it is over.
func TestConditionsThatRefuse(t *testing.T) {
	tests := map[string]struct {
		path       string
		status     int
		retryAfter string
	}{
		"token-expired":   {"Projects", 401, ""},
		"token-revoked":   {"Projects", 401, ""},
		"permission-gone": {"Webhooks", 401, ""},
		"rate-limited":    {"Projects", 429, "1"},
	}
	for name, tt := range tests {
		s := New(Options{})
		for range 2 {
			bring(t, s, name, "", true)
			if status, header := get(t, s, tt.path); status != tt.status || header.Get("Retry-After") != tt.retryAfter {
				t.Errorf("%s: got %d, Retry-After %q, want %+v", name, status, header.Get("Retry-After"), tt)
			}
			bring(t, s, name, "", false)
			if status, _ := get(t, s, tt.path); status != http.StatusOK {
				t.Errorf("%s is over: got %d", name, status)
			}
		}
	}
}

// TestAFaultComesBeforeACondition: what the board says for a request holds while everything is refused.
func TestAFaultComesBeforeACondition(t *testing.T) {
	s := New(Options{})
	bring(t, s, "rate-limited", "", true)
	s.Board.Script("projects", fault.AfterEmpty)
	if status, _ := get(t, s, "Projects"); status != http.StatusOK {
		t.Errorf("got %d, want the fault's 200", status)
	}
}

func TestRemovedWebhook(t *testing.T) {
	s := New(Options{})
	first := s.AddWebhook(Webhook{EventTypes: []string{"Project:Updated"}, URL: "http://127.0.0.1:1/", Headers: []Header{{"A", "b"}}})
	s.AddWebhook(Webhook{EventTypes: []string{"Task:Updated"}, URL: "http://127.0.0.1:1/"})
	ids := func() (all []string) {
		for _, w := range s.Webhooks() {
			all = append(all, w.ID)
		}
		return all
	}
	bring(t, s, "webhook-removed", "Project:Updated", true)
	if got := ids(); len(got) != 1 || got[0] == first.ID {
		t.Errorf("removed: got %q, want the other one", got)
	}
	bring(t, s, "webhook-removed", "Project:Updated", false)
	if got := s.Webhooks(); len(got) != 2 || got[1].ID != first.ID || got[1].Headers[0].Value != "b" {
		t.Errorf("back: got %+v, want it as it was", got)
	}
	bring(t, s, "webhook-removed", first.ID, true)
	again := s.AddWebhook(Webhook{EventTypes: first.EventTypes, URL: first.URL})
	bring(t, s, "webhook-removed", first.ID, false)
	if got := ids(); len(got) != 2 || got[1] != again.ID {
		t.Errorf("registered anew meanwhile: got %q, want no third one", got)
	}
	if err := s.setRemoved(true, "Idea:Updated"); err == nil || !strings.Contains(err.Error(), `no webhook "Idea:Updated"`) {
		t.Errorf("got %v, want that there is none", err)
	}
}

// TestVanishingWebhooks: what was created is answered as always, and is nowhere.
func TestVanishingWebhooks(t *testing.T) {
	s := New(Options{})
	for _, on := range []bool{true, false} {
		bring(t, s, "webhooks-vanish", "", on)
		answer := asker{t, s}.post()
		made := dataOf[Webhook](t, answer)
		if status := (asker{t, s}).code("GET", "Webhooks/"+made.ID); answer.Code != 201 || made.ID == "" || (status == 404) != on || (len(s.Webhooks()) == 0) != on {
			t.Errorf("on %t: got %d with the id %q, then %d and %d webhooks", on, answer.Code, made.ID, status, len(s.Webhooks()))
		}
	}
}

// TestClocks: time stamps and the header Date go wrong, and right again.
func TestClocks(t *testing.T) {
	for name, want := range map[string]time.Duration{"clock-ahead": skew, "clock-behind": -skew} {
		r := newReceiver(t)
		s := tenantFor(t, r, Options{})
		for _, on := range []bool{false, true, false} {
			bring(t, s, name, "", on)
			s.Create(Entity{Kind: kindProject}, anna())
			got := settled(t, s, r)
			_, header := get(t, s, "Me")
			date, err := http.ParseTime(header.Get("Date"))
			off := time.Until(got[len(got)-1].event.Occurred).Round(time.Minute)
			if on && off != want || !on && off != 0 || err != nil || time.Until(date).Round(time.Minute) != off {
				t.Errorf("%s %t: got a time stamp %v off, a date %v, %v", name, on, off, date, err)
			}
		}
	}
}

func TestDuplicatedDeliveries(t *testing.T) {
	r := newReceiver(t)
	s := tenantFor(t, r, Options{})
	for i, on := range []bool{true, false} {
		bring(t, s, "deliveries-duplicated", "", on)
		s.Create(Entity{Kind: kindProject}, anna())
		if got, want := len(settled(t, s, r)), 2+i; got != want {
			t.Errorf("on %t: got %d deliveries, want %d", on, got, want)
		}
	}
	if got := r.got; got[0].event.MessageID != got[1].event.MessageID || got[1].event.MessageID == got[2].event.MessageID {
		t.Errorf("got messages %s, %s, %s, want the first one twice", got[0].event.MessageID, got[1].event.MessageID, got[2].event.MessageID)
	}
}

// quick answers deliveries without a network, so that a bubble's clock goes on.
type quick struct{ at []time.Time }

func (q *quick) RoundTrip(*http.Request) (*http.Response, error) {
	q.at = append(q.at, time.Now())
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// TestSlowDeliveries: one change is told 3 s late, the next one at once.
func TestSlowDeliveries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := &quick{}
		s := New(Options{Client: &http.Client{Transport: told}})
		s.AddWebhook(Webhook{EventTypes: []string{"Project:Created"}, URL: "http://127.0.0.1:1/"})
		ctx, cancel := context.WithCancel(t.Context())
		go s.Run(ctx)
		for i, want := range []time.Duration{slowness, 0} {
			bring(t, s, "deliveries-slow", "", i == 0)
			began := time.Now()
			s.Create(Entity{Kind: kindProject}, event.Person{})
			if err := s.Idle(t.Context()); err != nil || told.at[i].Sub(began) != want {
				t.Errorf("got it told after %v, %v, want %v", told.at[i].Sub(began), err, want)
			}
		}
		cancel()
	})
}

// TestReorderedDeliveries: some change overtakes another one, which never happens otherwise.
func TestReorderedDeliveries(t *testing.T) {
	for _, on := range []bool{true, false} {
		r := newReceiver(t)
		s := tenantFor(t, r, Options{Seed: 3})
		bring(t, s, "deliveries-reordered", "", on)
		for range 20 {
			s.Create(Entity{Kind: kindProject}, anna())
		}
		inOrder := slices.IsSortedFunc(settled(t, s, r), func(a, b received) int { return a.event.Occurred.Compare(b.event.Occurred) })
		if inOrder == on {
			t.Errorf("on %t: got them in order: %t", on, inOrder)
		}
	}
}

// TestEveryConditionIsTested: whoever adds a condition says in words what it is, and adds it to the tests above.
func TestEveryConditionIsTested(t *testing.T) {
	var names []string
	for _, condition := range New(Options{}).Conditions() {
		names = append(names, condition.Name)
		if condition.Words == "" || condition.Set == nil {
			t.Errorf("got %+v", condition)
		}
	}
	want := []string{
		"token-expired", "token-revoked", "permission-gone", "rate-limited", "webhook-removed", "webhooks-vanish", "clock-ahead", "clock-behind",
		"deliveries-slow", "deliveries-duplicated", "deliveries-reordered",
	}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

// TestConditionsEndAsTheOptionsSay: a switch that is on from the start stays on.
func TestConditionsEndAsTheOptionsSay(t *testing.T) {
	given := Switches{Delay: time.Minute, Duplicates: DuplicatesNewID, Shuffled: true}
	s := New(Options{Switches: given})
	for _, name := range []string{"deliveries-slow", "deliveries-duplicated", "deliveries-reordered"} {
		bring(t, s, name, "", true)
		bring(t, s, name, "", false)
	}
	if s.options.Switches != given {
		t.Errorf("got %+v, want %+v", s.options.Switches, given)
	}
}
