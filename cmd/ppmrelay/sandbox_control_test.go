package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// curl does what a person's curl does: a body without a method is a POST.
func curl(t *testing.T, method, url, body string) (status int, text string) {
	t.Helper()
	if method == "" && body != "" {
		method = http.MethodPost
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := (&http.Client{}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(all)
}

// TestSandboxHelpIsTrue runs the curl commands that the help shows, in their order.
func TestSandboxHelpIsTrue(t *testing.T) {
	_, help, _ := ppmrelay(t, "sandbox", "--help")
	commands := regexp.MustCompile(`(?m)^ +curl localhost:9004(/\w+)(?: -X (\w+))?(?: -d '(.*)')?$`).FindAllStringSubmatch(help, -1)
	if len(commands) < 5 || len(commands) != strings.Count(help, "curl localhost:9004") {
		t.Fatalf("got %d commands that can be read, want all %d", len(commands), strings.Count(help, "curl "))
	}
	control := regexp.MustCompile(`Control +(http://127\.0\.0\.1:\d+) `).FindStringSubmatch(startSandbox(t).said)
	if control == nil {
		t.Fatal("the sandbox does not say where it is controlled")
	}
	for i, c := range commands {
		status, text := curl(t, c[2], control[1]+c[1], c[3])
		if status != http.StatusOK {
			t.Errorf("%s: got %d %s", c[0], status, text)
		}
		set := strings.Contains(text, `"endpoint":`) || strings.Contains(text, `"on": true`)
		if first, last := i == 0, i == len(commands)-1; set == (first || last) {
			t.Errorf("%s: got that something is set: %t", strings.TrimSpace(c[0]), set)
		}
	}
}

// TestDemoCanBeMadeToFail: the demo says where, and it is true.
func TestDemoCanBeMadeToFail(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"demo"}, writer, io.Discard)
		_ = writer.Close()
	}()
	found := false
	for lines := bufio.NewScanner(reader); lines.Scan(); {
		if _, url, said := strings.Cut(lines.Text(), "by hand: curl "); said {
			status, text := curl(t, http.MethodGet, url, "")
			found = status == http.StatusOK && strings.Contains(text, "chat.postMessage")
			cancel()
		}
	}
	if <-ended; !found {
		t.Error("got no address that answers")
	}
	cancel()
}
