package main

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	sandboxslack "github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
	"github.com/ppmrelay/ppmrelay/sinks/slack"
)

// The scopes of the manifest are enough to post a message and to look for it.
func TestSlackManifestHasTheScopes(t *testing.T) {
	var scopes []string
	for _, scope := range regexp.MustCompile(`(?m)^      - (.+)$`).FindAllStringSubmatch(readText(t, "deploy/slack-app-manifest.yaml"), -1) {
		scopes = append(scopes, scope[1])
	}
	const public, private = "C0123456789", "C0987654321"
	try := func(scopes []string) error {
		workspace := sandboxslack.New(sandboxslack.Options{
			Scopes: scopes, Channels: []sandboxslack.Channel{{ID: public, Name: "public"}, {ID: private, Name: "private"}},
		})
		server := httptest.NewServer(workspace)
		defer server.Close()
		client := slack.NewClient(slack.Options{Token: sandboxslack.DefaultToken, URL: server.URL + "/api/", Late: time.Millisecond})
		for _, channel := range []string{public, private} {
			if err := postAndLook(t, slack.New(client, channel)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := try(scopes); err != nil {
		t.Errorf("with %v: %v", scopes, err)
	}
	if err := try(slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return s == "chat:write" })); err == nil {
		t.Error("it works without chat:write: this test shows nothing")
	}
	if err := try([]string{"chat:write"}); err == nil {
		t.Error("it works without reading the history: this test shows nothing")
	}
}

func postAndLook(t *testing.T, sink *slack.Sink) error {
	t.Helper()
	content, _, err := sink.Compose([]sinks.Item{{Events: []string{"1"}, Message: event.Message{Head: "Hello", Text: "Hello"}}}, false)
	if err != nil {
		return err
	}
	effect := sinks.Effect{ID: "0190a5c4-7d1e-7000-8000-000000000001", Content: content, Started: time.Now()}
	if _, err := sink.Perform(t.Context(), effect); err != nil {
		return err
	}
	effect.Ended = time.Now()
	found, err := sink.Recall(t.Context(), effect)
	if err == nil && found.Happened != sinks.Did {
		return fmt.Errorf("the message is not found: %v %s", found.Happened, found.Detail)
	}
	return err
}
