package page

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fixed is a relay that always says the same.
type fixed struct {
	way   Way
	err   error
	asked *int
}

func (f fixed) Way(context.Context) (Way, error) {
	if f.asked != nil {
		*f.asked++
	}
	return f.way, f.err
}

func (f fixed) Story(_ context.Context, number int64) (string, bool, error) {
	switch number {
	case 7:
		return "line 1\n<script>line 2</script>", true, nil
	case 8:
		return "", false, errors.New("the journal is closed")
	default:
		return "", false, nil
	}
}

func TestStrip(t *testing.T) {
	way := Way{
		Received: 1247, Journalled: 1247, Messages: 318, Rows: 3871, Answered: 3 * time.Millisecond,
		Slack: Stop{After: 400 * time.Millisecond}, Sheet: Stop{Waiting: 212, Trouble: "Out of quota", Again: time.Now().Add(38500 * time.Millisecond)},
		Last: Track{
			Number: 7, Title: "Project updated", Name: "Customer Portal", Received: time.Date(2026, 2, 15, 14, 20, 45, 31e6, time.UTC),
			Journalled: 3 * time.Millisecond, Told: 410 * time.Millisecond, Sheet: "waits",
		},
	}
	page, _ := open(t, fixed{way: way}).get(t, "/")
	got := strings.Join(strings.Fields(strings.Join(page.Text("div", "id", "part-way"), "")), " ")
	for _, want := range []string{
		"1,247received", "answered 202 in 3 ms", "318messages told", "0.4 s after the edit", "3,871rows written", "Out of quota 212 changes wait, again in 3", "0lost0twice",
		"Project updated: Customer Portal", "received 14:20:45.031", "journalled +3 ms", "told +0.41 s", "sheet: waits", "Slack works. The sheet: Out of quota. Nothing is lost, nothing is told twice.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwant %q in it", got, want)
		}
	}
	if links := page.Values("a", "href"); !strings.Contains(strings.Join(links, " "), "/events/7") {
		t.Errorf("got links to %q, want the story", links)
	}
}

func TestStripInTrouble(t *testing.T) {
	tests := []struct {
		relay fixed
		say   string
	}{
		{fixed{err: errors.New("the journal is closed")}, "The relay does not say how far it is: the journal is closed"},
		{fixed{way: Way{Lost: 2, Twice: 1}}, "2 lost, 1 twice."},
		{fixed{way: Way{Slack: Stop{Trouble: "Slack down", Waiting: 1, Again: time.Now().Add(-time.Hour)}}}, "1 change waits"},
		{fixed{way: Way{Slack: Stop{Waiting: 3}}}, "3 on the way to Slack"},
		{fixed{way: Way{Refused: "answered 503", Answered: 1}}, "Not taken answered 503"},
		{fixed{way: Way{Sheet: Stop{Trouble: "Gone", Why: "target-gone: no tab <Changes>"}}}, "Gone: target-gone: no tab <Changes>. What waits"},
		{fixed{}, "Nothing has happened yet"},
		{fixed{way: Way{Last: Track{Number: 1, Title: "Idea deleted", Slack: "skipped"}}}, "not journalled yet"},
	}
	for _, tt := range tests {
		page, _ := open(t, tt.relay).get(t, "/part/way")
		if got := strings.Join(page.Text("div", "id", "part-way"), ""); !strings.Contains(got, tt.say) {
			t.Errorf("got %s, want %q in it", got, tt.say)
		}
	}
}

func TestStory(t *testing.T) {
	v := open(t, fixed{})
	page, _ := v.get(t, "/events/7")
	if got := page.Text("pre", "", ""); len(got) != 1 || got[0] != "line 1\n<script>line 2</script>" {
		t.Errorf("got %q, want the story", got)
	}
	for address, code := range map[string]int{"/events/8": http.StatusInternalServerError, "/events/9": http.StatusNotFound, "/events/-1": http.StatusNotFound, "/events/99999999999999999999": http.StatusNotFound} {
		w := v.ask(http.MethodGet, address, nil)
		if w.Code != code || !strings.Contains(w.Body.String(), "<h1>Nothing here</h1>") {
			t.Errorf("%s: got %d %s, want %d", address, w.Code, w.Body, code)
		}
	}
	if got := open(t, nil).ask(http.MethodGet, "/events/7", nil).Code; got != http.StatusNotFound {
		t.Errorf("without a relay: got %d, want 404", got)
	}
}

// TestRelayIsAskedSeldom: a few times a second, however many look.
func TestRelayIsAskedSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		w := &wayfarer{relay: fixed{way: Way{Rows: 1}, asked: &asked}}
		for range 100 {
			if way, err := w.now(t.Context()); err != nil || way.Rows != 1 {
				t.Fatalf("got %v, %v", way, err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if asked < 3 || asked > 4 {
			t.Errorf("asked %d times in a second, want 3 or 4", asked)
		}
	})
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 3400 * time.Microsecond: "3 ms", 120 * time.Millisecond: "0.12 s", 400 * time.Millisecond: "0.4 s", time.Second: "1 s",
		1120 * time.Millisecond: "1.12 s", 38 * time.Second: "38 s", 5 * time.Minute: "5 min",
	} {
		if got := seconds(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234", -123: "-123"} {
		if got := count(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	for _, tt := range []struct {
		names []string
		want  string
	}{{nil, "nobody"}, {[]string{"A"}, "A"}, {[]string{"A", "B"}, "A, B"}, {[]string{"A", "B", "C"}, "A and 2 more"}} {
		if got := people(tt.names); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
