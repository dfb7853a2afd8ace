package incident

import (
	"fmt"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

func TestMessageIsReadAsItWasWritten(t *testing.T) {
	since := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) // as a text it would be read as a day
	for _, want := range []Message{
		{Incident: "i", Phase: Stopped, Since: since, Stale: since.Add(20 * time.Second), Words: Words{
			Title: "Google \"Sheets\" refuses\nwrites", Over: "it goes on", Lines: []Line{{"Why", "<!channel> 2026"}, {"To do", "é ∞"}, {"Means", "none"}},
		}},
		{Incident: "i", Phase: Over, Since: since, Until: since.Add(time.Hour), Words: Words{Title: "T"}},
		{Incident: "i", Phase: Noticed, Since: since, Words: Words{Title: "T", Rest: "again"}},
	} {
		in, err := want.incoming(since)
		if err != nil {
			t.Fatal(err)
		}
		e, err := ppm.Decode(in.Body, in.Type)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := Read(e)
		if !ok || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if len(in.Fingerprint) != 32 || e.MessageID != in.MessageID || in.Entity.ID != "" {
			t.Errorf("got %+v, want a fingerprint, a message id, and no entity", in)
		}
	}
	if _, ok := Read(event.Event{Type: "Project:Updated"}); ok {
		t.Error("an event of PPM Express is read as one of ours")
	}
}
