package reconcile

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// direct carries requests to a handler without a network, so that time can be made up.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	answers := make(chan *http.Response, 1)
	if r.Body == nil {
		r.Body = http.NoBody
	}
	go func() {
		defer close(answers)
		defer func() { _ = recover() }() // http.ErrAbortHandler: the connection is gone
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		answers <- w.Result()
	}()
	select {
	case answer := <-answers:
		if answer == nil {
			return nil, io.ErrUnexpectedEOF
		}
		return answer, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// relay is a reconciler with its stand-in and its log.
type relay struct {
	*Reconciler

	tenant *standin.Server
	board  *fault.Board
	client *ppm.Client
	log    *logged
	notes  *notes
}

// logged is a log that can be read while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// count returns how many lines hold the words.
func (l *logged) count(words string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), words)
}

func newRelay(schedule string, options standin.Options) *relay {
	r := &relay{board: fault.NewBoard(), log: &logged{}, notes: &notes{}}
	options.Board = r.board
	r.tenant = standin.New(options)
	r.client = ppm.NewClient(&http.Client{Transport: direct{r.tenant}}, "http://ppm.test", standin.DefaultTenant, "v1.0", standin.DefaultToken)
	parsed, err := cron.ParseStandard(schedule)
	if err != nil {
		panic(err)
	}
	r.Reconciler = New(Config{Registry: r.client, Wanted: wanted(), Secrets: []string{secret}, Memory: r.notes, Schedule: parsed, Logger: slog.New(slog.NewTextHandler(r.log, nil))})
	return r
}

// condition brings a condition of the tenant about, or takes it back.
func (r *relay) condition(name string, on bool) {
	all := r.tenant.Conditions()
	i := slices.IndexFunc(all, func(c fault.Condition) bool { return c.Name == name })
	if err := all[i].Set(on, ""); err != nil {
		panic(err)
	}
}

// ours returns the types that are registered for the relay, each as often as it is.
func (r *relay) ours() []string {
	var all []string
	for _, w := range r.tenant.Webhooks() {
		if strings.HasPrefix(w.URL, home+"/events/") {
			all = append(all, w.EventTypes...)
		}
	}
	slices.Sort(all)
	return all
}

func twelve() []string {
	var all []string
	for _, t := range event.Types() {
		all = append(all, string(t))
	}
	slices.Sort(all)
	return all
}

// others are webhooks of others, with everything that must stay as it is.
func others() []standin.Webhook {
	return []standin.Webhook{
		{ID: "AAAA", EventTypes: []string{"Project:Updated", "Idea:Created"}, HTTPVerb: "POST", URL: "https://flow.example/run?sig=a%2Fb&x=", Headers: []standin.Header{{Name: "X-Key", Value: " k "}}},
		{ID: "bbbb", EventTypes: []string{"Task:Deleted"}, HTTPVerb: "post", URL: home + "/events", Headers: []standin.Header{}},
		{ID: "cccc", EventTypes: []string{"Task:Deleted"}, HTTPVerb: "POST", URL: "https://old.example/events/Task/Deleted"},
	}
}

// untouched fails unless the foreign webhooks are what they were, byte for byte.
func (r *relay) untouched(t *testing.T, before []standin.Webhook) {
	t.Helper()
	var now []standin.Webhook
	for _, w := range r.tenant.Webhooks() {
		if !slices.Contains(twelveURLs(), w.URL) {
			now = append(now, w)
		}
	}
	if !reflect.DeepEqual(now, before) {
		t.Errorf("got foreign webhooks %v, want %v", now, before)
	}
}

func twelveURLs() []string {
	var urls []string
	for _, w := range wanted() {
		urls = append(urls, w.URL)
	}
	return urls
}

// during runs the relay in made-up time. The story begins a second after the start, so that it never looks at the very
// moment of a pass.
func (r *relay) during(t *testing.T, story func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	time.Sleep(time.Second)
	story()
	cancel()
	<-done
}

