package main

import (
	"bytes"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/journal"
)

func TestPointInTime(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"":                          {},
		"30m":                       now.Add(-30 * time.Minute),
		"7d":                        now.Add(-7 * 24 * time.Hour),
		"2026-03-01":                time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		"2026-03-01T08:00:00Z":      time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC),
		"2026-03-01T08:00:00+02:00": time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC),
		"2026-03-01 08:00:00.500Z":  time.Date(2026, 3, 1, 8, 0, 0, 500_000_000, time.UTC), // as lists print it
		"2026-03-01 08:00":          time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC),
	} {
		if got, err := pointInTime("--since", text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "2h30m", "-1h", "2026-13-01", "d", "9999999h"} {
		if got, err := pointInTime("--since", text, now); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

func TestHintForAType(t *testing.T) {
	for kind, want := range map[string]string{
		"":                "",
		"Project:Updated": "",
		"project:updated": "did you mean Project:Updated?",
		"KeyDate:Updatd":  "did you mean KeyDate:Updated?",
		"Risk:Escalated":  "the types of PPM Express are Project:Created, ",
	} {
		if got := (&selection{kind: kind}).hint(); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", kind, got, want)
		}
	}
}

// Each route of today, in the order of the file, with its line; then those that are gone.
func TestWhy(t *testing.T) {
	cfg, err := config.Parse("relay.yaml", []byte(`server: { secrets: [a-secret-for-tests-only] }
routes:
  - name: slips
    events: ["*"]
    when: changed("FinishDate")
    file: { path: a.csv }
  - { name: rest, events: ["*"], file: { path: a.csv } }
  - { name: new, events: ["*"], file: { path: b.csv } }
`), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	planned := journal.Entry{Number: 7, Planned: true, Incoming: journal.Incoming{Type: "Project:Updated"}}
	with := func(change func(*journal.Entry)) journal.Entry {
		e := planned
		change(&e)
		return e
	}
	told := journal.DeliveryStory{Target: "file:a.csv", Route: "slips", State: journal.Skipped, Reason: "every change was taken back by a later one", Generation: 1}
	again := journal.DeliveryStory{Target: "file:a.csv", Route: "slips", State: journal.Pending, Generation: 2}
	for _, test := range []struct {
		name  string
		story journal.Story
		want  string
	}{
		{
			"told, and told by another",
			journal.Story{Entry: planned, Deliveries: []journal.DeliveryStory{told}, Verdicts: []journal.Verdict{{Route: "rest", Reason: "told by route slips"}}},
			`relay.yaml:3  slips  takes it, for file:a.csv: skipped: every change was taken back by a later one
                     when: changed("FinishDate")
relay.yaml:7  rest   not told: told by route slips
relay.yaml:8  new    not asked: the configuration did not have the route then
`,
		},
		{
			"a condition, a route that is gone, late",
			journal.Story{
				Entry:      with(func(e *journal.Entry) { e.Late = true }),
				Deliveries: []journal.DeliveryStory{{Target: "file:a.csv", Route: "rest", State: journal.Delivered, Generation: 1}},
				Verdicts: []journal.Verdict{
					{Route: "old", Reason: "takes Task:* only"},
					{Route: "slips", Reason: `its condition does not hold: changed("FinishDate")`},
				},
			},
			`all routes: arrived late, when newer changes were known: told as such
relay.yaml:3     slips  not told: its condition does not hold: changed("FinishDate")
relay.yaml:7     rest   told to file:a.csv: delivered
relay.yaml:8     new    not asked: the configuration did not have the route then
no longer there  old    not told: takes Task:* only
`,
		},
		{
			"a twin, told again by a person",
			journal.Story{Entry: planned, Deliveries: []journal.DeliveryStory{again}, Verdicts: []journal.Verdict{{Reason: "twin of event 6"}}},
			`all routes: twin of event 6
relay.yaml:3  slips  takes it again (replay 1), for file:a.csv: pending
                     when: changed("FinishDate")
relay.yaml:7  rest   not asked
relay.yaml:8  new    not asked
`,
		},
		{
			"not planned yet",
			journal.Story{Entry: with(func(e *journal.Entry) { e.Planned = false })},
			`relay.yaml:3  slips  not asked yet: the event waits
relay.yaml:7  rest   not asked yet: the event waits
relay.yaml:8  new    not asked yet: the event waits
`,
		},
		{
			"in quarantine",
			journal.Story{Entry: with(func(e *journal.Entry) { e.Quarantine = "no \x1b[2J JSON" })},
			`all routes: its body cannot be read: no ·[2J JSON
relay.yaml:3  slips  not asked
relay.yaml:7  rest   not asked
relay.yaml:8  new    not asked
`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := (&app{out: &out}).printReasons(explain(cfg, "relay.yaml", test.story)); err != nil {
				t.Fatal(err)
			}
			head, got, _ := strings.Cut(out.String(), "\n")
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if !strings.HasPrefix(head, "event 7, Project:Updated, received") {
				t.Errorf("got the head %q", head)
			}
		})
	}
}

// Programs read apart whether a route takes an event, and whether it was told.
func TestWhyTellsTakenFromTold(t *testing.T) {
	for state, told := range map[journal.State]bool{
		journal.Pending: false, journal.Uncertain: false, journal.Skipped: false, journal.Buried: false, journal.Delivered: true,
	} {
		got := decided(journal.Story{Deliveries: []journal.DeliveryStory{{Route: "r", Target: "slack:C1", State: state}}}, "r")
		if len(got) != 1 || !got[0].Taken || got[0].Told != told {
			t.Errorf("%s: got %+v, want it taken, and told %t", state, got, told)
		}
		if text := got[0].text(); strings.HasPrefix(text, "told to slack:C1") != told {
			t.Errorf("%s: got %q", state, text)
		}
	}
	if got := decided(journal.Story{Verdicts: []journal.Verdict{{Route: "r", Reason: "takes others only"}}}, "r"); got[0].Taken || got[0].Told {
		t.Errorf("got %+v, want it neither taken nor told", got)
	}
}

// What a replay would send stands in plain words, target by target.
func TestReplayInWords(t *testing.T) {
	targets := []control.Target{{Target: "slack:C1", Deliveries: 20}, {Target: "slack:C2", Deliveries: 17}, {Target: "sheet:1AbC/Changes", Deliveries: 20}}
	var many []int64
	for n := range int64(12) {
		many = append(many, 12-n)
	}
	for _, test := range []struct {
		name string
		act  act
		dry  bool
		want string
	}{
		{"dry", replayed{Replayed: control.Replayed{Events: 20, Targets: targets}}, true, `would send 37 to 2 channels, 20 to 1 tab
  slack:C1           20
  slack:C2           17
  sheet:1AbC/Changes  20
`},
		{"done", replayed{Replayed: control.Replayed{Events: 1, Targets: targets[:1]}}, false, "sending 20 to 1 channel\n  slack:C1  20\n"},
		{"none", replayed{}, true, "no event matches\n"},
		{
			"nothing to send",
			replayed{Replayed: control.Replayed{Events: 13, Waiting: many, Untaken: []int64{20}}},
			true,
			"nothing to send\n12 events waiting anyway, and left so: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more\n1 event that no route takes today: 20\n",
		},
		{
			"not for this target",
			replayed{control.Replayed{Events: 1, Untaken: []int64{42}}, "slack:C1"},
			true,
			"nothing to send\n1 event that no route takes to slack:C1 today: 42\n",
		},
		{
			"released",
			released{control.Released{
				Released: []int64{3, 5}, Duplicates: []control.Left{{Number: 6, Why: "event 2 is the same"}}, Left: []control.Left{{Number: 7, Why: "not JSON\x1b"}},
			}},
			false,
			"2 bodies can be read by now and are told: 3, 5\n1 body told already\n  6  event 2 is the same\n1 body left as it is\n  7  not JSON·\n",
		},
		{"would be released", released{control.Released{Released: []int64{3}}}, true, "1 body can be read by now and would be told: 3\n"},
		{"empty", released{}, false, "nothing is in quarantine\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := test.act.tell(&out, test.dry); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(strings.Fields(out.String()), " "); got != strings.Join(strings.Fields(test.want), " ") {
				t.Errorf("got\n%s\nwant\n%s", out.String(), test.want)
			}
		})
	}
}

