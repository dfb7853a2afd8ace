package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const (
	atMost   = time.Minute // how long a page may take for anything
	eachLook = 50 * time.Millisecond
)

// tab is a page that is open in a browser. Whatever it must never do is a fault, found when it is closed: a dialog, an
// error on the console (which a violation of the content security policy is, too), a request to another origin, a script
// from outside that ran.
type tab struct {
	t      *testing.T
	ctx    context.Context
	leave  context.CancelFunc
	origin string // with the slash behind it

	mu     sync.Mutex
	faults []string
}

// openTab opens a page with a state of its own. Before it is loaded, the browser is prepared.
func openTab(t *testing.T, v visits, s served, path string, prepare ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	b := newTab(t, v, s)
	t.Cleanup(func() {
		for _, fault := range b.close() {
			t.Error(fault)
		}
	})
	b.do("preparing", append(prepare, size(1360, 900), call(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}))...)
	b.visit(path)
	return b
}

func newTab(t *testing.T, v visits, s served) *tab {
	t.Helper()
	b := &tab{t: t, origin: s.url + "/"}
	b.ctx, b.leave = chromedp.NewContext(v.browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.hear))
	if err := chromedp.Do(b.ctx); err != nil { // the tab lives as long as this context
		t.Fatalf("opening a tab: %v", err)
	}
	return b
}

// close ends the tab, and returns its faults.
func (b *tab) close() []string {
	if touched := value[string](b, "typeof window.touched"); touched != "undefined" {
		b.fault("a script from outside ran: window.touched is %s", touched)
	}
	b.leave()
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.faults
}

// call sends a command of the protocol.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (nothing chromedp.Void, err error) {
		_, err = cdp.Call(ctx, target, command, params)
		return nothing, err
	}
}

func size(width, height int64) chromedp.Action[chromedp.Void] {
	return chromedp.EmulateViewport(width, height)
}

// media makes the system of the reader light or dark, and lively or calm.
func media(scheme, motion string) chromedp.Action[chromedp.Void] {
	return call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion},
	}})
}

// hear notes what must not happen.
func (b *tab) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type != runtime.ConsoleAPICalledTypeLog && e.Type != runtime.ConsoleAPICalledTypeInfo && e.Type != runtime.ConsoleAPICalledTypeDebug {
			b.fault("the console has a line of the kind %s", e.Type)
		}
	case *runtime.EventExceptionThrown:
		b.fault("an exception was not caught: %s", e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.fault("the console says (%s): %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *page.EventJavascriptDialogOpening:
		b.fault("a dialog opened: %s", e.Message)
		go func() { // it blocks everything else
			_ = chromedp.Do(b.ctx, call(page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{}))
		}()
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, b.origin) && !strings.HasPrefix(e.Request.URL, "data:") {
			b.fault("another origin was asked: %s", e.Request.URL)
		}
	case *network.EventWebSocketCreated:
		b.fault("a socket was opened to %s", e.URL)
	}
}

func (b *tab) fault(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, fmt.Sprintf(format, args...))
}

// do lets the browser do something, within a time.
func (b *tab) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, atMost)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.show()
		b.t.Fatalf("%s: %v", what, err)
	}
}

func (b *tab) visit(path string) {
	b.t.Helper()
	b.do("opening "+path, chromedp.Navigate(b.origin+strings.TrimPrefix(path, "/")))
}

// helpers are what the expressions of tests are written with. They only read.
const helpers = `
const $ = (s) => document.querySelector(s), $$ = (s) => [...document.querySelectorAll(s)];
const entity = (name) => $$("#part-tenant details.ent:not(.make)").find((d) => d.querySelector("summary bdi").textContent === name);
const told = (text) => $$("#part-channel .sl-msg").filter((m) => m.textContent.includes(text)).length;
const plain = (text) => text.replace(/[\u200b\u202a-\u202e\u2066-\u2069]/g, "").replaceAll("∗", "*");
const heads = () => $$("#part-sheet thead tr.hd th[scope=col]").map((h) => h.getAttribute("aria-label"));
const cell = (c) => { const i = c.querySelector("input:not([type=hidden])"); return !i ? c.textContent : i.type === "checkbox" ? String(i.checked) : i.value; };
const rows = () => { const h = heads(); return $$("#part-sheet tbody tr").map((r) => Object.fromEntries([...r.querySelectorAll("td")].map((c, i) => [h[i], cell(c)]))); };
const written = (name, field) => rows().filter((r) => r.Name === name && r.Field === field).length;
const figures = () => $$("#part-way .n").map((n) => Number(n.textContent.replaceAll(",", "")));
const calm = () => /told \+.*written \+/.test($("#part-way .track").textContent) && !/wait|on the way/.test($("#part-way .way").textContent) &&
  $$("#part-way .promise b").every((b) => b.textContent === "0");
`

// value returns what an expression is in the page.
func value[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, atMost)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T]("(() => {"+helpers+"return ("+expression+");})()", chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// evaluated runs an expression in the page.
func evaluated(expression string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](expression)
}

// until looks at the page now and then until an expression is true there.
func (b *tab) until(what, expression string) {
	b.t.Helper()
	late := time.After(atMost)
	for {
		ctx, cancel := context.WithTimeout(b.ctx, atMost)
		met, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("(() => {"+helpers+"return document.readyState === 'complete' && Boolean("+expression+");})()"))
		cancel()
		if met {
			return
		}
		select {
		case <-late:
			b.show()
			b.t.Fatalf("this does not come: %s (%s), %v", what, expression, err)
		case <-time.After(eachLook):
		}
	}
}

// show keeps a picture of what went wrong, and says where.
func (b *tab) show() {
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Logf("there is no picture of it: %v", err)
		return
	}
	file := filepath.Join(os.TempDir(), "ppmrelay-"+strings.ReplaceAll(strings.ReplaceAll(b.t.Name(), "/", "-"), "#", "")+".png")
	if err := os.WriteFile(file, picture, 0o600); err == nil {
		b.t.Logf("how it looked: %s", file)
	}
}
