package sinktest_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/sinks"
	"github.com/ppmrelay/ppmrelay/sinks/sinktest"
)

const secret = "xoxb-not-to-be-seen"

// board is a target in memory: a table, or a chat in which an effect is one message.
type board struct {
	rows    bool
	lie     string // what its sinks do wrong
	entries []entry
}

type entry struct{ id, text string }

// poster is a sink of a board. It keeps the contract unless the board says how to break it.
type poster struct{ board *board }

func (p poster) Compose(all []sinks.Item, _ bool) ([]byte, int, error) {
	taken := 1
	if p.board.rows {
		taken = min(len(all), 100)
	}
	switch p.board.lie {
	case "takes nothing":
		return nil, 0, nil
	case "takes too much":
		return []byte("[]"), len(all) + 1, nil
	case "is not pure":
		return p.freeze(all[:taken], string(rune('a'+rand.IntN(26)))+string(rune('a'+rand.IntN(26)))), taken, nil
	case "looks at what it does not take":
		return p.freeze(all[:taken], strings.Repeat("x", len(all))), taken, nil
	case "changes the items":
		all[0].Message.Text += "!"
	case "writes when it composes":
		p.board.put(entry{"", "composing"})
	case "takes without freezing":
		return p.freeze(all[:1], ""), taken, nil
	case "shows a secret in the content":
		return p.freeze(all[:taken], secret), taken, nil
	}
	return p.freeze(all[:taken], ""), taken, nil
}

func (p poster) freeze(all []sinks.Item, more string) []byte {
	var texts []string
	for _, item := range all {
		if !p.board.rows {
			texts = append(texts, item.Message.Head+more)
			continue
		}
		for _, row := range item.Rows {
			texts = append(texts, row.Key+" "+row.Cells[2].Text+more)
		}
	}
	if p.board.lie == "changes the order" {
		slices.Reverse(texts)
	}
	content, _ := json.Marshal(texts)
	return content
}

func (p poster) Perform(ctx context.Context, effect sinks.Effect) (sinks.Receipt, error) {
	if ctx.Err() != nil && p.board.lie != "claims nothing when cancelled" {
		return "", sinks.Fail(sinks.Retry, sinks.ReasonInterrupted, "stopped")
	}
	var texts []string
	_ = json.Unmarshal(effect.Content, &texts)
	for _, text := range texts {
		p.board.put(entry{effect.ID, text})
		if p.board.lie == "writes twice" {
			p.board.put(entry{effect.ID, text})
		}
	}
	if ctx.Err() != nil {
		return "", sinks.Fail(sinks.Retry, sinks.ReasonInterrupted, "stopped")
	}
	if p.board.lie == "gives no receipt" {
		return "", nil
	}
	return sinks.Receipt(effect.ID), nil
}

func (p poster) Recall(_ context.Context, effect sinks.Effect) (sinks.Recollection, error) {
	happened := sinks.DidNot
	if slices.ContainsFunc(p.board.entries, func(e entry) bool { return e.id == effect.ID }) {
		happened = sinks.Did
	}
	switch p.board.lie {
	case "always recalls did":
		happened = sinks.Did
	case "always recalls did not":
		happened = sinks.DidNot
	case "cannot tell":
		return sinks.Recollection{Detail: "not a member"}, nil
	case "fails to look":
		return sinks.Recollection{}, errors.New("no answer")
	case "shows a secret when it recalls":
		return sinks.Recollection{Happened: happened, Receipt: "there", Detail: secret}, nil
	}
	return sinks.Recollection{Happened: happened, Receipt: "there"}, nil
}

func (p poster) Told(_ context.Context, events []string, since time.Time) ([]string, error) {
	var told []string
	if since.IsZero() && !p.board.rows && p.board.lie != "keeps a person from hearing it again" {
		return nil, nil
	}
	for _, id := range events {
		known := slices.ContainsFunc(p.board.entries, func(e entry) bool { return strings.Contains(e.text, id) })
		if known || p.board.lie == "takes all for told" {
			told = append(told, id)
		}
	}
	switch {
	case p.board.lie == "takes nothing for told", p.board.lie == "writes rows again for a person" && since.IsZero():
		return nil, nil
	case p.board.lie == "names what nobody asked for" && len(p.board.entries) > 0:
		told = append(told, "01234567-89ab-7def-8123-456789abcdef")
	case p.board.lie == "writes when it is asked":
		p.board.put(entry{"", "asked"})
	case p.board.lie == "cannot look":
		return nil, errors.New("no answer")
	case p.board.lie == "shows a secret when it looks":
		return nil, errors.New(secret)
	}
	return told, nil
}

func (b *board) put(e entry) { b.entries = append(b.entries, e) }

func (b *board) Sink(*testing.T) sinks.Sink { return poster{b} }

func (b *board) Told(*testing.T) []string {
	told := make([]string, len(b.entries))
	for i, e := range b.entries {
		told[i] = e.text
	}
	return told
}

// Perform plays the faults. The lies of this switch are those of a sink that judges an error wrongly.
func (b *board) Perform(
	ctx context.Context, _ *testing.T, fault sinktest.Fault, effect sinks.Effect,
) (sinks.Receipt, error) {
	before := len(b.entries)
	if fault == sinktest.Hang {
		<-ctx.Done()
		return "", sinks.Fail(sinks.Unsure, sinks.ReasonNoAnswer, "no answer")
	}
	if fault == sinktest.Before && b.lie == "writes although it says that nothing happened" {
		fault = sinktest.None
		_, _ = poster{b}.Perform(ctx, effect)
	}
	if fault != sinktest.Before {
		if receipt, err := (poster{b}).Perform(ctx, effect); err != nil || fault == sinktest.None {
			return receipt, err
		}
	}
	if fault == sinktest.Half && b.lie != "leaves half of it" {
		b.entries = b.entries[:before]
	}
	if fault == sinktest.Half && b.lie == "leaves half of it" {
		b.entries = b.entries[:before+1]
	}
	return "", b.fail(fault)
}

