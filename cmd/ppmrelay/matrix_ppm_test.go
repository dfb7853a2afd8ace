package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sinks"
)

const listing, creating = "webhooks.list", "webhooks.create"

// ppmRows are what PPM Express, and the road from it, may do.
func ppmRows() []row {
	switched := func(change func(*ppm.Switches)) func(*sandbox.Options) {
		return func(o *sandbox.Options) { change(&o.PPM.Switches) }
	}
	often := func(text string) string { return strings.Replace(text, "@every 1h", "@every 1s", 1) }
	edits := []rowAct{{}} // what is odd is odd all the time
	return []row{
		{
			who: "PPM Express", where: "deliveries", what: "each comes twice, with the same message id",
			ends: "the second is answered 200 and told to nobody",
			acts: edits, options: switched(func(o *ppm.Switches) { o.Duplicates = ppm.DuplicatesSameID }),
		},
		{
			who: "PPM Express", where: "deliveries", what: "each comes twice, with another message id",
			ends: "the second is answered 200 and told to nobody",
			acts: edits, options: switched(func(o *ppm.Switches) { o.Duplicates = ppm.DuplicatesNewID }),
		},
		{
			who: "PPM Express", where: "deliveries", what: "two webhooks of ours tell of the same, with time stamps of their own",
			ends:    "the second is *skipped*, as the twin of the first",
			doubles: "a change that comes by two webhooks more than 5 minutes apart",
			acts:    []rowAct{{strike: twins}}, options: switched(func(o *ppm.Switches) { o.OwnTimeStamps = true }),
		},
		{
			who: "PPM Express", where: "deliveries", what: "they overtake each other",
			ends: "told in the order of their arrival, and what is late is marked so",
			acts: edits, options: switched(func(o *ppm.Switches) { o.Shuffled = true }),
		},
		{
			who: "PPM Express", where: "deliveries", what: "our answers get lost, and it sends again, with the same or another message id",
			ends: "the second is answered 200 and told to nobody",
			acts: []rowAct{{strike: loseAnswers(4)}},
			options: switched(func(o *ppm.Switches) {
				o.Retries, o.RetryPause, o.RetryNewMessageID = 3, 200*time.Millisecond, true
			}),
		},
		{
			who: "PPM Express", where: "deliveries", what: "each comes 3 s late",
			ends: "told when it comes",
			acts: []rowAct{passing(onPPM, "deliveries-slow", "")},
		},
		{
			who: "PPM Express", where: "deliveries", what: "another event comes with a message id that was used before",
			ends: "told as any other, and marked",
			acts: []rowAct{{strike: reuseMessageID}},
		},
		{
			who: "PPM Express", where: "its clock", what: "90 minutes ahead, or behind",
			ends: "told; when it goes back, what comes then is marked as late",
			acts: []rowAct{passing(onPPM, "clock-ahead", ""), passing(onPPM, "clock-behind", "")},
		},
		{
			who: "PPM Express", where: listing, what: "500, a closed connection, half an answer, `{}`, a page, or 429",
			shown: []sight{{ready: "webhooks"}}, config: often,
			ends: "looked at again by the schedule; events go on all the time",
			acts: lasting(onPPM, listing, func(sinks.Reason) sight { return sight{ready: "webhooks"} }, map[fault.Kind]sinks.Reason{
				fault.Before: "", fault.Reset: "", fault.AfterCut: "", fault.AfterEmpty: "", fault.AfterHTML: "", fault.TooMany: "",
			}),
		},
		{
			who: "PPM Express", where: listing, what: "no answer for 30 s",
			shown: []sight{{ready: "webhooks"}}, config: often,
			ends: "looked at again by the schedule; events go on all the time",
			acts: []rowAct{{strike: always(onPPM, listing, fault.Hang), mend: always(onPPM, listing, fault.None)}},
		},
		{
			who: "PPM Express", where: creating, what: "a webhook is gone, and its creation is answered with 500, a closed connection, half an answer, `{}`, a page, or 429, done or not",
			config: often,
			ends:   "listed before it is created again: one webhook of each type in the end",
			acts:   creations(fault.Before, fault.Reset, fault.After, fault.AfterReset, fault.AfterCut, fault.AfterEmpty, fault.AfterHTML, fault.TooMany),
			after:  oneOfEach,
		},
		{
			who: "PPM Express", where: creating, what: "a webhook is gone, and its creation gets no answer for 30 s, done or not",
			config: often,
			ends:   "listed before it is created again: one webhook of each type in the end",
			acts:   creations(fault.Hang, fault.AfterHang),
			after:  oneOfEach,
		},
		{
			who: "PPM Express", where: "the token", what: "expired, revoked, or without the permission for webhooks",
			shown: []sight{{ready: "webhooks"}}, config: often,
			ends: "webhooks are looked after again when it is valid; events go on all the time",
			acts: []rowAct{
				passing(onPPM, "token-expired", ""), passing(onPPM, "token-revoked", ""), passing(onPPM, "permission-gone", ""),
			},
		},
	}
}

