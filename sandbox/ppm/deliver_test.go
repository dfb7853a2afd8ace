package ppm

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	decode "github.com/ppmrelay/ppmrelay/ppm"
)

// receiver keeps what is posted to it.
type receiver struct {
	*httptest.Server

	mu      sync.Mutex
	answers []int         // one by one; then 202
	slow    time.Duration // before each answer
	got     []received
}

type received struct {
	path   string
	header http.Header
	body   []byte
	event  event.Event
}

func newReceiver(t *testing.T, answers ...int) *receiver {
	t.Helper()
	r := &receiver{answers: answers}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		decoded, _ := decode.Decode(body, "")
		r.mu.Lock()
		r.got = append(r.got, received{request.URL.Path, request.Header, body, decoded})
		status := http.StatusAccepted
		if len(r.answers) > 0 {
			status, r.answers = r.answers[0], r.answers[1:]
		}
		r.mu.Unlock()
		select {
		case <-time.After(r.slow):
		case <-request.Context().Done():
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(r.Close)
	return r
}

// tenantFor starts a tenant that tells the receiver everything, one webhook for each type.
func tenantFor(t *testing.T, r *receiver, options Options) *Server {
	t.Helper()
	s := New(options)
	for _, name := range event.Types() {
		s.AddWebhook(Webhook{
			EventTypes: []string{string(name)}, URL: r.URL + "/" + string(name), HTTPVerb: "POST",
			Headers: []Header{{"Authorization", "Bearer s"}, {"X-Custom", "v"}},
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return s
}

// settled waits until everything is delivered, and returns what arrived.
func settled(t *testing.T, s *Server, r *receiver) []received {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Idle(ctx); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func object(t *testing.T, value any) map[string]any {
	t.Helper()
	o, ok := value.(map[string]any)
	if !ok {
		t.Fatalf("got %v, want an object", value)
	}
	return o
}

func encoded(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func anna() event.Person {
	return event.Person{ID: "7", Name: "Anna Doe", Account: "anna.doe@company.com"}
}

// TestToldAsTheVendorTells replays the published updates: the entity as it was before, the edit that makes it as it is
// after. What arrives must be read as the published body is.
func TestToldAsTheVendorTells(t *testing.T) {
	for _, name := range []string{"Project-Updated", "Project-Updated-Followup", "Idea-Updated", "Task-Updated"} {
		t.Run(name, func(t *testing.T) {
			body := sample(t, name+".json")
			published := object(t, body["Data"])
			kind, _, _ := strings.Cut(name, "-")
			var told struct{ ParentEntityID, ParentEntityType, ID string }
			if err := json.Unmarshal(encoded(t, published), &told); err != nil {
				t.Fatal(err)
			}
			parent := event.Ref{Kind: told.ParentEntityType, ID: told.ParentEntityID}
			r := newReceiver(t)
			s := tenantFor(t, r, Options{Entities: []Entity{{Kind: kind, ID: told.ID, Parent: parent, Attributes: object(t, published["BeforeAttributes"])}}})
			changes := maps.Clone(object(t, published["Attributes"]))
			delete(changes, "LastModifiedDate") // the product's own doing
			if err := s.Edit(kind, told.ID, changes, anna()); err != nil {
				t.Fatal(err)
			}
			got := settled(t, s, r)
			if len(got) != 1 || got[0].path != "/"+kind+":Updated" {
				t.Fatalf("got %d requests, want one", len(got))
			}
			want, err := decode.Decode(encoded(t, body), event.Type(kind+":Updated"))
			if err != nil {
				t.Fatal(err)
			}
			e := got[0].event
			if a, b := fields(want), fields(e); !slices.Equal(a, b) || len(a) == 0 {
				t.Errorf("got changes of %v, want %v", b, a)
			}
			if e.Entity != want.Entity || e.Parent != want.Parent || e.Initiator != anna() || e.Type.Action() != event.Updated {
				t.Errorf("got %v of %v by %v", e.Entity, e.Parent, e.Initiator)
			}
			for _, key := range slices.Sorted(maps.Keys(published)) {
				var sent struct{ Data map[string]any }
				if err := json.Unmarshal(got[0].body, &sent); err != nil {
					t.Fatal(err)
				}
				if _, found := sent.Data[key]; !found {
					t.Errorf("got no %s, want every member of the published body", key)
				}
			}
		})
	}
}

func TestCreatedAndDeletedHaveThePublishedAttributes(t *testing.T) {
	for _, name := range []string{"Project-Created", "Idea-Created", "Task-Created", "KeyDate-Created"} {
		kind, _, _ := strings.Cut(name, "-")
		r := newReceiver(t)
		s := tenantFor(t, r, Options{})
		published := object(t, object(t, sample(t, name+".json")["Data"])["Attributes"])
		made := s.Create(Entity{Kind: kind, Attributes: map[string]any{"Name": "New"}}, anna())
		if err := s.Delete(kind, made.ID, anna()); err != nil {
			t.Fatal(err)
		}
		for _, got := range settled(t, s, r) {
			var sent struct {
				Data struct{ Attributes, BeforeAttributes map[string]any }
			}
			if err := json.Unmarshal(got.body, &sent); err != nil {
				t.Fatal(err)
			}
			for key := range published {
				if _, found := sent.Data.Attributes[key]; !found && !strings.ContainsAny(key, " ’-") && key != "Tags" {
					t.Errorf("%s: got no %s, want it as published", got.path, key)
				}
			}
			if sent.Data.BeforeAttributes != nil {
				t.Errorf("%s: got BeforeAttributes, want them in updates alone", got.path)
			}
		}
	}
}

func TestRequest(t *testing.T) {
	r := newReceiver(t)
	s := tenantFor(t, r, Options{})
	s.Create(Entity{Kind: kindProject, Attributes: map[string]any{"Name": "A"}}, anna())
	got := settled(t, s, r)[0]
	h := got.header
	if h.Get("Authorization") != "Bearer s" || h.Get("X-Custom") != "v" || h.Get("Content-Type") != "application/json" {
		t.Errorf("got headers %v, want those that were registered", h)
	}
	var body struct {
		Data struct{ TimeStamp string }
	}
	if err := json.Unmarshal(got.body, &body); err != nil {
		t.Fatal(err)
	}
	if len(body.Data.TimeStamp) != len("2022-02-10T14:49:18.8781961Z") {
		t.Errorf("got time stamp %s, want 7 digits", body.Data.TimeStamp)
	}
	d := s.Deliveries()
	if len(d) != 1 || !d[0].Acknowledged() || d[0].MessageID != got.event.MessageID || d[0].Type != "Project:Created" || d[0].Entity.Name != "A" {
		t.Errorf("got %+v, want the one that was taken", d)
	}
}

func TestOrder(t *testing.T) {
	r := newReceiver(t)
	s := tenantFor(t, r, Options{Entities: NewSmall().Entities})
	var ids []string
	for _, e := range s.Entities(kindProject) {
		ids = append(ids, e.ID)
	}
	if err := s.BulkEdit(kindProject, ids, map[string]any{"OverallStatus": 2}, anna()); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if err := s.Edit(kindProject, ids[0], map[string]any{"Budget": i}, anna()); err != nil {
			t.Fatal(err)
		}
	}
	got := settled(t, s, r)
	if len(got) != 32 {
		t.Fatalf("got %d, want 32", len(got))
	}
	for i, one := range got[:12] {
		if one.event.Entity.ID != ids[i] {
			t.Errorf("%d: got %s, want the order of the list", i, one.event.Entity.ID)
		}
	}
	for i := 1; i < len(got); i++ {
		if !got[i].event.Occurred.After(got[i-1].event.Occurred) {
			t.Errorf("got %v after %v, want rising time stamps", got[i].event.Occurred, got[i-1].event.Occurred)
		}
	}
	if budget, _ := got[31].event.Attributes.Get("Budget"); budget.Value.Text != "19" {
		t.Errorf("got budget %v last, want 19", budget.Value)
	}
}

func TestNobodyIsTold(t *testing.T) {
	r := newReceiver(t)
	s := tenantFor(t, r, Options{Webhooks: []Webhook{{EventTypes: []string{"Task:Created"}, URL: "https://flow.example/", HTTPVerb: "POST"}}})
	parent := s.Create(Entity{Kind: Program}, anna())
	s.Create(Entity{Kind: kindTask, Source: "Jira"}, anna())
	if err := s.Edit(Program, parent.ID, map[string]any{"Name": "P"}, anna()); err != nil {
		t.Fatal(err)
	}
	if got := settled(t, s, r); len(got) != 0 || len(s.Deliveries()) != 0 {
		t.Errorf("got %d requests, want none for a foreign task and a program", len(got))
	}
	s.Create(Entity{Kind: kindTask}, anna())
	s.Create(Entity{Kind: kindKeyDate, Source: "Jira", Parent: event.Ref{Kind: Program, ID: parent.ID}}, anna())
	if got := settled(t, s, r); len(got) != 2 {
		t.Errorf("got %d requests, want the own task and the foreign key date", len(got))
	}
	if i := slices.IndexFunc(s.Deliveries(), func(d Delivery) bool { return d.URL == "https://flow.example/" && d.Status == 0 }); i < 0 {
		t.Errorf("got %v, want the example's address among them, not called", s.Deliveries())
	}
	if err := s.Edit(kindProject, "nobody", nil, anna()); err == nil {
		t.Errorf("got no error for a project that is not there")
	}
	if err := s.Delete(kindProject, "nobody", anna()); err == nil {
		t.Errorf("got no error for a project that is not there")
	}
}

// fields names what changed, and from what to what.
func fields(e event.Event) []string {
	var names []string
	for _, c := range event.Changes(e, func(field string) bool { return field == "LastModifiedDate" }) {
		names = append(names, fmt.Sprint(c.Field, ": ", c.Before, " → ", c.After))
	}
	slices.Sort(names) // attributes have no order here
	return names
}

// TestSwitchesOfDelivery plays one edit with each switch and looks at what arrives.
func TestSwitchesOfDelivery(t *testing.T) {
	ids := func(got []received) int {
		seen := map[string]bool{}
		for _, one := range got {
			seen[one.event.MessageID] = true
		}
		return len(seen)
	}
	tests := []struct {
		name     string
		switches Switches
		answers  []int
		want     int // requests
		wantIDs  int
	}{
		{"as assumed", Switches{}, nil, 1, 1},
		{"lost without retries", Switches{}, []int{500}, 1, 1},
		{"retries with the same id", Switches{Retries: 2, RetryPause: time.Millisecond}, []int{500, 503}, 3, 1},
		{"retries end", Switches{Retries: 1, RetryPause: time.Millisecond}, []int{500, 503, 500}, 2, 1},
		{"202 is no success", Switches{OnlyOK: true, Retries: 1, RetryPause: time.Millisecond}, []int{202, 200}, 2, 1},
		{"a redirect is no success", Switches{Retries: 1, RetryPause: time.Millisecond}, []int{307}, 2, 1},
		{"retries with new ids", Switches{Retries: 2, RetryPause: time.Millisecond, RetryNewMessageID: true}, []int{500, 500}, 3, 3},
		{"duplicates", Switches{Duplicates: DuplicatesSameID}, nil, 2, 1},
		{"duplicates with new ids", Switches{Duplicates: DuplicatesNewID}, nil, 2, 2},
		{"delayed", Switches{Delay: 5 * time.Millisecond}, nil, 1, 1},
		{"shuffled", Switches{Shuffled: true}, nil, 1, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newReceiver(t, test.answers...)
			s := tenantFor(t, r, Options{Switches: test.switches})
			s.Create(Entity{Kind: kindIdea}, anna())
			got := settled(t, s, r)
			if len(got) != test.want || ids(got) != test.wantIDs {
				t.Errorf("got %d requests with %d ids, want %d with %d", len(got), ids(got), test.want, test.wantIDs)
			}
			if len(s.Deliveries()) != test.want {
				t.Errorf("got %d deliveries, want %d", len(s.Deliveries()), test.want)
			}
		})
	}
}

func TestTwins(t *testing.T) {
	for _, test := range []struct {
		switches Switches
		ids      int
		stamps   int
	}{
		{Switches{}, 2, 1},
		{Switches{SharedMessageID: true}, 1, 1},
		{Switches{OwnTimeStamps: true}, 2, 2},
	} {
		r := newReceiver(t)
		s := tenantFor(t, r, Options{Switches: test.switches})
		s.AddWebhook(Webhook{EventTypes: []string{"Idea:Created", "Idea:Deleted"}, URL: r.URL + "/twin", HTTPVerb: "POST"})
		s.Create(Entity{Kind: kindIdea}, anna())
		ids, stamps := map[string]bool{}, map[time.Time]bool{}
		for _, one := range settled(t, s, r) {
			ids[one.event.MessageID], stamps[one.event.Occurred] = true, true
		}
		if len(ids) != test.ids || len(stamps) != test.stamps {
			t.Errorf("%+v: got %d ids and %d time stamps, want %d and %d", test.switches, len(ids), len(stamps), test.ids, test.stamps)
		}
	}
}

func TestShuffledOvertakes(t *testing.T) {
	r := newReceiver(t)
	s := tenantFor(t, r, Options{Seed: 3, Switches: Switches{Shuffled: true}})
	for i := range 20 {
		s.Create(Entity{Kind: kindIdea, Attributes: map[string]any{"Name": strconv.Itoa(i)}}, anna())
	}
	got := settled(t, s, r)
	sorted := slices.IsSortedFunc(got, func(a, b received) int { return a.event.Occurred.Compare(b.event.Occurred) })
	if len(got) != 20 || sorted {
		t.Errorf("got %d requests, in order %v, want 20 out of order", len(got), sorted)
	}
}

func TestTimeout(t *testing.T) {
	r := newReceiver(t)
	r.slow = 10 * time.Second
	s := tenantFor(t, r, Options{Switches: Switches{Timeout: 20 * time.Millisecond}})
	s.Create(Entity{Kind: kindIdea}, anna())
	settled(t, s, r)
	if d := s.Deliveries(); len(d) != 1 || d[0].Status != 0 || d[0].Err == "" {
		t.Errorf("got %+v, want one without an answer", d)
	}
}

func TestRemovedAfterFailures(t *testing.T) {
	r := newReceiver(t, 500, 202, 500, 500, 500)
	s := tenantFor(t, r, Options{Switches: Switches{RemovedAfter: 2}})
	var ids []string
	for range 3 {
		ids = append(ids, s.Create(Entity{Kind: kindIdea}, anna()).ID)
		settled(t, s, r)
	}
	if n := len(s.Webhooks()); n != 12 {
		t.Fatalf("got %d webhooks after a success between two failures, want 12", n)
	}
	if err := s.BulkEdit(kindIdea, ids, map[string]any{"Name": "A"}, anna()); err != nil {
		t.Fatal(err)
	}
	if got := settled(t, s, r); len(s.Webhooks()) != 11 || len(got) != 6 {
		t.Errorf("got %d webhooks and %d requests, want 11 and 6: what was queued is sent", len(s.Webhooks()), len(got))
	}
}

func TestNobodyBehindAChange(t *testing.T) {
	for _, absent := range []bool{false, true} {
		r := newReceiver(t)
		s := tenantFor(t, r, Options{Switches: Switches{NobodyAbsent: absent, Milliseconds: true, ContentType: "none"}})
		s.Create(Entity{Kind: kindIdea}, event.Person{})
		one := settled(t, s, r)[0]
		if got := !strings.Contains(string(one.body), "Initiator"); got != absent {
			t.Errorf("got Initiator absent %v, want %v", got, absent)
		}
		if _, found := one.header["Content-Type"]; found {
			t.Errorf("got a content type, want none")
		}
		if one.event.Occurred.Nanosecond()%1_000_000 != 0 {
			t.Errorf("got %v, want milliseconds", one.event.Occurred)
		}
	}
}

func TestDeletingAProject(t *testing.T) {
	for told, want := range map[bool]int{false: 1, true: 3} {
		r := newReceiver(t)
		s := tenantFor(t, r, Options{Entities: NewSmall().Entities, Switches: Switches{CascadeTold: told}})
		tasks := len(s.Entities(kindTask))
		if err := s.Delete(kindProject, s.Entities(kindProject)[0].ID, anna()); err != nil {
			t.Fatal(err)
		}
		if got := settled(t, s, r); len(got) != want || len(s.Entities(kindTask)) != tasks-1 {
			t.Errorf("told %v: got %d requests and %d tasks left, want %d and %d", told, len(got), len(s.Entities(kindTask)), want, tasks-1)
		}
	}
}

func TestBareDeletionAndCompression(t *testing.T) {
	r := newReceiver(t)
	s := tenantFor(t, r, Options{Switches: Switches{DeletedBare: true, Compressed: true}})
	made := s.Create(Entity{Kind: kindIdea, Attributes: map[string]any{"Name": "A"}}, anna())
	if err := s.Delete(kindIdea, made.ID, anna()); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, one := range settled(t, s, r) {
		unzipped, err := gzip.NewReader(bytes.NewReader(one.body))
		if err != nil || one.header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("got %v with headers %v, want gzip", err, one.header)
		}
		body, _ := io.ReadAll(unzipped)
		e, err := decode.Decode(body, "")
		if err != nil {
			t.Fatal(err)
		}
		names[one.path] = e.Entity.ID + e.Entity.Name
	}
	if names["/Idea:Created"] != made.ID+"A" || names["/Idea:Deleted"] != made.ID {
		t.Errorf("got %v, want the deletion without attributes", names)
	}
}

func TestPing(t *testing.T) {
	for _, test := range []struct {
		ping   Ping
		answer int
		want   int
		body   string
	}{
		{PingNone, 500, 201, ""},
		{PingEmpty, 202, 201, ""},
		{PingEmpty, 404, 400, ""},
		{PingJSON, 202, 201, "challenge"},
		{PingJSON, 401, 400, "challenge"},
	} {
		r := newReceiver(t, test.answer)
		s := New(Options{Switches: Switches{Ping: test.ping}})
		w := ask(t, s, "POST", "/@contoso/v1.0/Webhooks", strings.Replace(newWebhook, "http://127.0.0.1:1/", r.URL, 1))
		if w.Code != test.want || (len(s.Webhooks()) == 1) != (test.want == 201) {
			t.Errorf("%s answered %d: got %d and %d webhooks, want %d", test.ping, test.answer, w.Code, len(s.Webhooks()), test.want)
		}
		if test.ping != PingNone && (r.got[0].header.Get("Authorization") != "Bearer s" || !strings.Contains(string(r.got[0].body), test.body)) {
			t.Errorf("%s: got %v %s", test.ping, r.got[0].header, r.got[0].body)
		}
	}
}

// TestStopAndGoOn: what was queued when Run ended is delivered by the next one.
func TestStopAndGoOn(t *testing.T) {
	r := newReceiver(t)
	s := New(Options{})
	s.AddWebhook(Webhook{EventTypes: []string{"Idea:Created"}, URL: r.URL, HTTPVerb: "POST"})
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	s.Create(Entity{Kind: kindIdea}, anna())
	s.Run(stopped)
	if err := s.Idle(stopped); err == nil {
		t.Fatalf("got no error, want that something waits")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	if got := settled(t, s, r); len(got) != 1 {
		t.Errorf("got %d requests, want 1", len(got))
	}
	cancel()
	<-done
}

func TestChangeWebhook(t *testing.T) {
	s := New(Options{})
	made := s.AddWebhook(Webhook{Headers: []Header{{"A", "b"}}})
	if !s.ChangeWebhook(made.ID, func(w *Webhook) { w.Headers = nil }) || len(s.Webhooks()[0].Headers) != 0 {
		t.Errorf("got %v, want it changed", s.Webhooks())
	}
	if s.ChangeWebhook("x", func(*Webhook) {}) || s.RemoveWebhook("x") || !s.RemoveWebhook(made.ID) {
		t.Errorf("got the wrong webhook changed or removed")
	}
}
