package templates

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

const projectPage = "https://app.ppm.express/eu/@contoso/projects/"

// testWords are the words of a tenant in Berlin whose projects have pages.
func testWords(tb testing.TB) *Words {
	tb.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		tb.Fatal(err)
	}
	w, err := New(Display{Zone: berlin, Links: map[string]string{event.Project: projectPage + "{id}"}})
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

// sampleFile decodes a payload of the samples, of the type in its name: "Project-Updated-Followup".
func sampleFile(tb testing.TB, name string) event.Event {
	tb.Helper()
	parts := strings.Split(name, "-")
	return decode(tb, filepath.Join("..", "samples", name+".json"), event.TypeOf(parts[0], parts[1]))
}

func hostileFile(tb testing.TB, name string, typ event.Type) event.Event {
	tb.Helper()
	return decode(tb, filepath.Join("..", "samples", "hostile", name+".json"), typ)
}

func decode(tb testing.TB, path string, typ event.Type) event.Event {
	tb.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	e, err := ppm.Decode(body, typ)
	if err != nil {
		tb.Fatal(err)
	}
	e.ID = "0190a5c4-7d1e-7000-8000-000000000001"
	e.Received = time.Date(2022, 2, 15, 13, 20, 45, 0, time.UTC)
	return e
}

// named gives the parent the name that the journal remembers.
func named(e event.Event, parent string) event.Event {
	e.Parent.Name = parent
	return e
}

func netOf(events ...event.Event) event.Net { return event.NetOf(events, nil) }

// text joins a message to what a person would see in Slack's source.
func text(m event.Message) string {
	return strings.Join(append([]string{m.Head}, m.Lines...), "\n") + "\n· " + m.Context
}

func updated(before, after event.Attributes) event.Event {
	at := time.Date(2022, 2, 15, 13, 20, 44, 0, time.UTC)
	return event.Event{
		ID: "0190a5c4-7d1e-7000-8000-000000000001", Type: "Project:Updated", Occurred: at, Received: at,
		Entity:    event.Ref{Kind: event.Project, ID: "1", Name: "Customer Portal"},
		Initiator: event.Person{Name: "Anna Doe"}, Attributes: after, Before: before,
	}
}
