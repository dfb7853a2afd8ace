package slack_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	api "github.com/slack-go/slack"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// condition finds a condition by its name.
func (w workspace) condition(t *testing.T, name string) fault.Condition {
	t.Helper()
	all := w.Conditions()
	i := slices.IndexFunc(all, func(c fault.Condition) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("there is no condition %q", name)
	}
	return all[i]
}

// set brings a condition about, or takes it back: twice, which is the same as once.
func (w workspace) set(t *testing.T, name, where string, on bool) {
	t.Helper()
	for range 2 {
		if err := w.condition(t, name).Set(on, where); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// refusal returns the code with which the library says that posting was refused, "" when it was not.
func (w workspace) refusal(t *testing.T) string {
	t.Helper()
	_, _, err := w.client().PostMessageContext(t.Context(), channel, api.MsgOptionText("a", false))
	if refused, ok := errors.AsType[api.SlackErrorResponse](err); ok {
		return refused.Err
	}
	if err != nil {
		t.Fatal(err)
	}
	return ""
}

// TestConditions: each refuses a message with its code, and lets it pass again when it is over.
func TestConditions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ where, code string }{
		"channel-archived":  {channel, "is_archived"},
		"channel-read-only": {channel, "restricted_action_read_only_channel"},
		"bot-removed":       {channel, "not_in_channel"},
		"token-revoked":     {"", "token_revoked"},
		"token-expired":     {"", "token_expired"},
		"scope-missing":     {"chat:write", "missing_scope"},
		"over-plan":         {"", "message_limit_exceeded"},
		"clock-ahead":       {"", ""},
		"clock-behind":      {"", ""},
	}
	for _, condition := range open(t, slack.Options{}).Conditions() {
		t.Run(condition.Name, func(t *testing.T) {
			t.Parallel()
			tt, ok := tests[condition.Name]
			if !ok || condition.Words == "" || (condition.Where == "") != (tt.where == "") {
				t.Fatalf("got %+v, and no test for it", condition)
			}
			w := open(t, slack.Options{Unlimited: true})
			for _, step := range []struct {
				on   bool
				want string
			}{{true, tt.code}, {false, ""}, {true, tt.code}, {false, ""}} {
				w.set(t, condition.Name, tt.where, step.on)
				if got := w.refusal(t); got != step.want {
					t.Errorf("on %t: got %q, want %q", step.on, got, step.want)
				}
			}
			messages := 2 // while it was over
			if tt.code == "" {
				messages = 4
			}
			if got := len(w.Messages(channel)); got != messages {
				t.Errorf("got %d messages, want %d", got, messages)
			}
		})
	}
}

// TestConditionsOfReading: a bot that was removed cannot look, either, nor one that lost the scope.
func TestConditionsOfReading(t *testing.T) {
	t.Parallel()
	w := open(t, slack.Options{Unlimited: true})
	for name, tt := range map[string]struct{ where, code string }{
		"bot-removed":   {channel, "not_in_channel"},
		"scope-missing": {"channels:history", "missing_scope"},
		"token-expired": {"", "token_expired"},
	} {
		w.set(t, name, tt.where, true)
		wantError(t, w.call(t, "conversations.history", "channel", channel), tt.code)
		w.set(t, name, tt.where, false)
		if got := w.call(t, "conversations.history", "channel", channel); !got.OK {
			t.Errorf("%s is over: got %+v", name, got)
		}
	}
	w.set(t, "over-plan", "", true)
	if got := w.call(t, "conversations.history", "channel", channel); !got.OK {
		t.Errorf("over the plan: got %+v, want that only posting is refused", got)
	}
}

func TestClockConditions(t *testing.T) {
	t.Parallel()
	w := open(t, slack.Options{Switches: slack.Switches{ClockAhead: time.Hour}})
	off := func() time.Duration {
		seconds, err := strconv.ParseFloat(w.post(t, "text", "a").TS, 64)
		if err != nil {
			t.Fatal(err)
		}
		return time.Until(time.Unix(int64(seconds), 0)).Round(time.Minute)
	}
	w.set(t, "clock-ahead", "", true)
	if got := off(); got != 90*time.Minute {
		t.Errorf("ahead: got a time stamp %v from now", got)
	}
	w.set(t, "clock-ahead", "", false)
	date, err := time.Parse(time.RFC1123, w.call(t, "auth.test").header.Get("Date"))
	if got := time.Until(date).Round(time.Minute); err != nil || got != time.Hour {
		t.Errorf("over: got a date %v from now, %v", got, err)
	}
}

func TestConditionsThatCannotBe(t *testing.T) {
	t.Parallel()
	w := open(t, slack.Options{})
	for name, tt := range map[string]struct{ where, say string }{
		"channel-archived": {"C0OTHER", "but " + channel},
		"scope-missing":    {"chat:wirte", "but chat:write,"},
	} {
		if err := w.condition(t, name).Set(true, tt.where); err == nil || !strings.Contains(err.Error(), tt.say) {
			t.Errorf("%s: got %v, want an error that says %q", name, err, tt.say)
		}
	}
	if got := w.refusal(t); got != "" {
		t.Errorf("got %q, want that nothing has changed", got)
	}
}
