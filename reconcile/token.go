package reconcile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ppmrelay/ppmrelay/ppm"
)

// tokenWarning is how long before its end a token is told about.
const tokenWarning = 30 * day

// knownToken is what is known of the token of PPM Express.
type knownToken struct {
	Asked   time.Time `json:"asked,omitzero"`
	Expires time.Time `json:"expires,omitzero"` // zero when that is not told
}

// askToken asks how long the token lives: once a day, and again by a new process when there was something to tell, as it
// may have been given a new one.
func (r *Reconciler) askToken(ctx context.Context) {
	now, known := time.Now(), r.state.Token
	again := !r.asked && !known.Expires.IsZero() && known.Expires.Sub(now) < tokenWarning
	if now.Sub(known.Asked) < day && !again {
		return
	}
	if me, err := r.me(ctx); err == nil {
		r.state.Token.Expires = me.Token.Expires
	}
}

func (r *Reconciler) me(ctx context.Context) (ppm.Identity, error) {
	r.asked, r.state.Token.Asked = true, time.Now()
	return r.config.Registry.Me(ctx)
}

// explain tells, after a refusal, a token that is not accepted from a permission that is missing: PPM Express may answer
// both with 401.
func (r *Reconciler) explain(ctx context.Context, err error, how request) error {
	failed, ok := errors.AsType[*ppm.CallError](err)
	if !ok || how.dry && ctx.Err() != nil || failed.Status != http.StatusUnauthorized && failed.Status != http.StatusForbidden {
		return err
	}
	me, asked := r.me(ctx)
	refused, ok := errors.AsType[*ppm.CallError](asked)
	switch {
	case asked == nil:
		r.state.Token.Expires = me.Token.Expires
		return fmt.Errorf("%w; the token itself is accepted, so what its owner%s lacks is the permission", err, named(me))
	case !ok || refused.Status != http.StatusUnauthorized && refused.Status != http.StatusForbidden:
		return err
	case !r.state.Token.Expires.IsZero() && !time.Now().Before(r.state.Token.Expires):
		return fmt.Errorf("%w; the token expired on %s", err, date(r.state.Token.Expires))
	default:
		return fmt.Errorf("%w; PPM Express accepts the token for nothing else either, so it is the token", err)
	}
}

func named(me ppm.Identity) string {
	if me.Account == "" {
		return ""
	}
	return " (" + me.Account + ")"
}

func date(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// expiry is what there is to tell of the token's end; empty = nothing.
func (k knownToken) expiry(now time.Time) string {
	left := k.Expires.Sub(now)
	const act = "make a new one in PPM Express under Settings > Automation; without it, a webhook that disappears stays away"
	switch {
	case k.Expires.IsZero() || left > tokenWarning:
		return ""
	case left <= 0:
		return fmt.Sprintf("the token of PPM Express expired on %s: %s", date(k.Expires), act)
	case left < day:
		return fmt.Sprintf("the token of PPM Express expires within a day, on %s: %s", date(k.Expires), act)
	default:
		return fmt.Sprintf("the token of PPM Express expires on %s: %s", date(k.Expires), act)
	}
}
