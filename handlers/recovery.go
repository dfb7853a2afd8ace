package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"

	"github.com/gin-gonic/gin"
)

// recovery turns a panic into 500 and a line in the log.
func recovery(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause) // net/http's own way to drop a connection
			}
			logPanic(c.Request.Context(), log, "a request panicked", cause)
			refuse(c, http.StatusInternalServerError)
		}()
		c.Next()
	}
}

// logPanic is called where a panic was recovered. It logs the stack, but neither the request nor what the panic says,
// where that could repeat what was sent.
func logPanic(ctx context.Context, log *slog.Logger, message string, cause any) {
	log.ErrorContext(ctx, message, //nolint:sloglint // three callers, each with a constant
		"cause", describe(cause), "stack", string(debug.Stack()))
}

// describe names the cause of a panic. Only the words of the runtime are safe to repeat.
func describe(cause any) string {
	if err, ok := cause.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", cause)
}