func TestStartCreatesTheTwelve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{Webhooks: others()})
		before := r.tenant.Webhooks()
		r.during(t, func() {
			if got := r.ours(); !slices.Equal(got, twelve()) {
				t.Fatalf("got %v, want the twelve", got)
			}
			if r.log.count("webhook registered") != 12 || r.log.count(secret) != 0 || len(r.Problems()) != 0 {
				t.Errorf("got log %s and problems %v", &r.log.text, r.Problems())
			}
			if last := r.Last(); len(last.Done) != 12 || last.Failed != nil || last.Ended.IsZero() {
				t.Errorf("got %+v, want twelve done", last)
			}
			time.Sleep(time.Hour)
			if r.tenant.Calls("webhooks.create") != 12 || r.tenant.Calls("webhooks.list") < 12 {
				t.Errorf("got %d creations and %d lists in an hour, want 12 and one every 5 min",
					r.tenant.Calls("webhooks.create"), r.tenant.Calls("webhooks.list"))
			}
			if got := r.log.count("\n"); got != 12 {
				t.Errorf("got %d lines, want silence when nothing changes", got)
			}
		})
		r.untouched(t, before)
		if r.tenant.Calls("webhooks.delete")+r.tenant.Calls("webhooks.deleteAll") != 0 {
			t.Errorf("something was deleted")
		}
	})
}

func TestWhatDisappearsComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{})
		r.during(t, func() {
			r.tenant.RemoveWebhook(r.tenant.Webhooks()[4].ID)
			time.Sleep(5*time.Minute + time.Second)
			if got := r.ours(); !slices.Equal(got, twelve()) {
				t.Errorf("got %v, want the twelve again", got)
			}
			for _, w := range r.tenant.Webhooks() {
				r.tenant.RemoveWebhook(w.ID)
			}
			time.Sleep(5 * time.Minute)
			if got := r.ours(); !slices.Equal(got, twelve()) {
				t.Errorf("got %v, want the twelve again", got)
			}
			if got := r.log.count("webhook registered"); got != 25 {
				t.Errorf("got %d lines, want 25", got)
			}
		})
	})
}

// TestEveryFault: whatever happens to one request, each type is registered once in the end, and nobody else's is
// touched.
func TestEveryFault(t *testing.T) {
	for _, endpoint := range []string{"webhooks.list", "webhooks.create", "me"} {
		for i, kind := range fault.Kinds() {
			positions := []int{0, 1, 5, 11}
			if raced.On { // each kind once, at another position: the same code runs at the others, which make test plays without
				positions = positions[i%4 : i%4+1]
			}
			for _, position := range positions {
				synctest.Test(t, func(t *testing.T) {
					r := newRelay("@every 5m", standin.Options{Webhooks: others()})
					before := r.tenant.Webhooks()
					r.board.Script(endpoint, append(make([]fault.Kind, position), kind)...)
					r.during(t, func() {
						time.Sleep(time.Minute + time.Duration(position)*5*time.Minute)
						if got := r.ours(); !slices.Equal(got, twelve()) {
							t.Errorf("%s %s at %d: got %v, want the twelve, each once", endpoint, kind, position, got)
						}
						if p := r.Problems(); len(p) != 0 {
							t.Errorf("%s %s at %d: got %v, want that it is over", endpoint, kind, position, p)
						}
					})
					r.untouched(t, before)
				})
			}
		}
	}
}

// TestAnswerLost: a creation that happened behind a 500 is found in the list, in the same pass.
func TestAnswerLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@daily", standin.Options{})
		kinds := []fault.Kind{}
		for range 12 {
			kinds = append(kinds, fault.After)
		}
		r.board.Script("webhooks.create", kinds...)
		report := r.Pass(t.Context())
		if report.Failed != nil || len(report.Done) != 12 || r.tenant.Calls("webhooks.create") != 12 {
			t.Errorf("got %d done, %d creations, error %v, want 12, 12, none", len(report.Done), r.tenant.Calls("webhooks.create"), report.Failed)
		}
		for _, step := range report.Done {
			if step.Webhook.ID == "" {
				t.Errorf("got no id for %s, want the one of the list", step.Type)
			}
		}
	})
}

