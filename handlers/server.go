package handlers

import (
	"log/slog"
	"net/http"
	"time"
)

// Server returns a server with the bounds that a public listener needs; the caller listens, serves and shuts down.
//
//	20 s    for the headers, 16 KiB for all of them; also for a connection that was opened and not used yet, as clients
//	        that keep a pool of them do. Less than for the whole request, which begins to count at the same time
//	30 s    for the whole request: 4 MiB at 1.2 Mbit/s
//	60 s    from the headers to the end of the answer
//	2 min   for a connection on which nothing is asked
//	1,000   connections at the same time; one more, and the longest without progress is closed: a stranger's, as long
//	        as there is one
//
// What net/http itself has to say about a connection (a bad handshake, a reset) goes to the log at debug level.
func Server(handler http.Handler, log *slog.Logger) *http.Server {
	open := newVisitors(maxConnections, log)
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 20 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ConnContext:       open.enter,
		ConnState:         open.moved,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
