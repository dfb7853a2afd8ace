package main

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestBrowser uses the pages of the real program as a person does, in Chromium: one browser, and for each group of
// doings a demo of its own, whose exit code tells in the end whether everything was told once.
func TestBrowser(t *testing.T) {
	wholeProgram(t)
	v := startBrowser(t)
	t.Run("Slack down", v.slackDown)
	t.Run("looks", v.looks)
	t.Run("edits", v.edits)
	t.Run("a bad page", v.badPage)
	t.Run("many edits", v.manyEdits)
	t.Run("keyboard", v.keyboard)
	t.Run("without script", v.withoutScript)
	t.Run("Google out of quota", v.googleOut)
	t.Run("sheet", v.sheet)
	t.Run("hostile forms", v.hostileForms)
	t.Run("hostile tenant", v.hostileTenant)
	t.Run("sandbox", v.sandbox)
}

// visits are what is done in one browser.
type visits struct{ browser context.Context }

// required is what PPMRELAY_BROWSER says where a browser must be: there, a skipped test is a failed one.
const required = "required"

// missing skips a test that needs something which is not there, in words that cannot be overlooked.
func missing(t *testing.T, what, help string) {
	t.Helper()
	say := "NOT PLAYED: " + what + ". " + help
	if os.Getenv("PPMRELAY_BROWSER") == required {
		t.Fatal(say)
	}
	t.Skip(say)
}

// chromium finds the browser: the one that CHROMIUM names, else one of the usual ones.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	missing(t, "there is no Chromium", "Install it (apt-get install chromium), or name it in CHROMIUM.")
	return ""
}

// startBrowser starts Chromium with nothing of its own: no profile, no network but ours.
func startBrowser(t *testing.T) visits {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(time.Minute),
		chromedp.Flag("no-sandbox", true), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en-GB"))
	allocator, end := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(end)
	browser, leave := chromedp.NewContext(allocator)
	t.Cleanup(leave)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	return visits{browser}
}

// served is a program with a page, in a process of its own.
type served struct {
	url  string
	said func() string // until now
}

// serveDemo starts a demo in which nobody edits but the test. In the end it has to say that everything was told once.
func serveDemo(t *testing.T) served {
	t.Helper()
	return serveProgram(t, "demo", "--story=false", "--page", "127.0.0.1:0")
}

// serveSandbox starts the stand-ins alone.
func serveSandbox(t *testing.T) served {
	t.Helper()
	return serveProgram(t, "sandbox", "--page", "127.0.0.1:0", "--ppm", "127.0.0.1:0", "--slack", "127.0.0.1:0",
		"--google", "127.0.0.1:0", "--control", "127.0.0.1:0")
}

func serveProgram(t *testing.T, args ...string) served {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	program := exec.CommandContext(context.WithoutCancel(t.Context()), path, args...)
	program.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	program.Stderr = program.Stdout
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	said := newTranscript(out)
	s := served{said: said.text}
	t.Cleanup(func() {
		_ = program.Process.Signal(os.Interrupt) // where it has ended, its exit code says why
		<-said.ended
		if err := program.Wait(); err != nil {
			t.Errorf("%s ended with %v\n%s", filepath.Base(path)+" "+strings.Join(args, " "), err, said.text())
		}
	})
	select {
	case s.url = <-said.address:
	case <-said.ended:
		t.Fatalf("there is no page:\n%s", said.text())
	case <-time.After(time.Minute):
		t.Fatalf("there is no page after a minute:\n%s", said.text())
	}
	return s
}

// transcript is what a program says.
type transcript struct {
	address chan string // of its page
	ended   chan struct{}

	mu    sync.Mutex
	lines []string
}

func newTranscript(out io.Reader) *transcript {
	s := &transcript{address: make(chan string, 1), ended: make(chan struct{})}
	url := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	go func() {
		defer close(s.ended)
		for all := bufio.NewScanner(out); all.Scan(); {
			s.mu.Lock()
			s.lines = append(s.lines, all.Text())
			s.mu.Unlock()
			if strings.Contains(all.Text(), "in a browser") {
				s.address <- cmp.Or(url.FindString(all.Text()), "none")
			}
		}
	}()
	return s
}

func (s *transcript) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}
