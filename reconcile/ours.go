package reconcile

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// Ours reports whether a registered webhook is one of the wanted ones.
func Ours(wanted []ppm.Webhook, registered ppm.Webhook) bool {
	return slices.ContainsFunc(wanted, func(want ppm.Webhook) bool { return belongs(want, registered, nil) })
}

// made are the webhooks that this process created.
type made []ppm.Webhook

// typeOf returns the type that a webhook was created for, and whether it was created here.
func (m made) typeOf(registered ppm.Webhook) (event.Type, bool) {
	for _, w := range m {
		if w.ID != "" && strings.EqualFold(w.ID, registered.ID) {
			return typeOf(w), true
		}
	}
	return "", false
}

// belongs reports whether a registered webhook is the wanted one, whatever else there may be to say about it: it was
// created for it, or it has its address. An address that differs in case or in a slash at its end, which PPM Express may
// have changed when it kept it, counts as well when this relay's own secret is shown beside it: nobody else has that.
func belongs(want, registered ppm.Webhook, created made) bool {
	if t, known := created.typeOf(registered); known {
		return t == typeOf(want)
	}
	return sameAddress(want.URL, registered.URL) || alike(want.URL, registered.URL) && proves(want, registered)
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

// masked reports whether an answer hides a header's value instead of showing it: whether PPM Express does that is not
// published, and what is hidden cannot differ.
func masked(value string) bool {
	credentials := strings.TrimSpace(strings.TrimPrefix(value, "Bearer"))
	return value != "" &&
		(strings.Trim(credentials, "*•●.…xX") == "" || strings.EqualFold(credentials, "[secret]") || strings.EqualFold(credentials, "redacted"))
}

// shows reports whether a list shows headers at all: somebody's value can be read in it.
func shows(registered []ppm.Webhook) bool {
	return slices.ContainsFunc(registered, func(w ppm.Webhook) bool {
		return slices.ContainsFunc(w.Headers, func(h ppm.Header) bool { return h.Value != "" && !masked(h.Value) })
	})
}

// showsValues reports whether a list shows what values a header has. That of another header proves nothing: hiding those
// that are known to be secret is what many do.
func showsValues(registered []ppm.Webhook, header string) bool {
	return slices.ContainsFunc(registered, func(w ppm.Webhook) bool {
		value, _ := w.Header(header)
		return value != "" && !masked(value)
	})
}
