package slack_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// TestHistory: newest first, in pages, within the window.
func TestHistory(t *testing.T) {
	t.Parallel()
	w := open(t, slack.Options{Unlimited: true})
	var stamps []string
	for i := range 250 {
		stamps = append(stamps, w.post(t, "text", strconv.Itoa(i)).TS)
	}
	for i := 1; i < len(stamps); i++ {
		if stamps[i] <= stamps[i-1] {
			t.Fatalf("time stamp %s comes after %s", stamps[i], stamps[i-1])
		}
	}
	read := func(arguments ...string) (texts []string, pages int) {
		cursor := ""
		for {
			got := w.call(t, "conversations.history", append([]string{"channel", channel, "cursor", cursor}, arguments...)...)
			if !got.OK {
				t.Fatalf("got %+v", got)
			}
			pages++
			for _, m := range got.Messages {
				texts = append(texts, m.Text)
			}
			if cursor = got.ResponseMetadata.Cursor; cursor == "" || !got.HasMore {
				return texts, pages
			}
		}
	}
	for _, test := range []struct {
		arguments    []string
		first, last  string
		count, pages int
	}{
		{nil, "249", "0", 250, 3},
		{[]string{"limit", "999"}, "249", "0", 250, 1},
		{[]string{"limit", "125"}, "249", "0", 250, 2},
		{[]string{"oldest", stamps[10], "latest", stamps[20]}, "19", "11", 9, 1},
		{[]string{"oldest", stamps[10], "latest", stamps[20], "inclusive", "1"}, "20", "10", 11, 1},
		{[]string{"oldest", "1"}, "249", "0", 250, 3},
		{[]string{"latest", "1"}, "", "", 0, 1},
	} {
		got, pages := read(test.arguments...)
		first, last := "", ""
		if len(got) > 0 {
			first, last = got[0], got[len(got)-1]
		}
		if len(got) != test.count || pages != test.pages || first != test.first || last != test.last {
			t.Errorf("%q: got %d from %s to %s in %d pages, want %+v", test.arguments, len(got), first, last, pages, test)
		}
	}
	wantError(t, w.call(t, "conversations.history", "channel", channel, "limit", "1000"), "invalid_limit")
	wantError(t, w.call(t, "conversations.history", "channel", channel, "cursor", "%"), "invalid_cursor")
	wantError(t, w.call(t, "conversations.history", "channel", channel, "oldest", "soon"), "invalid_ts_oldest")
	wantError(t, w.call(t, "conversations.history", "channel", channel, "latest", "1.x"), "invalid_ts_latest")
}

// TestMarks: metadata is shown where it is asked for, block ids are made where there are none; the switches take both.
func TestMarks(t *testing.T) {
	t.Parallel()
	for name, switches := range map[string]slack.Switches{
		"as observed": {}, "metadata": {MetadataDropped: true}, "block ids": {BlockIDsReplaced: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, slack.Options{Switches: switches})
			posted := w.post(t, "text", "a", "metadata", `{"event_type":"e","event_payload":{"id":"1"}}`,
				"blocks", `[{"type":"divider","block_id":"mine"},{"type":"divider"}]`)
			if switches.MetadataDropped != (posted.Warning != "") {
				t.Errorf("got warning %q", posted.Warning)
			}
			if got := w.call(t, "conversations.history", "channel", channel); got.Messages[0].Metadata != nil {
				t.Error("metadata is shown to who did not ask for it")
			}
			got := w.call(t, "conversations.history", "channel", channel, "include_all_metadata", "true").Messages[0]
			if shown := got.Metadata != nil; shown == switches.MetadataDropped {
				t.Errorf("got metadata %+v", got.Metadata)
			}
			if mine := got.Blocks[0]["block_id"] == "mine"; mine == switches.BlockIDsReplaced {
				t.Errorf("got block id %v", got.Blocks[0]["block_id"])
			}
			if id, _ := got.Blocks[1]["block_id"].(string); id == "" {
				t.Error("a block has no id")
			}
			if kept := w.Messages(channel)[0]; kept.Metadata == nil || kept.Blocks[0]["block_id"] != "mine" {
				t.Errorf("got %+v, want what was sent", kept)
			}
		})
	}
}

func TestThreads(t *testing.T) {
	t.Parallel()
	w := open(t, slack.Options{})
	parent := w.post(t, "text", "parent").TS
	w.post(t, "text", "reply", "thread_ts", parent)
	w.post(t, "text", "loud reply", "thread_ts", parent, "reply_broadcast", "true")
	w.post(t, "text", "lost reply", "thread_ts", "1.000000")
	texts := func(a answer) string {
		var all []string
		for _, m := range a.Messages {
			all = append(all, m.Text)
		}
		return strings.Join(all, ", ")
	}
	if got, want := texts(w.call(t, "conversations.history", "channel", channel)), "lost reply, loud reply, parent"; got != want {
		t.Errorf("history: got %s, want %s", got, want)
	}
	if got, want := texts(w.call(t, "conversations.replies", "channel", channel, "ts", parent)), "parent, reply, loud reply"; got != want {
		t.Errorf("replies: got %s, want %s", got, want)
	}
	wantError(t, w.call(t, "conversations.replies", "channel", channel, "ts", "1.000000"), "thread_not_found")
}