// twins registers every webhook of ours a second time, as a second relay's commands do.
func twins(_ context.Context, s *rowPlay) error {
	for _, w := range s.sandbox.PPM.Webhooks() {
		if strings.Contains(w.URL, "/events/") {
			w.ID = ""
			s.sandbox.PPM.AddWebhook(w)
		}
	}
	return nil
}

func loseAnswers(n int) deed {
	return func(_ context.Context, s *rowPlay) error {
		s.door.set(func() { s.door.lose = n })
		return nil
	}
}

// reuseMessageID posts an event of its own content under a message id that an earlier event had.
func reuseMessageID(ctx context.Context, s *rowPlay) error {
	all := s.sandbox.PPM.Deliveries()
	used := all[len(all)-1]
	body, err := json.Marshal(map[string]any{"WebhookId": used.WebhookID, "MessageId": used.MessageID, "Data": map[string]any{
		"Id": s.project("Mobile App"), "Attributes": map[string]any{"Name": "Mobile App", "Budget": 2},
		"BeforeAttributes": map[string]any{"Name": "Mobile App", "Budget": 1}, "TimeStamp": time.Now().UTC().Format(time.RFC3339Nano),
	}})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, used.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+sandboxSecret)
	answer, err := (&http.Client{Transport: s.door, Timeout: time.Minute}).Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		return fmt.Errorf("got %s, want that it is taken", answer.Status)
	}
	return nil
}

// creations makes an act of each kind: a webhook of which nothing is edited is deleted, and its creation meets the fault.
func creations(kinds ...fault.Kind) (acts []rowAct) {
	for _, kind := range kinds {
		gone := func(_ context.Context, s *rowPlay) error {
			webhooks := s.sandbox.PPM.Webhooks()
			i := slices.IndexFunc(webhooks, func(w ppm.Webhook) bool { return slices.Contains(w.EventTypes, "Idea:Deleted") })
			if i < 0 || !s.sandbox.PPM.RemoveWebhook(webhooks[i].ID) {
				return errors.New("there is no webhook to remove")
			}
			return nil
		}
		acts = append(acts, rowAct{
			strike: inTurn(script(onPPM, creating, kind), gone),
			wait: func(ctx context.Context, s *rowPlay) error {
				return s.until(ctx, "the webhook is there again", func() (bool, error) { return s.covered(), nil })
			},
		})
	}
	return acts
}

// oneOfEach demands that no webhook of ours is there twice.
func oneOfEach(_ context.Context, s *rowPlay) error {
	ours := 0
	for _, w := range s.sandbox.PPM.Webhooks() {
		if strings.Contains(w.URL, "/events/") {
			ours++
		}
	}
	if want := len(event.Types()); ours != want {
		return fmt.Errorf("got %d webhooks of ours, want %d", ours, want)
	}
	return nil
}
