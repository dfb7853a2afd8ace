package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// OpsRoute is the name of what tells the channel of Config.Ops, as deliveries show it.
const OpsRoute = "ops"

// table is what the first route that writes to a tab or file makes of it.
type table struct {
	line     int
	headers  string
	spelling string // of a file's path or a tab's title, as the first route writes it
}

func (c *checker) routes() {
	if !c.written("routes") {
		c.missing("", "routes", "without a route nothing is told")
		return
	}
	if c.Routes != nil && len(c.Routes) == 0 {
		c.complain("routes", "without a route nothing is told", "`routes` has no entry")
	}
	lines, tables, channels := map[string]int{}, map[string]table{}, map[string]int{}
	for i := range c.Routes {
		path, r := entry("routes", i), &c.Routes[i]
		if c.bad[c.places[path].value] {
			continue
		}
		c.routeName(path, r.Name, lines)
		c.require(path, "events", "write events: [\"*\"] for all of them")
		if r.Events != nil && len(r.Events) == 0 {
			c.complain(path+".events", "write [\"*\"] for all of them", "`events` has no entry")
		}
		c.target(path, r)
		c.slackRoute(path+".slack", r.Slack)
		c.sameChannel(i, channels)
		c.sheetRoute(path+".sheet", r.Sheet, tables)
		c.fileRoute(path+".file", r.File, tables)
	}
}

func (c *checker) routeName(path, name string, lines map[string]int) {
	c.require(path, "name", "give it one that people will recognise, such as pmo-log")
	if name == "" {
		return
	}
	at := c.places[path+".name"].value
	if name == OpsRoute && c.Ops != nil {
		c.fault(at, "give it another name", "the name %s stands for what tells the channel of `ops`", quoted(name))
		return
	}
	if first, taken := lines[name]; taken {
		c.fault(at, "give it another name", "the name %s is taken by the route in line %d", quoted(name), first)
		return
	}
	lines[name] = at.Line
}

// target tells when a route has no target or several.
func (c *checker) target(path string, r *Route) {
	var found []string
	for _, key := range []string{"slack", "sheet", "file"} {
		if c.written(path + "." + key) {
			found = append(found, key)
		}
	}
	switch len(found) {
	case 0:
		if c.meant[path+".slack"] || c.meant[path+".sheet"] || c.meant[path+".file"] {
			return
		}
		c.fault(c.places[path].value, "add slack, sheet or file", "the route%s tells nobody", named(r.Name))
	case 1:
	default:
		c.complainKey(path+"."+found[1], "write a second route with the same events",
			"a route has one target, and this one has %s", strings.Join(found, " and "))
	}
}

func named(name string) string {
	if name == "" {
		return ""
	}
	return " " + quoted(name)
}

func (c *checker) slackRoute(path string, r *SlackRoute) {
	if r == nil {
		return
	}
	if !c.written("slack") && !c.meant["slack"] {
		c.complainKey(path, "add slack: { token: env:SLACK_BOT_TOKEN } at the top", "a route to Slack needs a token")
	}
	c.require(path, "channel", "it is the last line of the channel's details in Slack: C0123456789")
	c.channelID(path+".channel", r.Channel)
	if _, known := c.Templates[r.Template]; r.Template != "" && !known && !c.meant["templates"] {
		c.complain(path+".template", c.templateHint(r.Template), "there is no template %s", quoted(r.Template))
	}
}

// channelID tells when what is written is not the id of a channel.
func (c *checker) channelID(path, channel string) {
	if channel != "" && !regexp.MustCompile(`^[CGD][A-Z0-9]{2,}$`).MatchString(channel) {
		c.complain(path, "copy the id from the last line of the channel's details: C0123456789",
			"%s is not a channel's id", quoted(channel))
	}
}

// sameChannel tells when two routes want a channel to do different things with what nobody can look up.
func (c *checker) sameChannel(i int, channels map[string]int) {
	mine := c.Routes[i].Slack
	if mine == nil || mine.Channel == "" {
		return
	}
	first, shared := channels[mine.Channel]
	if !shared {
		channels[mine.Channel] = i
		return
	}
	other := c.Routes[first].Slack.WhenUnsure
	if other == mine.WhenUnsure {
		return
	}
	at := c.places[entry("routes", i)+".slack"].key
	if c.written(entry("routes", i) + ".slack.when_unsure") {
		at = c.places[entry("routes", i)+".slack.when_unsure"].value
	}
	c.fault(at, "write the same in both: it counts for the channel", "the route in line %d says `when_unsure: %s` for this channel",
		c.places[entry("routes", first)+".slack"].key.Line, other)
}

func (c *checker) templateHint(name string) string {
	names := slices.Sorted(maps.Keys(c.Templates))
	switch hint := didYouMean(name, names); {
	case hint != "":
		return hint
	case len(names) == 0:
		return "write it below `templates`, or leave the key out for the built-in wording"
	default:
		return "there is " + strings.Join(names, ", ")
	}
}

func (c *checker) sheetRoute(path string, r *SheetRoute, tables map[string]table) {
	if r == nil {
		return
	}
	if !c.written("google") && !c.meant["google"] {
		c.complainKey(path, "add google: { credentials: file:service-account.json } at the top",
			"a route to a sheet needs a service account")
	}
	c.require(path, "spreadsheet", "it is the long part of the spreadsheet's address, between /d/ and /edit")
	if id := r.Spreadsheet; id != "" && !regexp.MustCompile(`^[A-Za-z0-9_-]{5,}$`).MatchString(id) {
		c.complain(path+".spreadsheet", spreadsheetHint(id), "%s is not a spreadsheet's id", quoted(id))
	}
	c.table(path, r.TableConfig)
	if r.Spreadsheet == "" {
		return
	}
	if first := tabLike(r, tables); first.spelling != "" && first.spelling != r.Tab {
		at := c.places[path+".tab"].value
		if at == nil { // the default
			at = c.places[path].key
		}
		c.fault(at, "write tab: "+first.spelling, "this is the tab of the route in line %d, spelt in another way", first.line)
		return
	}
	tab := r.Spreadsheet + "\n" + r.Tab
	c.sameHeaders(path, "tab", tab, r.TableConfig, tables)
	first := tables[tab]
	first.spelling = r.Tab
	tables[tab] = first
}

// tabLike returns what an earlier route makes of the same tab, in whatever case that writes its title: two tabs of a
// spreadsheet cannot differ in case alone.
func tabLike(r *SheetRoute, tables map[string]table) table {
	for name, first := range tables {
		if id, tab, isTab := strings.Cut(name, "\n"); isTab && id == r.Spreadsheet && strings.EqualFold(tab, r.Tab) {
			return first
		}
	}
	return table{}
}

// spreadsheetHint finds the id in a pasted address.
func spreadsheetHint(text string) string {
	if match := regexp.MustCompile(`/d/([A-Za-z0-9_-]+)`).FindStringSubmatch(text); match != nil {
		return "write " + match[1]
	}
	return "it is the long part of the spreadsheet's address, between /d/ and /edit"
}