func (b *board) fail(fault sinktest.Fault) error {
	switch {
	case b.lie == "shows a secret in an error":
		return sinks.Fail(sinks.Unsure, sinks.ReasonNoAnswer, "posting with %s: no answer", secret)
	case b.lie == "hides the fault":
		return nil
	case fault == sinktest.After && b.lie == "calls a lost answer a refusal":
		return sinks.Fail(sinks.Retry, sinks.ReasonServerError, "server error")
	case fault == sinktest.After && b.rows:
		return errors.New("the process died")
	case fault == sinktest.After || fault == sinktest.Half:
		return sinks.Fail(sinks.Unsure, sinks.ReasonNoAnswer, "no answer")
	default:
		return sinks.Fail(sinks.Retry, sinks.ReasonUnreachable, "no connection")
	}
}

func harness(rows bool, lie string) sinktest.Harness {
	return sinktest.Harness{
		New:     func(*testing.T) sinktest.Target { return &board{rows: rows, lie: lie} },
		Rows:    rows,
		Faults:  []sinktest.Fault{sinktest.Before, sinktest.After, sinktest.Half, sinktest.Hang},
		Secrets: []string{secret},
		Many:    250,
		Harmless: func(t *testing.T, told []string) {
			t.Helper()
			if len(told) == 0 || lie == "lets text act" {
				t.Error("text acts")
			}
		},
		Patience: 1,
	}
}

func TestTruthfulSinkPasses(t *testing.T) {
	t.Run("table", func(t *testing.T) { sinktest.Run(t, harness(true, "")) })
	t.Run("chat", func(t *testing.T) { sinktest.Run(t, harness(false, "")) })
}

// TestLyingSink is run by TestLyingSinksFail, in a process of its own: it must fail.
func TestLyingSink(t *testing.T) {
	lie := os.Getenv("SINKTEST_LIE")
	if lie == "" {
		t.Skip("only run by TestLyingSinksFail")
	}
	sinktest.Run(t, harness(lie != "keeps a person from hearing it again", lie))
}

// TestLyingSinksFail shows that the kit finds each way to break the contract, and in which of its parts.
func TestLyingSinksFail(t *testing.T) {
	raced.Calculates(t) // half of what finds the lies is left out then
	t.Parallel()
	for lie, part := range map[string]string{
		"takes nothing":                                 "compose_is_pure",
		"takes too much":                                "compose_is_pure",
		"is not pure":                                   "compose_is_pure",
		"looks at what it does not take":                "compose_is_pure",
		"changes the items":                             "compose_is_pure",
		"writes when it composes":                       "compose_is_pure",
		"takes without freezing":                        "performed_once_it_is_there_once",
		"shows a secret in the content":                 "compose_is_pure",
		"changes the order":                             "many_items_are_split_by_what_is_taken",
		"writes twice":                                  "performed_once_it_is_there_once",
		"gives no receipt":                              "performed_once_it_is_there_once",
		"claims nothing when cancelled":                 "a_cancelled_perform_claims_nothing_false",
		"always recalls did":                            "what_was_never_performed_did_not_happen",
		"always recalls did not":                        "a_crash_after_perform_is_recalled_as_done",
		"cannot tell":                                   "a_crash_after_perform_is_recalled_as_done",
		"fails to look":                                 "a_crash_after_perform_is_recalled_as_done",
		"shows a secret when it recalls":                "a_crash_after_perform_is_recalled_as_done",
		"takes all for told":                            "told_is_what_was_performed",
		"takes nothing for told":                        "told_is_what_was_performed",
		"writes rows again for a person":                "told_is_what_was_performed",
		"keeps a person from hearing it again":          "told_is_what_was_performed",
		"names what nobody asked for":                   "told_is_what_was_performed",
		"writes when it is asked":                       "told_is_what_was_performed",
		"cannot look":                                   "told_is_what_was_performed",
		"shows a secret when it looks":                  "told_is_what_was_performed",
		"shows a secret in an error":                    "fault_before",
		"hides the fault":                               "fault_before",
		"calls a lost answer a refusal":                 "fault_after",
		"leaves half of it":                             "fault_half",
		"lets text act":                                 "hostile_text_does_not_act",
		"writes although it says that nothing happened": "fault_before",
	} {
		t.Run(lie, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLyingSink$", "-test.v")
			cmd.Env = append(os.Environ(), "SINKTEST_LIE="+lie)
			output, err := cmd.CombinedOutput()
			if _, failed := errors.AsType[*exec.ExitError](err); !failed {
				t.Fatalf("the kit passes a sink that %s (%v)", lie, err)
			}
			if want := "--- FAIL: TestLyingSink/" + part; !strings.Contains(string(output), want) {
				t.Errorf("got no %q in:\n%s", want, output)
			}
		})
	}
}

func TestHostileReachesMessageAndRows(t *testing.T) {
	if !slices.Contains(sinktest.Hostile(), "=1+1") || !slices.Contains(sinktest.Hostile(), "<!channel>") {
		t.Error("the hostile texts lack a formula or a mention")
	}
	if got := len(sinktest.Headers()); got != 7 {
		t.Errorf("got %d headers, want those of the 7 types of cells", got)
	}
}