// On a terminal a person is asked, after seeing what would be done.
func TestReplayAsks(t *testing.T) {
	for answer, want := range map[string]bool{"yes\n": true, "Y\n": true, "no\n": false, "\n": false, "": false} {
		var out bytes.Buffer
		asked := 0
		do := func(dry bool) (act, error) {
			if asked++; !dry {
				t.Error("done before the answer")
			}
			return replayed{Replayed: control.Replayed{Events: 1, Targets: []control.Target{{Target: "slack:C1", Deliveries: 1}}}}, nil
		}
		sure, err := (&app{out: &out}).sure(do, strings.NewReader(answer))
		if err != nil || sure != want || asked != 1 {
			t.Errorf("%q: got %v, %v, asked %d times, want %v", answer, sure, err, asked, want)
		}
		if !strings.HasPrefix(out.String(), "would send 1 to 1 channel") {
			t.Errorf("%q: got %q, want what would be sent", answer, out.String())
		}
	}
	nothing := func(bool) (act, error) { return replayed{}, nil }
	if sure, err := (&app{out: &bytes.Buffer{}}).sure(nothing, strings.NewReader("yes\n")); sure || err != nil {
		t.Errorf("got %v, %v, want that there is nothing to do", sure, err)
	}
}

func TestReplayUsage(t *testing.T) {
	good := writeFile(t, filepath.Join(t.TempDir(), "good.yaml"), goodConfig)
	for _, test := range []struct {
		args string
		code int
		say  string
	}{
		{"", exitWrong, "say which events"},
		{"x", exitWrong, "not the number of an event"},
		{"-- -3", exitWrong, "not the number of an event"},
		{"3 --state buried", exitWrong, "not both"},
		{"--state lost", exitWrong, "write one of"},
		{"--since 1h --until 2h", exitWrong, "nothing lies between"},
		{"--since yesterday", exitWrong, "write how long ago"},
		{"--quarantine --type Project:Updated", exitWrong, "leave the other flags out"},
		{"3", exitFailed, "no ppmrelay runs on this journal: start ppmrelay serve"},
		{"--quarantine", exitFailed, "no ppmrelay runs"},
	} {
		code, stdout, stderr := ppmrelay(t, append([]string{"events", "replay", "--config", good}, strings.Fields(test.args)...)...)
		if code != test.code || !strings.Contains(stderr, test.say) || stdout != "" {
			t.Errorf("%s: got %d, %q%q, want %d and %q", test.args, code, stdout, stderr, test.code, test.say)
		}
	}
}

func TestReplayRequest(t *testing.T) {
	o := replayOptions{selection: selection{kind: "Project:Updated", state: "buried", since: "2026-03-01", until: "2026-03-02"}, dry: true}
	got, err := o.ask(nil)
	want := control.Replay{Dry: true, Filter: &control.Filter{
		Type: "Project:Updated", State: "buried",
		Since: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	got, err = replayOptions{}.ask([]string{"7", "3", "7"})
	if err != nil || !reflect.DeepEqual(got, control.Replay{Numbers: []int64{3, 7}}) {
		t.Errorf("got %+v, %v, want 3 and 7", got, err)
	}
}
