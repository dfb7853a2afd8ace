package delivery_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// sent makes an event of a line: "w1 p1 A B 10s" is webhook w1, project p1 from stage A to B, 10 s after noon. A "-"
// leaves out what stands there: the webhook's id, the state before, the time stamp. A sixth word is who did it.
func sent(n int, line string) journal.Incoming {
	word := strings.Fields(line + " nobody")
	if word[0] == "-" {
		word[0] = ""
	}
	in := journal.Incoming{
		Received: time.Now(), Type: "Project:Updated", WebhookID: word[0], MessageID: fmt.Sprint("m", n),
		Entity: event.Ref{Kind: event.Project, ID: word[1], Name: word[1]},
	}
	data := fmt.Sprintf(`"Id":%q,"Attributes":{"Name":%[1]q,"Stage":%q}`, word[1], word[3])
	if word[2] != "-" {
		data += fmt.Sprintf(`,"BeforeAttributes":{"Stage":%q,"Name":%q}`, word[2], word[1])
	}
	if after, err := time.ParseDuration(word[4]); err == nil {
		in.Occurred = time.Date(1999, 12, 31, 12, 0, 0, 0, time.UTC).Add(after)
		data += `,"TimeStamp":"` + in.Occurred.Format(time.RFC3339) + `"`
	}
	in.Body = fmt.Appendf(nil, `{"WebhookId":%q,"MessageId":%q,"Data":{%s,"Initiator":{"Id":%q,"FullName":%[4]q}}}`, word[0], in.MessageID, data, word[5])
	sum := sha256.Sum256(in.Body)
	in.Fingerprint = sum[:]
	return in
}

func TestTwinsAreToldOnce(t *testing.T) {
	tests := []struct {
		name   string
		events []string
		want   string // for each event "t" (told) or the number of the one that it is a twin of
	}{
		{"one change by two webhooks", []string{"w1 p A B 0s", "w2 p A B 1s"}, "t 1"},
		{"by three", []string{"w1 p A B 0s", "w2 p A B 1s", "w3 p A B 2s"}, "t 1 1"},
		{"with the same time stamp", []string{"w1 p A B 0s", "w2 p A B 0s"}, "t 1"},
		{"the later time stamp first", []string{"w1 p A B 9s", "w2 p A B 0s"}, "t 1"},
		{"ids in another case", []string{"w1 p A B 0s", "w2 P A B 1s"}, "t t"}, // the name differs as well
		{"one webhook says it twice", []string{"w1 p A B 0s", "w1 p A B 1s"}, "t t"},
		{"one webhook says it twice, another as often", []string{"w1 p A B 0s", "w1 p A B 9s", "w2 p A B 1s", "w2 p A B 10s"}, "t t 1 2"},
		{"in turn", []string{"w1 p A B 0s", "w2 p A B 1s", "w1 p A B 9s", "w2 p A B 10s"}, "t 1 t 3"},
		{"the second webhook says it more often", []string{"w1 p A B 0s", "w2 p A B 1s", "w2 p A B 2s", "w1 p A B 3s"}, "t 1 t 3"},
		{"a webhook is no twin of its own", []string{"w1 p A B 0s", "w2 p A B 600s", "w2 p A B 601s"}, "t t t"},
		{"five minutes apart", []string{"w1 p A B 0s", "w2 p A B 300s"}, "t t"},
		{
			"one is lost on the way of the second webhook",
			[]string{"w1 p A B 0s", "w1 p A B 600s", "w2 p A B 601s", "w1 p A B 1200s", "w2 p A B 1201s"},
			"t t 2 t 4",
		},
		{"one is lost, and the next comes soon", []string{"w1 p A B 0s", "w1 p A B 60s", "w2 p A B 61s", "w1 p A B 120s", "w2 p A B 121s"}, "t t 1 t 2"},
		{"almost five minutes apart", []string{"w1 p A B 0s", "w2 p A B 299s"}, "t 1"},
		{"without the webhook's id", []string{"- p A B 0s", "- p A B 1s"}, "t t"},
		{"one without the webhook's id", []string{"- p A B 0s", "w2 p A B 1s"}, "t t"},
		{"there, back and there", []string{"w1 p A B 0s", "w1 p B A 1s", "w1 p A B 2s"}, "t t t"},
		{"there, back and there without time stamps", []string{"w1 p A B -", "w1 p B A -", "w1 p A B -"}, "t t t"},
		{"there, back and there by changing webhooks", []string{"w1 p A B 0s", "w2 p B A 1s", "w2 p A B 2s"}, "t t t"},
		{
			"there, back and there by two webhooks",
			[]string{"w1 p A B 0s", "w2 p A B 0s", "w2 p B A 1s", "w1 p B A 1s", "w1 p A B 2s", "w2 p A B 2s"},
			"t 1 t 3 t 5",
		},
		{"without time stamps", []string{"w1 p A B -", "w2 p A B -"}, "t 1"},
		{"two entities at the same time", []string{"w1 p A B 0s", "w2 q A B 0s"}, "t t"},
		{"another entity in between", []string{"w1 p A B 0s", "w1 q A B 0s", "w2 p A B 0s"}, "t t 1"},
		{"another state before", []string{"w1 p A B 0s", "w2 p C B 1s"}, "t t"},
		{"no state before", []string{"w1 p A B 0s", "w2 p - B 1s"}, "t t"},
		{"another state after", []string{"w1 p A B 0s", "w2 p A C 1s"}, "t t"},
	}
	var all [][]string
	for _, tt := range tests {
		all = append(all, tt.events)
	}
	// Twins are found within one commit of plans, and by what an earlier process left.
	for _, restarts := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			got := tellTwins(t, all, restarts)
			for i, tt := range tests {
				if got[i] != tt.want {
					t.Errorf("%s, restarts %v: got %q, want %q", tt.name, restarts, got[i], tt.want)
				}
			}
		})
	}
}

