package page

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	glance   = 100 * time.Millisecond // between two looks at what is new
	breath   = 200 * time.Millisecond // between two reports to one listener
	alive    = 15 * time.Second       // between two signs of life
	patience = 10 * time.Second       // for a listener that does not read
)

// news tells listeners which parts of the page have changed. Nobody looks while nobody listens.
type news struct {
	look func(ctx context.Context) map[string]any // what each part depends on, as comparable values

	mu       sync.Mutex
	seen     map[string]any
	versions map[string]int // by part
	waiting  map[chan struct{}]bool
	stop     context.CancelFunc // of the one who looks; nil = nobody does
	ended    chan struct{}      // closed by close
	closed   bool
}

func newNews(look func(context.Context) map[string]any) *news {
	return &news{
		look: look, seen: map[string]any{}, versions: map[string]int{}, waiting: map[chan struct{}]bool{}, ended: make(chan struct{}),
	}
}

func (n *news) listeners() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.waiting)
}

func (n *news) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		n.closed = true
		close(n.ended)
	}
}

// join adds a listener, who is told by the channel that there is something new, and has somebody look.
func (n *news) join(ctx context.Context) chan struct{} {
	n.update(ctx) // so that the first report is whole
	n.mu.Lock()
	defer n.mu.Unlock()
	told := make(chan struct{}, 1)
	told <- struct{}{}
	n.waiting[told] = true
	if n.stop == nil {
		watching, stop := context.WithCancel(context.WithoutCancel(ctx)) // others may listen longer
		n.stop = stop
		go n.run(watching)
	}
	return told
}

func (n *news) leave(told chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.waiting, told)
	if len(n.waiting) == 0 && n.stop != nil {
		n.stop()
		n.stop = nil
	}
}

func (n *news) run(ctx context.Context) {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			n.update(ctx)
		}
	}
}

// update looks, and tells all listeners when something is new.
func (n *news) update(ctx context.Context) {
	now := n.look(ctx)
	n.mu.Lock()
	defer n.mu.Unlock()
	changed := false
	for part, value := range now {
		if before, known := n.seen[part]; !known || before != value {
			n.seen[part] = value
			n.versions[part]++
			changed = true
		}
	}
	if !changed {
		return
	}
	for told := range n.waiting {
		select {
		case told <- struct{}{}:
		default: // it has not read the last report yet, and will get the newest
		}
	}
}

func (n *news) newer(than map[string]int) map[string]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	newer := map[string]int{}
	for part, version := range n.versions {
		if version > than[part] {
			newer[part] = version
		}
	}
	return newer
}

// serve reports to one listener until it leaves. A slow one misses nothing: it gets the newest version of each part.
func (n *news) serve(w http.ResponseWriter, r *http.Request) {
	out := stream{w, http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	told := n.join(r.Context())
	defer n.leave(told)
	beat := time.NewTicker(alive)
	defer beat.Stop()
	known := map[string]int{}
	for {
		select {
		case <-r.Context().Done():
			return
		case <-n.ended:
			_ = out.send("event: end\ndata: {}\n\n") // it ends in any case
			return
		case <-beat.C:
			if out.send(": alive\n\n") != nil {
				return
			}
		case <-told:
			newer := n.newer(known)
			maps.Copy(known, newer)
			var text strings.Builder
			for _, part := range slices.Sorted(maps.Keys(newer)) {
				fmt.Fprintf(&text, "event: part\ndata: {\"part\":%q,\"version\":%d}\n\n", part, newer[part])
			}
			if out.send(text.String()) != nil || !pause(r.Context(), breath) {
				return
			}
		}
	}
}

// pause reports whether the time has passed; not when ctx ended before.
func pause(ctx context.Context, while time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(while):
		return true
	}
}

// stream is an answer that goes on.
type stream struct {
	http.ResponseWriter

	control *http.ResponseController
}

func (s stream) send(text string) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(patience)) // where there are none, the server has its own
	if _, err := s.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}
