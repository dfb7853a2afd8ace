package look

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
)

// policy allows a page what comes from its own origin, and nothing that stands within it: what is injected is not run.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Secure serves pages to people at this computer, and at the named hosts ("relay.example.com", without a port): other
// names are refused, so that no page of the internet can reach this one by a name that it lets point here (DNS
// rebinding). What would change something is refused where another page sent it.
func Secure(next http.Handler, hosts ...string) http.Handler {
	crossing := http.NewCrossOriginProtection()
	crossing.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "This was sent by another page, so nothing was changed.", http.StatusForbidden)
	}))
	protected := crossing.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", policy)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		head.Set("Cache-Control", "no-store")
		if !welcome(r.Host, hosts) {
			http.Error(w, fmt.Sprintf("This page is not served under the name %q. Open it as localhost, or by an address that it was started for.", r.Host), http.StatusMisdirectedRequest)
			return
		}
		protected.ServeHTTP(w, r)
	})
}

// welcome reports whether a name is one of this computer's own, or one of the hosts.
func welcome(host string, hosts []string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(strings.TrimSuffix(host, "."), "[]"))
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	return host != "" && slices.ContainsFunc(hosts, func(known string) bool { return strings.EqualFold(host, strings.Trim(known, "[]")) })
}
