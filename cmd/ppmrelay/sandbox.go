package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// sandboxSecret protects nothing: the stand-ins and who talks to them live on one machine, for a while.
const sandboxSecret = "sandbox-secret-of-no-worth"

// sandboxConfig is a configuration that makes the relay talk to the stand-ins. Files it names are relative to its own.
func sandboxConfig(s *sandbox.Sandbox, events, console string) string {
	return sandboxConfigEvery(s, "@every 5m", events, console)
}

// sandboxConfigEvery is sandboxConfig with a schedule by which missing webhooks are looked for.
func sandboxConfigEvery(s *sandbox.Sandbox, reconcile, events, console string) string {
	credentials, err := json.Marshal(string(s.Google.Credentials(s.GoogleURL)))
	if err != nil {
		panic("sandbox: " + err.Error()) // unreachable: it is a string
	}
	return fmt.Sprintf(strings.TrimLeft(`
server:
  listen: %q
  public_url: %q
  secrets: [%s]
console: { listen: %q }
journal: { url: "file:ppmrelay.db" }
ppm_express:
  url: %q
  tenant: %s
  token: %s
  reconcile: %q
  links:
    Project: https://app.ppm.express/eu/@contoso/projects/{id}
slack: { token: %s, api_url: %q }
google: { credentials: %s, endpoint: %q }
display: { time_zone: UTC }
routes:
  - name: delivery-team
    events: ["*"]
    slack: { channel: %s }
  - name: pmo-log
    events: ["*"]
    sheet: { spreadsheet: %s, tab: Changes }
`, "\n"), events, "http://"+events, sandboxSecret, console, s.PPMURL, ppm.DefaultTenant, ppm.DefaultToken,
		reconcile, slack.DefaultToken, s.SlackURL, credentials, s.GoogleURL, sandbox.Channel, sandbox.Spreadsheet)
}
