package sinks

import (
	"errors"
	"fmt"
	"time"
)

// Class says what an error means for the effect and what helps.
type Class int

// The classes of failure. Unsure is the zero value on purpose: what nobody classified may have happened.
const (
	Unsure  Class = iota // it may have happened: Recall decides
	Retry                // nothing happened, a passing fault: again after 1, 2, 4 … 60 s
	Wait                 // nothing happened, the target asks for patience: again after Error.After
	Void                 // nothing happened, the content was refused: again with less, then plain, then buried
	Bury                 // nothing happened, and a plainer form would not help: with less, then buried
	Park                 // nothing happened, this target refuses until a person acts: probed every 5 minutes
	Stop                 // nothing happened, every target of this sink refuses (credentials): probed every 5 minutes
	Unknown              // nothing happened, refused for a cause in no list: three tries in 10 minutes, then as Bury; parked when the next one is refused as well
)

func (c Class) String() string {
	return [...]string{"unsure", "retry", "wait", "void", "bury", "park", "stop", "unknown"}[c]
}

// Reason is the closed list of causes: what people filter by, and what a metric is labelled with.
type Reason string

// The reasons.
const (
	ReasonUnreachable   Reason = "unreachable"      // no connection, nothing was sent
	ReasonNoAnswer      Reason = "no-answer"        // sent, but no answer came: timeout, reset, crash
	ReasonBadAnswer     Reason = "bad-answer"       // an answer that cannot be understood
	ReasonServerError   Reason = "server-error"     // the other side failed
	ReasonRateLimited   Reason = "rate-limited"     // too many requests, quota used up
	ReasonContent       Reason = "content-refused"  // too long, bad block, bad value
	ReasonTargetGone    Reason = "target-gone"      // channel archived, tab deleted, folder missing
	ReasonTargetRefuses Reason = "target-refuses"   // not a member, protected, read-only
	ReasonCredentials   Reason = "credentials"      // token or key refused
	ReasonPermission    Reason = "permission"       // scope or sharing missing
	ReasonStorage       Reason = "storage"          // disk full, write failed
	ReasonInterrupted   Reason = "interrupted"      // stopped before the answer was written down
	ReasonUnknown       Reason = "unknown-response" // a refusal that is in no list
)

// Error is a failure of Perform or of a look by Recall.
type Error struct {
	Class  Class
	Reason Reason
	After  time.Duration // of Wait: how long the other side asks to wait; 0 = not told
	Err    error         // what happened, without secrets
}

// Fail makes an Error whose text is built as by fmt.Errorf.
func Fail(class Class, reason Reason, format string, args ...any) *Error {
	return &Error{Class: class, Reason: reason, Err: fmt.Errorf(format, args...)}
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Classify returns the Error in err's chain, or an Unsure one around it.
func Classify(err error) *Error {
	if failure, ok := errors.AsType[*Error](err); ok {
		return failure
	}
	return &Error{Class: Unsure, Reason: ReasonNoAnswer, Err: err}
}
