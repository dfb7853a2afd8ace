package reconcile

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// whose is who a registered webhook belongs to.
type whose int

const (
	theirs   whose = iota
	ours           // it is at one of the wanted addresses, or was created for one
	formerly       // it is, or was created, under a former public_url
)

// finding is whose a registered webhook is.
type finding struct {
	whose  whose
	want   int     // place of the wanted one; -1 = it was created for a type that is not wanted any more
	record *Record // nil when there is none
	proved bool    // ours only because it shows our secret: it is not deleted
	given  bool    // under an address that was given up: it is deleted
	stale  bool    // it was deleted, and the list does not know that yet
}

// Whose tells whose a registered webhook is: "ours", "former" (of this relay, under a former address), or "foreign".
func (s Situation) Whose(registered ppm.Webhook) string {
	return s.finder().find(registered).whose.String()
}

func (w whose) String() string { return [...]string{"foreign", "ours", "former"}[w] }

// finder finds whose webhooks are. It spells the wanted addresses once.
type finder struct {
	Situation

	wanted []string // in the form that equal ones share
}

func (s Situation) finder() finder {
	f := finder{s, make([]string, len(s.Wanted))}
	for i, want := range s.Wanted {
		f.wanted[i] = normal(want.URL)
	}
	return f
}

// find looks for what a registered webhook is. What it was created for says more than the address that it is listed
// with, which PPM Express may have changed when it kept it. One that differs in case or in a slash at its end counts as
// well when this relay's own secret is shown beside it: nobody else has that.
func (s finder) find(w ppm.Webhook) finding {
	record := recordOf(s.Records, w.ID)
	found := finding{want: -1, record: record, stale: record != nil && record.stale(s.Now)}
	by := func(fits func(want ppm.Webhook) bool) bool {
		found.want = slices.IndexFunc(s.Wanted, fits)
		return found.want >= 0
	}
	at := func(address string) bool {
		found.want = slices.Index(s.wanted, normal(address))
		return found.want >= 0
	}
	switch {
	case record != nil && at(record.URL) && typeOf(s.Wanted[found.want]) == record.Type, at(w.URL):
		found.whose = ours
	case by(func(want ppm.Webhook) bool { return proves(want, w) && alike(want.URL, w.URL) }):
		found.whose, found.proved = ours, true
	case record != nil:
		found.whose = formerly
		by(func(want ppm.Webhook) bool { return typeOf(want) == record.Type })
		found.given = s.ByHand || s.gaveUp(record.Type, record.URL)
	case by(func(want ppm.Webhook) bool { return s.gaveUp(typeOf(want), w.URL) }):
		found.whose, found.given = formerly, true
	}
	return found
}

// gaveUp reports whether an address is one that webhooks of the type had until a live reload gave it up.
func (s Situation) gaveUp(t event.Type, address string) bool {
	return atOneOf(s.Former, t, address)
}

// atOneOf reports whether an address is the one that webhooks of the type have at one of some public_urls.
func atOneOf(bases []string, t event.Type, address string) bool {
	return slices.ContainsFunc(bases, func(base string) bool { return sameAddress(base+pathOf(t), address) })
}

// unique leaves each id once: a page that overlaps the one before would make a webhook its own twin.
func unique(list []ppm.Webhook) []ppm.Webhook {
	var all []ppm.Webhook
	for _, w := range list {
		if w.ID == "" || !slices.ContainsFunc(all, func(other ppm.Webhook) bool { return strings.EqualFold(other.ID, w.ID) }) {
			all = append(all, w)
		}
	}
	return all
}

// proves reports whether a registered webhook shows the headers of the wanted one.
func proves(want, registered ppm.Webhook) bool {
	return len(want.Headers) > 0 && !slices.ContainsFunc(want.Headers, func(h ppm.Header) bool {
		value, _ := registered.Header(h.Name)
		return value != h.Value
	})
}

func alike(a, b string) bool {
	return strings.EqualFold(strings.TrimRight(normal(a), "/"), strings.TrimRight(normal(b), "/"))
}

func sameAddress(a, b string) bool { return normal(a) == normal(b) }

// normal is an address in the form that equal ones share: scheme and host in lower case, no default port (RFC 3986,
// sections 6.2.2.1 and 6.2.3).
func normal(address string) string {
	parsed, err := url.Parse(address) // which spells the scheme in lower case
	if err != nil {
		return address
	}
	host, port := strings.ToLower(parsed.Hostname()), parsed.Port()
	if port == "" || parsed.Scheme == "https" && port == "443" || parsed.Scheme == "http" && port == "80" {
		parsed.Host = strings.ToLower(strings.TrimSuffix(parsed.Host, ":"+port))
	} else {
		parsed.Host = net.JoinHostPort(host, port)
	}
	return parsed.String()
}