// tellTwins plays all cases side by side in one journal, each with entities of its own, and returns what was told.
func tellTwins(t *testing.T, cases [][]string, restarts bool) []string {
	t.Helper()
	r := newRig(t, map[string]*target{"a": {}})
	numbers := make([][]int64, len(cases))
	places := map[string]string{} // number of an event -> its place in its case
	longest := 0
	for _, events := range cases {
		longest = max(longest, len(events))
	}
	for n := range longest {
		for i, events := range cases {
			if n >= len(events) {
				continue
			}
			word := strings.Fields(events[n])
			word[1] += fmt.Sprint("-", i)
			got, err := r.store.Append(t.Context(), sent(len(places), strings.Join(word, " ")))
			if err != nil {
				t.Fatal(err)
			}
			numbers[i] = append(numbers[i], got.Number)
			places[strconv.FormatInt(got.Number, 10)] = strconv.Itoa(n + 1)
		}
		if restarts || n == longest-1 {
			_, stop := r.run()
			time.Sleep(2 * time.Second)
			stop()
		}
	}
	told := make([]string, len(cases))
	for i, events := range numbers {
		var all []string
		for _, number := range events {
			fate := strings.Join(r.fates(number), ", ")
			original, isTwin := strings.CutPrefix(fate, ": twin of event ")
			switch {
			case fate == "a delivered":
				all = append(all, "t")
			case isTwin:
				all = append(all, places[original])
			default:
				all = append(all, fate)
			}
		}
		told[i] = strings.Join(all, " ")
	}
	return told
}

// forgetful marks what it is told to as too old, as the journal does with what is not newer than what it has forgotten.
type forgetful struct {
	delivery.Journal

	tooOld int64
}

func (f forgetful) Unplanned(ctx context.Context, limit int) ([]journal.Entry, error) {
	entries, err := f.Journal.Unplanned(ctx, limit)
	for i := range entries {
		entries[i].TooOld = entries[i].Number <= f.tooOld
	}
	return entries, err
}

func TestWhatIsTooOldIsToldToNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]*target{"a": {}})
		for n, line := range []string{"w1 p A B 0s", "w2 p A B 1s", "w1 q A B 1s"} {
			if _, err := r.store.Append(t.Context(), sent(n, line)); err != nil {
				t.Fatal(err)
			}
		}
		d, err := delivery.New(delivery.Config{
			Journal: forgetful{r.store, 1}, Routes: r.routes, Logger: slog.New(slog.DiscardHandler),
			Targets: []delivery.Target{{ID: "a", Lane: "a", Most: 10, Sink: r.targets["a"]}},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		time.Sleep(time.Second)
		r.want(1, ": too old to know whether it was told already; replay it if not")
		r.want(2, "a delivered") // not a twin of what was not told
		r.want(3, "a delivered")
		if state, err := r.store.Entity(t.Context(), "p"); err != nil || state.Number != 2 {
			t.Errorf("got the state of event %d (%v), want that of event 2", state.Number, err)
		}
		got, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{1}})
		if err != nil || len(got.Targets) != 1 {
			t.Errorf("got %+v (%v), want it replayed", got, err)
		}
		time.Sleep(time.Second)
		r.want(1, ": too old to know whether it was told already; replay it if not", "a delivered")
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