// TestNotCreatedAgainBlindly: as long as the list cannot be read after a lost answer, nothing is created.
func TestNotCreatedAgainBlindly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@daily", standin.Options{})
		r.board.Script("webhooks.create", fault.AfterReset)
		r.board.Script("webhooks.list", fault.None, fault.Before, fault.Before, fault.Reset)
		r.during(t, func() {
			if n := r.tenant.Calls("webhooks.create"); n != 1 {
				t.Errorf("got %d creations, want the pass to end after the first", n)
			}
			time.Sleep(2 * time.Minute)
			if got := r.ours(); !slices.Equal(got, twelve()) || r.tenant.Calls("webhooks.create") != 12 {
				t.Errorf("got %v by %d creations, want the twelve by 12", got, r.tenant.Calls("webhooks.create"))
			}
		})
	})
}

// TestUnpublished: whatever the vendor does of what it does not publish, the twelve are there once and passes settle.
func TestUnpublished(t *testing.T) {
	for name, switches := range map[string]standin.Switches{
		"masked headers":          {HeaderEcho: standin.EchoMasked},
		"re-cased headers":        {HeaderEcho: standin.EchoRecased},
		"headers missing":         {HeaderEcho: standin.EchoMissing},
		"addresses in lower case": {URLEcho: standin.URLRecased},
		"addresses with a slash":  {URLEcho: standin.URLSlashed},
		"slashes, no secrets":     {URLEcho: standin.URLSlashed, HeaderEcho: standin.EchoMasked},
		"slashes, no headers":     {URLEcho: standin.URLSlashed, HeaderEcho: standin.EchoMissing},
		"slashes, no bodies":      {URLEcho: standin.URLSlashed, CreatedEmpty: true},
		"slashes, no ids":         {URLEcho: standin.URLSlashed, CreatedEmpty: true, Location: standin.LocationMissing},
		"reversed":                {ListOrder: standin.ListReversed},
		"another order each":      {ListOrder: standin.ListShuffled},
		"201 without body":        {CreatedEmpty: true},
		"neither id nor address":  {CreatedEmpty: true, Location: standin.LocationMissing},
		"relative location":       {CreatedEmpty: true, Location: standin.LocationRelative},
		"twins are refused":       {TwinRefused: true},
		"only our own listed":     {ListOwn: true},
		"listed late":             {ListedAfter: 4 * time.Minute},
		"content type demanded":   {ContentTypeDemanded: true},
		"paths count":             {CaseSensitivePaths: true},
		"trimmed headers":         {HeaderEcho: standin.EchoTrimmed},
		"endless token":           {TokenEndless: true},
		"a page of ten":           {ListedMost: 10},
		"a page of three":         {ListedMost: 3},
		"a page, another order":   {ListedMost: 7, ListOrder: standin.ListShuffled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRelay("@every 5m", standin.Options{Webhooks: others(), Switches: switches})
				r.during(t, func() {
					time.Sleep(time.Hour)
					if got := r.ours(); !slices.Equal(got, twelve()) || r.tenant.Calls("webhooks.create") != 12 {
						t.Errorf("got %v by %d creations, want the twelve by 12", got, r.tenant.Calls("webhooks.create"))
					}
					if len(r.Problems()) != 0 {
						t.Errorf("got %v, want no problems", r.Problems())
					}
				})
			})
		})
	}
}

// TestRetries: 10, 20, 40 … s, at most 5 min, sooner when the schedule is due, later when PPM Express asks for it.
func TestRetries(t *testing.T) {
	for _, test := range []struct {
		schedule string
		kind     fault.Kind
		want     []time.Duration // after the start
	}{
		{"@daily", fault.Before, []time.Duration{0, 10, 30, 70, 150, 310, 610, 910}},
		{"@every 15s", fault.Before, []time.Duration{0, 10, 25, 40, 55}},
		{"@daily", fault.TooMany, []time.Duration{0, 10, 30}},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRelay(test.schedule, standin.Options{})
			if good := r.Pass(t.Context()); good.Failed != nil {
				t.Fatal(good.Failed)
			}
			lastGood := r.Last().Ended
			r.board.Always("webhooks.list", test.kind)
			r.during(t, func() {
				var passes []time.Duration
				start := r.Last().Began
				var last time.Time
				for ; len(passes) < len(test.want); time.Sleep(time.Second) {
					if began := r.Last().Began; !began.Equal(last) {
						passes, last = append(passes, began.Sub(start)/time.Second), began
					}
				}
				if !slices.Equal(passes, test.want) {
					t.Errorf("%s: got passes at %v s, want %v", test.schedule, passes, test.want)
				}
				if tally := r.Tally(); tally != (Tally{Good: 1, Bad: int64(len(passes)), LastGood: lastGood}) {
					t.Errorf("%s: got %+v, want one that was good, before the others", test.schedule, tally)
				}
			})
		})
	}
}

