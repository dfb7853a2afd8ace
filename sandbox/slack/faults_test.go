package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	api "github.com/slack-go/slack"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// client is the library that bots use.
func (w workspace) client() *api.Client {
	return api.New(slack.DefaultToken, api.OptionAPIURL(w.url), api.OptionHTTPClient(&http.Client{}))
}

// untilMet is the context of a caller that gives up as soon as the fault has met it, where there will be no answer.
func untilMet(t *testing.T, board *fault.Board, kind fault.Kind) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	if slices.Contains([]fault.Kind{fault.Hang, fault.AfterHang, fault.LateHang, fault.Slow}, kind) {
		go func() {
			soon(func() bool { return board.Met(kind) == 1 })
			cancel()
		}()
	}
	return ctx
}

// say posts with the library.
func (w workspace) say(ctx context.Context) (ts string, _ error) {
	_, ts, err := w.client().PostMessageContext(ctx, channel, api.MsgOptionText("a", false))
	return ts, err
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// TestFaultsAsTheLibrarySeesThem: each kind reaches a bot as the real Slack would, and has its effect as its rule says.
func TestFaultsAsTheLibrarySeesThem(t *testing.T) {
	t.Parallel()
	broken := func(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
	silent := func(err error) bool { return errors.Is(err, context.Canceled) }
	status := func(want int) func(error) bool {
		return func(err error) bool {
			got, ok := errors.AsType[api.StatusCodeError](err)
			return ok && got.Code == want
		}
	}
	limited := func(err error) bool { return is[*api.RateLimitedError](err) }
	tests := map[fault.Kind]func(error) bool{
		fault.Before: status(500), fault.Reset: broken, fault.Hang: silent,
		fault.TooMany: limited, fault.TooMany.With("-1"): limited, fault.TooMany.With("99999999999"): limited,
		fault.TooMany.With("none"): status(429),
		fault.TooMany.With("1.5"):  is[*strconv.NumError], fault.TooMany.With("date"): is[*strconv.NumError],
		fault.TooMany.With("soon"): is[*strconv.NumError],
		fault.After:                status(500), fault.AfterReset: broken, fault.AfterHang: silent, fault.AfterCut: broken,
		fault.AfterEmpty: func(err error) bool { return err == nil }, // an empty time stamp tells it
		fault.AfterHTML:  is[*json.SyntaxError],
		fault.Slow:       silent,
		fault.Late:       status(500), fault.LateReset: broken, fault.LateHang: silent,
	}
	for _, kind := range fault.All() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := open(t, slack.Options{})
			t.Cleanup(w.Board.Close)
			w.Board.Script("chat.postMessage", kind)
			ts, err := w.say(untilMet(t, w.Board, kind))
			if want := tests[kind]; want == nil || !want(err) || ts != "" {
				t.Errorf("got time stamp %q and %v (%T)", ts, err, err)
			}
			wantEffect(t, w, kind)
		})
	}
}

// wantEffect checks whether a message is there, and whether one lands late.
func wantEffect(t *testing.T, w workspace, kind fault.Kind) {
	t.Helper()
	if kind.Happens() { // a caller that gave up may be ahead of the server
		soon(func() bool { return len(w.Messages(channel)) == 1 })
	}
	if got := len(w.Messages(channel)) == 1; got != kind.Happens() {
		t.Errorf("got a message: %t, want %t", got, kind.Happens())
	}
	if kind.Effect() != fault.Later {
		return
	}
	soon(func() bool { return w.Board.Land() == 1 })
	if got := len(w.Messages(channel)); got != 1 {
		t.Errorf("landed: got %d messages, want 1", got)
	}
}

// soon waits until something is so, but not for ever.
func soon(so func() bool) {
	for over := time.Now().Add(5 * time.Second); !so() && time.Now().Before(over); {
		<-time.After(time.Millisecond)
	}
}

// TestLateMeetsTheWorkspaceOfThen: what lands late is refused by what has become true meanwhile.
func TestLateMeetsTheWorkspaceOfThen(t *testing.T) {
	t.Parallel()
	w := open(t, slack.Options{})
	w.Board.Script("chat.postMessage", fault.LateReset)
	if _, err := w.say(t.Context()); err == nil {
		t.Error("got an answer, want none")
	}
	w.SetChannel(slack.Channel{ID: channel, Archived: true})
	if got := w.Board.Land(); got != 1 || len(w.Messages(channel)) != 0 {
		t.Errorf("got %d landed and %d messages, want one that is refused", got, len(w.Messages(channel)))
	}
}

// TestEndpoints: every method has faults under its name.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	w := open(t, slack.Options{Unlimited: true})
	if len(w.Endpoints()) != 7 {
		t.Errorf("got %q", w.Endpoints())
	}
	for _, method := range w.Endpoints() {
		w.Board.Script(method, fault.AfterEmpty)
		if got := w.call(t, method); got.Error != "" || got.OK {
			t.Errorf("%s: got %+v, want the fault", method, got)
		}
		if got := w.call(t, method); !got.OK && got.Error == "" {
			t.Errorf("%s: got %+v, want its own answer", method, got)
		}
	}
}
