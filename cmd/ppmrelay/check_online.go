package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/fields"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/templates"
)

const (
	expiresSoon = 30 * 24 * time.Hour // how long before its end a token is warned of
	lastFor     = 2 * time.Minute     // how long asking may take altogether
)

// inquiry is what PPM Express said about a configuration.
type inquiry struct {
	cfg    *config.Config
	found  *inspection
	words  *templates.Words // with the labels of now
	feed   *fields.Feed     // nil where nothing is known of the fields
	lines  []string         // what was found, for people
	warned config.Errors
	faults config.Errors // why PPM Express cannot be asked
	labels string        // to paste into the configuration; empty where no value needs a label
}

// inquire asks PPM Express about a configuration: whose token it is and how long it lasts, what the tenant's fields are, and
// which values were seen that nobody has a label for. What it warns of is added to what was found.
func (a *app) inquire(ctx context.Context, found *inspection) (*inquiry, error) {
	q := &inquiry{cfg: found.cfg, found: found}
	switch {
	case len(found.faults) > 0:
		q.say("PPM Express was not asked: mend the faults first")
		return q, nil
	case q.cfg.PPMExpress == nil:
		return nil, wrong(errors.New("--online: the configuration has no section ppm_express, so that nobody can be asked"))
	}
	ctx, cancel := context.WithTimeout(ctx, lastFor)
	defer cancel()
	q.words, q.feed = found.made.words, found.made.book.newest.Load().feed
	client := newClient(q.cfg)
	me, err := client.Me(ctx)
	if err != nil {
		q.unasked(err)
		return q, nil
	}
	q.say("PPM Express, %s, tenant %s", q.cfg.PPMExpress.URL, printable(q.cfg.PPMExpress.Tenant))
	q.token(me, time.Now())
	q.fields(ctx, client)
	q.unlabelled(ctx, client)
	found.warnings = slices.Concat(found.warnings, q.warned)
	return q, nil
}

func (q *inquiry) say(format string, args ...any) {
	q.lines = append(q.lines, fmt.Sprintf(format, args...))
}

// warn adds a warning at the place of a value, or of what stands above it.
func (q *inquiry) warn(path, message, hint string) {
	line, column := q.cfg.Place(path)
	q.warned = append(q.warned, q.found.made.warning(line, column, message, hint))
}

// unasked says why PPM Express cannot be asked, at the setting that it most likely depends on.
func (q *inquiry) unasked(err error) {
	path := "ppm_express.url"
	if failed, ok := errors.AsType[*ppm.CallError](err); ok && slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden}, failed.Status) {
		path = "ppm_express.token"
	}
	message, hint := "PPM Express cannot be asked: "+printable(err.Error()), ""
	if why := unreached(err); why != "" {
		message, hint = "PPM Express cannot be reached: "+why, "look at ppm_express.url, and whether this machine may go there"
	}
	line, column := q.cfg.Place(path)
	q.faults = append(q.faults, q.cfg.Fault(line, column, message, hint))
}

// token says whose token it is and how long it lasts.
func (q *inquiry) token(me ppm.Identity, now time.Time) {
	who := printable(me.Account)
	if who == "" {
		who = "somebody whose name is not told"
	}
	if me.Token.Expires.IsZero() {
		q.say("the token is accepted, it is of %s; when it expires is not told", who)
		return
	}
	left := me.Token.Expires.Sub(now)
	day, days := me.Token.Expires.UTC().Format("2 Jan 2006"), count1(int(left/(24*time.Hour)), "day")
	q.say("the token is accepted, it is of %s and expires on %s, in %s", who, day, days)
	if left < expiresSoon {
		q.warn("ppm_express.token", fmt.Sprintf("the token expires on %s, in %s", day, days),
			"make a new one in PPM Express under Settings > Automation")
	}
}

// fields says what the tenant's fields are, and whether they are the ones that are kept.
func (q *inquiry) fields(ctx context.Context, client *ppm.Client) {
	feed, err := fields.Pull(ctx, client, q.cfg.PPMExpress.Tenant, time.Now())
	if err != nil {
		q.warn("ppm_express.token", "the tenant's fields cannot be fetched: "+printable(err.Error()), "")
	}
	if feed == nil {
		return
	}
	kept := q.feed
	q.feed = feed.Or(kept)
	q.words = q.words.With(tenantOf(q.feed), nil)
	known, choices := sizeOf(q.feed)
	q.say("the tenant has %s and %s with labels", count1(known, "field"), count1(choices, "choice"))
	for _, entity := range fields.Kinds() {
		for _, puzzle := range q.feed.Puzzles(entity) {
			q.say("not understood, of %s: %s", kindsOf(entity), printable(puzzle))
		}
	}
	if !q.feed.Same(kept) {
		q.found.warnings = slices.Concat(q.cfg.Warnings(), q.found.made.templateWarnings(), q.found.made.unknownFields(q.feed))
	}
	switch file := q.cfg.FieldsFile(); {
	case kept == nil:
		q.say("they are not in %s yet: ppmrelay schema pull, or the next start, fetches them", file)
	case !q.feed.Same(kept):
		q.say("in %s is something else: ppmrelay schema pull, or a running ppmrelay within a day, fetches them", file)
	}
}

// report is what people read beneath the faults.
func (q *inquiry) report() string {
	var out strings.Builder
	for _, line := range q.lines {
		out.WriteString(line + "\n")
	}
	if q.labels != "" {
		out.WriteString("\n" + q.labels)
	}
	return out.String()
}

// tell prints what people read beneath the faults.
func (a *app) tell(text string) error {
	if _, err := fmt.Fprint(a.out, text); err != nil {
		return fmt.Errorf("printing what was found: %w", err)
	}
	return nil
}
