package sheets

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/google"
)

// offlineClient has the pace of production and can reach nobody.
func offlineClient(t *testing.T) *Client {
	t.Helper()
	credentials := google.New(google.Options{}).Credentials("http://127.0.0.1:1")
	client, err := NewClient(t.Context(), ClientConfig{Credentials: credentials})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := offlineClient(t)
		begin := time.Now()
		write := func() {
			t.Helper()
			if err := client.Pace(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !client.writes.Allow() {
				t.Fatal("Pace returned, but a write is not allowed")
			}
		}
		write()
		if took := time.Since(begin); took > 0 {
			t.Errorf("the first write waits %v, want none", took)
		}
		for range 50 {
			write()
		}
		if took := time.Since(begin); took < 59*time.Second || took > 61*time.Second {
			t.Errorf("50 more writes took %v, want a minute", took)
		}
		for range 10 {
			if err := client.Pace(t.Context()); err != nil { // looking takes nothing
				t.Fatal(err)
			}
		}
		if took := time.Since(begin); took > 63*time.Second {
			t.Errorf("asking ten times without a write took until %v", took)
		}
		time.Sleep(time.Minute)
		begin = time.Now()
		for range burst {
			write()
		}
		if took := time.Since(begin); took > 0 {
			t.Errorf("%d writes after a quiet minute took %v, want none", burst, took)
		}
	})
}

// TestPaceTakesNothing runs in real time: a clock that moves between two steps is what an allowance is lost by.
func TestPaceTakesNothing(t *testing.T) {
	client := offlineClient(t)
	for i := range 4 {
		if err := client.Pace(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := client.writes.Tokens(); got < 1 {
			t.Fatalf("asked %d times without a write: got %.3f writes left, want the first one", i+1, got)
		}
	}
}

// lanes write to spreadsheets all they are allowed to until ctx ends, each as a lane of delivery does.
func lanes(ctx context.Context, t *testing.T, w *world, spreadsheets ...string) {
	t.Helper()
	var running sync.WaitGroup
	for _, id := range spreadsheets {
		s, err := New(Config{Spreadsheet: id, Tab: tab}, columns(), w.client)
		if err != nil {
			t.Fatal(err)
		}
		running.Go(func() {
			for w.client.Pace(ctx) == nil {
				if _, err := s.Perform(t.Context(), compose(t, s, item(1, "x"))); err != nil {
					t.Errorf("writing: %v", err)
				}
			}
		})
	}
	running.Wait()
}

// TestPaceProvokesNoRefusal: five minutes of all that is allowed, over three spreadsheets, with a restart each minute and four in
// the last seconds of one, meet no 429. Google counts 60 reads and 60 writes from minute to minute. It fails when a
// process begins with all of its burst.
func TestPaceProvokesNoRefusal(t *testing.T) {
	t.Parallel()
	hours(t, google.Options{}, func(t *testing.T, w *world) {
		t.Helper()
		w.AddSpreadsheet("2AbCdEf", "Ideas")
		w.AddSpreadsheet("3AbCdEf", "Tasks")
		time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute)))
		begin := time.Now()
		lives := []time.Duration{55 * time.Second, time.Second, time.Second, time.Second, time.Second, time.Minute, time.Minute, time.Minute}
		for _, life := range lives {
			ctx, cancel := context.WithTimeout(t.Context(), life)
			lanes(ctx, t, w, book, "2AbCdEf", "3AbCdEf")
			<-ctx.Done()
			cancel()
			w.restart(t)
		}
		writes, minutes := w.Calls("batchUpdate"), time.Since(begin).Minutes()
		if got := w.refused.Load(); got != 0 || float64(writes) < 35*minutes {
			t.Errorf("got %d writes in %.1f minutes and %d answers 429, want about 40 in a minute, and none", writes, minutes, got)
		}
	})
}