// TestWait: the sooner of pause and schedule, but never sooner than PPM Express asks for.
func TestWait(t *testing.T) {
	for _, test := range []struct {
		schedule           string
		pause, asked, want time.Duration
	}{
		{"@daily", 20 * time.Second, 0, 20 * time.Second},
		{"@every 5s", 20 * time.Second, 0, 5 * time.Second},
		{"@every 5s", 20 * time.Second, 7 * time.Second, 7 * time.Second},
		{"@daily", 20 * time.Second, time.Hour, time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			alive := newRelay(test.schedule, standin.Options{}).wait(t.Context(), test.pause, test.asked)
			if took := time.Since(began); !alive || took != test.want {
				t.Errorf("%+v: took %v, want %v", test, took, test.want)
			}
		})
	}
}

// TestLoudOnce: one line when something is wrong, one when it is over, and the problem in between.
func TestLoudOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{})
		r.tenant.Revoke(true)
		r.during(t, func() {
			time.Sleep(time.Hour)
			p := r.Problems()
			if len(p) != 1 || !strings.Contains(p[0].Why, "401") || !strings.Contains(p[0].Why, "Administrate app") {
				t.Fatalf("got %v, want one that names both causes", p)
			}
			if since := time.Since(p[0].Since); since < time.Hour {
				t.Errorf("got since %v, want the first pass", p[0].Since)
			}
			if r.log.count("webhooks need attention") != 1 {
				t.Errorf("got %s, want one line", &r.log.text)
			}
			r.tenant.Revoke(false)
			time.Sleep(5 * time.Minute)
			if len(r.Problems()) != 0 || r.log.count("webhooks are in order again") != 1 || len(r.ours()) != 12 {
				t.Errorf("got problems %v, %s", r.Problems(), &r.log.text)
			}
			time.Sleep(time.Hour)
			if got := r.log.count("\n"); got != 14 {
				t.Errorf("got %d lines, want 14", got)
			}
		})
	})
}

// TestMended: what is ours and not as wanted is put in order by the next pass, and that is not called a problem.
func TestMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{Webhooks: others()})
		before := r.tenant.Webhooks()
		r.during(t, func() {
			registered := r.tenant.Webhooks()[len(before):]
			r.tenant.AddWebhook(standin.Webhook{EventTypes: registered[0].EventTypes, HTTPVerb: "POST", URL: registered[0].URL, Headers: registered[0].Headers})
			r.tenant.ChangeWebhook(registered[3].ID, func(w *standin.Webhook) { w.Headers[0].Value = "Bearer old-one" })
			r.tenant.ChangeWebhook(registered[4].ID, func(w *standin.Webhook) { w.EventTypes = []string{"Idea:Deleted"} })
			r.tenant.ChangeWebhook(registered[5].ID, func(w *standin.Webhook) { w.URL = "https://nobody.example/" })
			time.Sleep(15 * time.Minute)
			if got := r.ours(); !slices.Equal(got, twelve()) || len(r.Problems()) != 0 || r.wrong() != "" {
				t.Errorf("got %v, %s and problems %v, want the twelve in order", got, r.wrong(), r.Problems())
			}
			if r.log.count("webhook removed") != 1 || r.log.count("webhook replaced") != 3 || r.log.count("old-one") != 0 {
				t.Errorf("got %s, want one removed and three replaced, without secrets", &r.log.text)
			}
		})
		r.untouched(t, before)
	})
}

// wrong tells the first of our webhooks that is not exactly as wanted.
func (r *relay) wrong() string {
	for _, w := range r.tenant.Webhooks() {
		i := slices.Index(twelveURLs(), w.URL)
		if i >= 0 && (len(w.EventTypes) != 1 || w.EventTypes[0] != string(event.Types()[i]) || len(w.Headers) != 1 || w.Headers[0].Value != "Bearer "+secret || w.HTTPVerb != "POST") {
			return w.ID + " " + w.URL
		}
	}
	return ""
}

