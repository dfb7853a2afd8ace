package handlers

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// unreadTimeout is how long a refused request may take to send the rest of its body.
const unreadTimeout = time.Second

// route is one line of a listener's table.
type route struct {
	method string
	path   string
	handle gin.HandlerFunc
}

// Public returns the handler of the public listener: where events arrive, and nothing else.
func (r *Receiver) Public() http.Handler {
	return engine(r.log, []route{
		{http.MethodPost, "/events/:entity/:action", r.typed},
		{http.MethodPost, "/events", r.untyped},
		{http.MethodGet, "/healthz", healthz},
		{http.MethodHead, "/healthz", healthz},
	})
}

// Console returns the handler of the listener for whoever runs the relay. It asks nobody who they are, so its listener
// belongs on the loopback interface. The probes are asked by /readyz, in this order.
func (r *Receiver) Console(probes ...Probe) http.Handler {
	table := []route{
		{http.MethodGet, "/", index},
		{http.MethodGet, "/healthz", healthz},
		{http.MethodHead, "/healthz", healthz},
		{http.MethodGet, "/readyz", r.readyz(probes)},
		{http.MethodHead, "/readyz", r.readyz(probes)},
	}
	if r.metrics != nil {
		table = append(table, route{http.MethodGet, "/metrics", gin.WrapH(r.metrics)})
	}
	return engine(r.log, table)
}

// index says what is here.
func index(c *gin.Context) {
	c.String(http.StatusOK, "%s", "ppmrelay\n\n"+
		"/healthz  whether the process serves\n"+
		"/readyz   whether events can be taken, and what is wrong; JSON with the header Accept: application/json\n"+
		"/metrics  the same in figures, for Prometheus\n")
}

// engine turns a table into a handler, without the habits of gin that would hurt here: a redirect for a slash too many
// (a sender that does not follow it loses its event), trust in what a request says about its origin, 404 for a wrong
// method, and lines to the standard output.
func engine(log *slog.Logger, table []route) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.RedirectTrailingSlash = false
	e.RedirectFixedPath = false
	e.HandleMethodNotAllowed = true
	e.ForwardedByClientIP = false
	if err := e.SetTrustedProxies(nil); err != nil {
		panic(err) // unreachable: only a malformed address is an error
	}
	e.Use(recovery(log), headers, unread)
	e.NoRoute(func(c *gin.Context) { refuse(c, http.StatusNotFound) })
	e.NoMethod(func(c *gin.Context) { refuse(c, http.StatusMethodNotAllowed) })
	for _, line := range table {
		e.Handle(line.method, line.path, line.handle)
	}
	return e
}

// unread bounds the wait for a body that was not read because the request was refused. Without it the server waits as
// long as for any body before it answers, so that anybody could keep connections busy for half a minute each.
func unread(c *gin.Context) {
	c.Next()
	// An answer that is made without a network has no deadline, and needs none.
	_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(unreadTimeout))
}

// headers keeps answers out of caches and browsers from guessing.
func headers(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Header("X-Content-Type-Options", "nosniff")
}
