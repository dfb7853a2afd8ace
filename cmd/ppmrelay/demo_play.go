package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The tempo of the story.
const (
	readingTime = 900 * time.Millisecond // between what was waited for and the next step
	mostWaiting = 60 * time.Second       // for one step: then the story goes on, and the audit tells what is missing
	quietTime   = 4 * time.Second        // without anything new, after which it is said what is waited for
)

// scene is what a story is played on.
type scene interface {
	// follow shows what happens until what a step waits for is there, and for as long as it takes to read it.
	follow(ctx context.Context, u until) error
}

// play tells a story. It ends early with ctx, which is no error.
func play(ctx context.Context, chapters []chapter, c cast, w *window, s scene) error {
	for _, chapter := range chapters {
		if ctx.Err() != nil {
			break
		}
		w.heading(chapter.title)
		for _, step := range chapter.steps {
			if ctx.Err() != nil {
				break
			}
			w.say(step.who, step.says)
			if step.do != nil {
				if err := step.do(c); err != nil { // somebody who edits on the page was faster
					w.say(step.who, "That cannot be done any more: "+err.Error()+". The story goes on.")
					continue
				}
			}
			if err := s.follow(ctx, step.until); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
	return w.err
}

// live follows a stage in a window.
type live struct {
	*stage

	window *window
}

func (l live) follow(ctx context.Context, u until) error {
	if u == atOnce {
		return nil
	}
	// What a person did is read before the answer to it.
	if err := l.watch(ctx, readingTime/3); err != nil {
		return err
	}
	quiet := lull{since: time.Now()}
	err := l.await(ctx, mostWaiting, func() bool {
		if l.window.look(l.Sandbox) {
			quiet = lull{since: time.Now()}
		}
		if words := quiet.over(time.Now(), func() []string { return l.reasons(ctx) }); words != "" {
			l.window.say(inRelay, words)
		}
		return l.reached(ctx, u)
	})
	if err != nil && !errors.Is(err, errTooLong) {
		return err
	}
	return l.watch(ctx, readingTime)
}

// watch shows what happens for a while.
func (l live) watch(ctx context.Context, while time.Duration) error {
	over := time.Now().Add(while)
	return l.await(ctx, mostWaiting, func() bool {
		l.window.look(l.Sandbox)
		return !time.Now().Before(over)
	})
}

// reasons says what is waited for; nil when that is nothing, or not known.
func (l live) reasons(ctx context.Context) []string {
	w, err := l.waits(ctx)
	if err != nil {
		return nil
	}
	return w.words()
}

// lull is how long nothing new was seen.
type lull struct {
	since time.Time
	said  int    // how often it was explained
	last  string // the explanation
}

// over returns what is to be said to somebody who has waited for quietTime, or for that long again: the reasons, or how
// long it has been when they are still the same.
func (l *lull) over(now time.Time, reasons func() []string) string {
	waited := now.Sub(l.since)
	if waited < quietTime*time.Duration(l.said+1) {
		return ""
	}
	words := strings.Join(reasons(), "\n")
	if words == "" {
		return ""
	}
	l.said++
	if words == l.last {
		return fmt.Sprintf("Still so, for %d s now.", int(waited.Seconds()))
	}
	l.last = words
	return words
}

// reached reports whether what a step waits for is there.
func (l live) reached(ctx context.Context, u until) bool {
	switch u {
	case untilRegistered:
		return l.registered()
	case untilWritten:
		return l.written(ctx)
	default:
		return l.told(ctx)
	}
}