// TestMembership: who may read what.
func TestMembership(t *testing.T) {
	t.Parallel()
	w := open(t, slack.Options{
		Scopes:   []string{"channels:history", "channels:read"},
		Users:    map[string]string{"anna@contoso.com": "U0ANNA"},
		Channels: []slack.Channel{{ID: "C1", Outside: true}, {ID: "G1", Private: true}, {ID: "G2", Private: true, Outside: true}},
	})
	for _, method := range []string{"conversations.history", "conversations.replies"} {
		wantError(t, w.call(t, method, "channel", "C1"), "not_in_channel")
		wantError(t, w.call(t, method, "channel", "G1"), "missing_scope")
		wantError(t, w.call(t, method, "channel", "G2"), "channel_not_found")
	}
	if got := w.call(t, "conversations.info", "channel", "C1"); !strings.Contains(string(got.Channel), `"is_member":false`) {
		t.Errorf("info: got %s", got.Channel)
	}
	wantError(t, w.call(t, "conversations.info", "channel", "G1"), "missing_scope")
	wantError(t, w.call(t, "conversations.info", "channel", "C9"), "channel_not_found")
	wantError(t, w.call(t, "users.lookupByEmail", "email", "anna@contoso.com"), "missing_scope")
	w.SetScopes("users:read.email")
	if got := w.call(t, "users.lookupByEmail", "email", "Anna@contoso.com"); !strings.Contains(string(got.User), `"U0ANNA"`) {
		t.Errorf("lookup: got %+v", got)
	}
	wantError(t, w.call(t, "users.lookupByEmail", "email", "other@contoso.com"), "users_not_found")
}

// TestFaultsOfTheBoard: what a fault's name says of the effect is true.
func TestFaultsOfTheBoard(t *testing.T) {
	t.Parallel()
	for _, kind := range []fault.Kind{fault.Before, fault.Reset, fault.After, fault.AfterReset, fault.TooMany} {
		board := fault.NewBoard()
		w := open(t, slack.Options{Board: board})
		board.Script("chat.postMessage", kind)
		form := "token=" + slack.DefaultToken + "&text=a&channel=" + channel
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"chat.postMessage", strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			if response.StatusCode == http.StatusOK {
				t.Errorf("%s: got %s", kind, response.Status)
			}
			_ = response.Body.Close()
		}
		if got := len(w.Messages(channel)) == 1; got != kind.Happens() {
			t.Errorf("%s: got a message: %t", kind, got)
		}
	}
}

// TestClocks: history shows messages late, and Slack's clock goes as the switches say.
func TestClocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := slack.New(slack.Options{
			Channels: []slack.Channel{{ID: channel}},
			Switches: slack.Switches{VisibleAfter: 3 * time.Second, ClockAhead: time.Hour},
		})
		call := func(method, arguments string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet,
				"/api/"+method+"?token="+slack.DefaultToken+"&channel="+channel+arguments, http.NoBody)
			recorder := httptest.NewRecorder()
			server.ServeHTTP(recorder, r)
			return recorder
		}
		posted := call("chat.postMessage", "&text=late")
		now := time.Now().Add(time.Hour)
		if got := posted.Header().Get("Date"); got != now.UTC().Format(http.TimeFormat) {
			t.Errorf("got date %s, want an hour ahead", got)
		}
		if want := fmt.Sprintf(`"ts":"%d.000000"`, now.Unix()); !strings.Contains(posted.Body.String(), want) {
			t.Errorf("got %s, want %s in it", posted.Body, want)
		}
		server.Say(channel, "at once")
		for _, want := range []bool{false, true} {
			if want {
				time.Sleep(3 * time.Second)
			}
			got := call("conversations.history", "").Body.String()
			if strings.Contains(got, "late") != want || !strings.Contains(got, "at once") {
				t.Errorf("late shows: got %s, want %t", got, want)
			}
			if !want && len(server.Messages(channel)) != 2 {
				t.Error("the message is not there at all")
			}
		}
	})
}

func TestLines(t *testing.T) {
	t.Parallel()
	w := open(t, slack.Options{})
	w.post(t, "text", "only text")
	w.post(t, "text", "notification", "blocks", `[{"type":"section","text":{"type":"mrkdwn","text":"*A*\nb"}},{"type":"divider"},
		{"type":"context","elements":[{"type":"mrkdwn","text":"By Anna"}]}]`)
	messages := w.Messages(channel)
	for i, want := range []string{"only text", "*A*\nb|---|By Anna"} {
		if got := strings.Join(messages[i].Lines(), "|"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