func TestNoRoomIsOneProblem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var full []standin.Webhook
		for range 45 {
			full = append(full, others()[0])
			full[len(full)-1].ID = ""
		}
		r := newRelay("@every 5m", standin.Options{Webhooks: full})
		before := r.tenant.Webhooks()
		r.during(t, func() {
			time.Sleep(time.Hour)
			p := r.Problems()
			if len(r.ours()) != 5 || len(p) != 1 || !strings.Contains(p[0].Why, "45 of them not by this relay") || !strings.Contains(p[0].Why, "KeyDate:Deleted") {
				t.Errorf("got %d of ours and problems %v, want 5 and one that counts", len(r.ours()), p)
			}
			if r.tenant.Calls("webhooks.create") != 5 || r.log.count("need attention") != 1 {
				t.Errorf("got %d creations, want no attempt beyond the limit", r.tenant.Calls("webhooks.create"))
			}
			r.untouched(t, before)
			for _, w := range before[:7] {
				r.tenant.RemoveWebhook(w.ID)
			}
			time.Sleep(5 * time.Minute)
			if got, p := r.ours(), r.Problems(); !slices.Equal(got, twelve()) || len(p) != 1 || !strings.Contains(p[0].Why, "50 of the 50") {
				t.Errorf("got %v and %v, want the twelve when there is room, and that there is no more", got, p)
			}
		})
	})
}

// TestRefused: what PPM Express says about one webhook does not keep the others out, and the same words are told once.
func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{})
		r.config.Wanted = slices.Clone(r.config.Wanted)
		for _, i := range []int{2, 4, 6} {
			r.config.Wanted[i].URL = "relay/" + r.config.Wanted[i].URL // not an address
		}
		report := r.Pass(t.Context())
		if len(report.Done) != 9 || report.Failed == nil {
			t.Fatalf("got %d done and error %v, want 9 and one", len(report.Done), report.Failed)
		}
		said := report.Failed.Error()
		if strings.Count(said, "The url is not valid") != 1 || !strings.Contains(said, "the same for Idea:Updated, Task:Created") {
			t.Errorf("got %q, want the reason once", said)
		}
	})
}

func TestPermissionLostInBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("0 12 * * *", standin.Options{Switches: standin.Switches{DeniedIsForbidden: true}})
		r.tenant.SetAdministrator(false)
		r.during(t, func() {
			time.Sleep(30 * time.Minute)
			if got := r.tenant.Calls("webhooks.list"); got != 1 {
				t.Errorf("got %d passes, want to wait for the schedule", got)
			}
			if p := r.Problems(); len(p) != 1 || !strings.Contains(p[0].Why, "403") || !strings.Contains(p[0].Why, "the token itself is accepted") {
				t.Errorf("got %v, want one about 403 that tells it from the token", p)
			}
		})
	})
}

// TestStop: a pass that is under way ends with ctx, at once, and leaves no problem behind.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{})
		r.board.Always("webhooks.create", fault.Hang)
		began := time.Now()
		r.during(t, func() {})
		if took := time.Since(began); took != time.Second || len(r.Problems()) != 0 || !r.Last().Began.IsZero() {
			t.Errorf("took %v, problems %v, want 1 s and none", took, r.Problems())
		}
	})
}

// TestBrokenPass: an error in this program ends the pass, not the passes.
func TestBrokenPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{})
		r.config.Registry = &breaking{Registry: r.client}
		r.during(t, func() {
			if r.log.count("error in this program") != 1 {
				t.Errorf("got %s, want the panic told", &r.log.text)
			}
			time.Sleep(5*time.Minute + time.Second)
			if got := r.ours(); !slices.Equal(got, twelve()) {
				t.Errorf("got %v, want the twelve by the next pass", got)
			}
		})
	})
}

// breaking panics with its first call.
type breaking struct {
	Registry

	called bool
}

func (b *breaking) Webhooks(ctx context.Context) ([]ppm.Webhook, error) {
	if !b.called {
		b.called = true
		panic("broken")
	}
	return b.Registry.Webhooks(ctx)
}
