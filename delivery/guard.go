package delivery

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// panicError is a fault in code that speaks for one target. It must not end the program, which serves all others.
type panicError struct {
	cause any
	stack []byte // for the log
}

func (e *panicError) Error() string { return fmt.Sprintf("a fault in the program: %v", e.cause) }

// guard does something for one target, and turns a panic into an error.
func guard(do func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &panicError{cause: cause, stack: debug.Stack()}
		}
	}()
	return do()
}

// guarded is a sink that cannot take the program with it. A write that panicked may have happened.
type guarded struct{ sink sinks.Sink }

func (g guarded) Compose(items []sinks.Item, plain bool) (content []byte, taken int, err error) {
	err = guard(func() error {
		content, taken, err = g.sink.Compose(items, plain)
		return err
	})
	return content, taken, err
}

func (g guarded) Perform(ctx context.Context, effect sinks.Effect) (receipt sinks.Receipt, err error) {
	err = guard(func() error {
		receipt, err = g.sink.Perform(ctx, effect)
		return err
	})
	return receipt, err
}

func (g guarded) Recall(ctx context.Context, effect sinks.Effect) (found sinks.Recollection, err error) {
	err = guard(func() error {
		found, err = g.sink.Recall(ctx, effect)
		return err
	})
	return found, err
}

func (g guarded) Told(ctx context.Context, events []string, since time.Time) (told []string, err error) {
	err = guard(func() error {
		told, err = g.sink.Told(ctx, events, since)
		return err
	})
	return told, err
}
