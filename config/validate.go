package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// checker holds the rules that look at more than one value. It runs after the walk, also when that found faults, and
// says nothing about a value that is told to be wrong already.
type checker struct {
	*walker
	*Config
}

func (c *checker) check() {
	if c.bad[c.places[""].value] {
		return
	}
	c.folder()
	c.server()
	c.console()
	c.ops()
	c.journal()
	c.ppmExpress()
	c.slack()
	c.google()
	c.display()
	c.routes()
	c.tests()
	c.silent()
	c.unused()
}

func (c *checker) server() {
	if !c.written("server.secrets") {
		c.missing("server", "secrets", "write secrets: [env:PPMRELAY_SECRET]")
	} else if c.Server.Secrets != nil && len(c.Server.Secrets) == 0 {
		c.complain("server.secrets", "write secrets: [env:PPMRELAY_SECRET]", "`secrets` has no entry")
	}
	for i, secret := range c.Server.Secrets {
		if strings.ContainsFunc(secret.Reveal(), notForHeader) {
			c.complain(entry("server.secrets", i), "letters, digits and -_.~ are safe",
				"a secret goes into a header of requests and must be printable ASCII without spaces")
		}
	}
	if c.written("server.max_body") && (c.Server.MaxBody < 1<<10 || c.Server.MaxBody > 64<<20) {
		c.complain("server.max_body", "", "`max_body` must be from 1KiB to 64MiB")
	}
}

func (c *checker) console() {
	const path = "console.listen"
	if !bool(c.Console.Open) && !c.Console.Listen.own() {
		c.complain(path, "write 127.0.0.1 in front of the port, or `open: true` where others cannot reach the address",
			"the console asks nobody who they are, so it listens on the machine's own addresses only")
	}
	if c.Console.Listen.collides(c.Server.Listen) {
		at := path
		if !c.written(at) {
			at = "server.listen"
		}
		c.complain(at, "give it another port", "`console` and `server` would listen at the same address")
	}
}

func (c *checker) ops() {
	if c.Ops == nil {
		return
	}
	if !c.written("slack") && !c.meant["slack"] {
		c.complainKey("ops", "add slack: { token: env:SLACK_BOT_TOKEN } at the top", "a channel in Slack needs a token")
	}
	c.require("ops", "channel", "it is the last line of the channel's details in Slack: C0123456789")
	c.channelID("ops.channel", c.Ops.Channel)
}

func notForHeader(r rune) bool { return r <= ' ' || r > '~' }

func (c *checker) ppmExpress() {
	if c.PPMExpress == nil {
		return
	}
	const path = "ppm_express"
	c.require(path, "url", "write https://api-eu.ppm.express or https://api-us.ppm.express")
	c.require(path, "tenant", "it stands behind the @ in the address of the web app")
	c.require(path, "token", "write token: env:PPM_EXPRESS_TOKEN")
	if !c.written("server.public_url") {
		c.missing("server", "public_url", "PPM Express is told to call it; write public_url: https://relay.example.com")
	}
	if tenant := c.PPMExpress.Tenant; tenant != "" && strings.ContainsAny(tenant, "@/?# ") {
		c.complain(path+".tenant", "write what stands behind the @ in the address of the web app", "`tenant` is a name, not an address")
	}
	if !regexp.MustCompile(`^v\d+\.\d+$`).MatchString(c.PPMExpress.APIVersion) {
		c.complain(path+".api_version", "write v1.0", "`api_version` is not a version")
	}
	if step, first := longStep(c.PPMExpress.Reconcile.String()); step != "" {
		c.warn(c.places[path+".reconcile"].value, fmt.Sprintf("write %d if that is meant", first),
			fmt.Sprintf("`reconcile`: %s steps over the end of its field, so that it comes at %d alone", quoted(step), first))
	}
	for _, kind := range slices.Sorted(maps.Keys(c.PPMExpress.Links)) {
		if !slices.Contains(entities(), kind) {
			c.complainKey(path+".links."+kind, kindHint(kind), "%s is not a kind of entity", quoted(kind))
		}
	}
}

func kindHint(kind string) string {
	if hint := didYouMean(kind, entities()); hint != "" {
		return hint
	}
	return "known here: " + strings.Join(entities(), ", ")
}

func (c *checker) slack() {
	if c.Slack != nil {
		c.require("slack", "token", "write token: env:SLACK_BOT_TOKEN")
	}
}

func (c *checker) google() {
	if c.Google == nil {
		return
	}
	c.require("google", "credentials", "write credentials: file:service-account.json")
	content := c.Google.Credentials.Reveal()
	if content == "" {
		return
	}
	var key struct{ Type string }
	hint := "download it in the Google Cloud console: service account, Keys, Add key, JSON"
	if strings.HasSuffix(content, ".json") {
		hint = "write file: in front of the path"
	}
	if err := json.Unmarshal([]byte(content), &key); err != nil || key.Type != "service_account" {
		c.complain("google.credentials", hint, "`credentials` is not the JSON key of a service account")
	}
}

func (c *checker) display() {
	for _, name := range slices.Sorted(maps.Keys(c.Display.Labels)) {
		path := "display.labels." + name
		kind, attribute, found := strings.Cut(name, ".")
		switch {
		case !found || attribute == "":
			c.complainKey(path, "write one such as Project.OverallStatus", "%s is not an entity and its attribute", quoted(name))
		case !slices.Contains(entities(), kind):
			c.complainKey(path, kindHint(kind), "%s is not a kind of entity", quoted(kind))
		}
		for _, value := range slices.Sorted(maps.Keys(c.Display.Labels[name])) {
			if sent := asSent(value); sent != value {
				hint := "write the number as sent: " + sent
				if _, twice := c.Display.Labels[name][sent]; twice {
					hint = "remove it: there is a label of " + sent + ", too"
				}
				c.complainKey(path+"."+value, hint, "%s is never sent, so this label is never used", quoted(value))
				continue
			}
			if word := c.Display.Labels[name][value]; !isWhole(value) && isWhole(word) {
				c.complainKey(path+"."+value, "write the number first: `"+word+": "+value+"`", "%s stands where the number belongs", quoted(value))
			}
		}
	}
}

// isWhole reports whether a text is a whole number.
func isWhole(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// written reports whether the file has a value at the path.
func (c *checker) written(path string) bool {
	_, found := c.places[path]
	return found
}

// require tells of a key that a section must have.
func (c *checker) require(section, key, hint string) {
	if !c.written(section + "." + key) {
		c.missing(section, key, hint)
	}
}

// missing tells at a section, or at the beginning of the file, that something is not there.
func (c *checker) missing(section, key, hint string) {
	at, found := c.places[section]
	if c.meant[join(section, key)] || c.meant[section] || c.bad[at.value] {
		return
	}
	if !found {
		at, key = c.places[""], section+"."+key
	}
	n := at.key
	if n == nil {
		n = at.value
	}
	c.fault(n, hint, "%s is missing", quoted(key))
}

// complain tells what is wrong with the value at a path.
func (c *checker) complain(path, hint, format string, args ...any) {
	c.fault(c.places[path].value, hint, format, args...)
}

// complainKey tells what is wrong with a key.
func (c *checker) complainKey(path, hint, format string, args ...any) {
	c.fault(c.places[path].key, hint, format, args...)
}

func entry(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
