// Package config reads the one YAML file that says what is told to whom. Its structs are the manual: what stands in a
// comment here is what an editor of the file may rely on.
//
// # The way of a file
//
// The bytes become a tree of nodes with positions; riddles of YAML are refused there. A walk fills the structs, which
// already hold the defaults, and resolves secrets. Rules that look at more than one value come last. Every step goes on
// after a fault, so that all of them are told at once, each with file, line and column.
//
// The walk is our own because the library's strict decoder knows no columns, and is not strict any more below a type
// that decodes itself (github.com/yaml/go-yaml/issues/321).
//
// # Invariants
//
//   - An unknown or repeated key is a fault, never ignored. So is what is not built yet.
//   - What has no effect is a fault where its writer counts on it, as a route that never tells anything; else a warning.
//   - No secret is in a fault, an excerpt or a printed Config.
//   - The same bytes give the same Config but for secrets, which come from the surroundings.
package config

// Config is the whole file. A relative path in it starts at the folder of the file; Resolve says where it leads.
type Config struct {
	// Server is the public listener.
	Server Server `yaml:"server"`
	// Console is the listener for those who run the relay.
	Console Console `yaml:"console"`
	// Ops is who is told what is wrong. Without it, failures stand in the log and in /readyz only.
	//
	// Nil when absent.
	Ops *Ops `yaml:"ops"`
	// Journal is where everything received is kept.
	Journal Journal `yaml:"journal"`
	// PPMExpress is the tenant whose webhooks are kept registered. Without it nothing is registered, and events are
	// taken from webhooks that were made by hand.
	//
	// Nil when absent.
	PPMExpress *PPMExpress `yaml:"ppm_express"`
	// Slack is needed when a route tells Slack.
	//
	// Nil when absent.
	Slack *Slack `yaml:"slack"`
	// Google is needed when a route writes a sheet.
	//
	// Nil when absent.
	Google *Google `yaml:"google"`
	// Display says how values are shown, everywhere.
	Display Display `yaml:"display"`
	// Templates are the team's own words, by name. A route names the one it uses.
	Templates map[string]Text `yaml:"templates"`
	// TemplatesFolder is a folder with templates in files of their own, such as templates: its file status.tmpl is the
	// template status. They and those of `templates` are used alike, and have names of their own.
	//
	// Empty when absent. Its files are in Templates.
	TemplatesFolder string `yaml:"templates_folder"`
	// Routes say which events are told where. The first route in the file that takes an event for a target tells it.
	Routes []Route `yaml:"routes"`
	// Tests say what the routes are expected to make of events. "ppmrelay test" tries them; they change nothing that is told.
	//
	// No part of Version. Nil when absent.
	Tests []Test `yaml:"tests" json:"-"`

	source  *source          // excerpts for faults that are found later
	written map[string]place // by path
	files   []string         // see Files
}

// Server is the public listener: the addresses of the webhooks and /healthz, nothing else.
type Server struct {
	// Listen is the address that PPM Express can reach, directly or through a proxy. Default ":8080".
	Listen Address `yaml:"listen"`
	// PublicURL is what PPM Express is told to call: https://relay.example.com. Needed with ppm_express.
	//
	// No slash at its end, whatever was written.
	PublicURL URL `yaml:"public_url"`
	// Secrets are what a request must carry: the first is registered, all are accepted. To change it, put the new one
	// first. At least one; 16 characters or more are wise.
	Secrets []Secret `yaml:"secrets"`
	// MaxBody bounds a request's body, 1KiB to 64MiB. Default 4MiB.
	MaxBody Size `yaml:"max_body"`
}

// Console is the private listener: what happened, and whether all is well.
type Console struct {
	// Listen is an address that strangers cannot reach. Default "127.0.0.1:8081".
	Listen Address `yaml:"listen"`
	// Open says that whoever reaches the address may look: the console asks nobody who they are. Needed for an address
	// that is not one of the machine's own, as in a container. Default false.
	Open Flag `yaml:"open"`
}

// Ops is where failures are told: once when something has stopped, and once when it goes on.
type Ops struct {
	// Channel is the id of a Slack channel, C0123456789: the last line of the channel's details. Routes may tell it too.
	Channel string `yaml:"channel"`
}

// Journal is the durable record.
type Journal struct {
	// URL names the file: "file:ppmrelay.db", which is also the default.
	URL JournalURL `yaml:"url"`
	// Keep is how long an event is kept after it was received, with all that became of it. What has not ended is kept
	// longer, and so is a body that cannot be read. At least a day longer than `memory`. Default 90d.
	Keep Duration `yaml:"keep"`
	// KeepSize is how large the journal may become before the oldest events go, whatever `keep` says; at least 64MiB.
	// Without it there is no bound.
	//
	// Zero when absent.
	KeepSize Size `yaml:"keep_size"`
	// Memory is how long an event is recognised that is sent again; at least 1d. Default 14d.
	Memory Duration `yaml:"memory"`
}

// PPMExpress is one tenant of PPM Express and how to speak to it.
type PPMExpress struct {
	// URL is the host of the tenant's region: https://api-eu.ppm.express or https://api-us.ppm.express.
	//
	// No slash at its end, whatever was written.
	URL URL `yaml:"url"`
	// Tenant is the tenant's name, as in the address of the web app, without the @.
	Tenant string `yaml:"tenant"`
	// APIVersion is the version of the API. Default "v1.0".
	APIVersion string `yaml:"api_version"`
	// Token is a personal access token with the right to manage webhooks.
	Token Secret `yaml:"token"`
	// Links are the addresses of pages by kind of entity (Project, Idea, Task, KeyDate), with {id} where the entity's id
	// goes. Copy one from the browser: they are not published. A kind without one has no link.
	Links map[string]Link `yaml:"links"`
	// Reconcile is when the registered webhooks are compared with the wanted ones: a cron expression of five fields, or
	// "@every 5m", which is the default.
	Reconcile Schedule `yaml:"reconcile"`
	// Fields is the file in which the names of the tenant's fields and the labels of their choices are kept, as PPM Express
	// tells them; it ends in .json. Default: the name of the journal's file with .fields.json behind it.
	//
	// Empty when absent.
	Fields FieldsFile `yaml:"fields"`
}

// Slack is the workspace.
type Slack struct {
	// Token is the bot token of the app: xoxb-...
	Token Secret `yaml:"token"`
	// APIURL is the address of the Web API. Default "https://slack.com/api/".
	//
	// A slash at its end, whatever was written.
	APIURL URL `yaml:"api_url"`
	// Burst is how many messages a channel that was quiet gets at once, before the pace of one a second. Default 3.
	Burst Count `yaml:"burst"`
	// Late is how long after an attempt without an answer its message may still appear in the channel. Only when it is
	// not there by then, the same is told again. Longer is safer, and slower after a fault. Default 20s.
	Late Duration `yaml:"late"`
}

// Google is the service account that writes the sheets.
type Google struct {
	// Credentials is the JSON key of a service account: file:service-account.json.
	Credentials Secret `yaml:"credentials"`
	// Endpoint is the address of the Sheets API. Default "https://sheets.googleapis.com/".
	//
	// A slash at its end, whatever was written.
	Endpoint URL `yaml:"endpoint"`
	// PerMinute is how many reads, and how many writes, are sent in a minute. Google allows 60 of each unless it granted
	// the project more. Default 50.
	PerMinute Count `yaml:"per_minute"`
}

// Display says how values are shown.
type Display struct {
	// TimeZone is where the readers are: Europe/Berlin. Default UTC.
	TimeZone Zone `yaml:"time_zone"`
	// Ignore names attributes whose changes are never told. Default [LastModifiedDate].
	Ignore []string `yaml:"ignore"`
	// Labels are words for numbers, by "Entity.Attribute", then by the number as sent:
	// Project.OverallStatus: { -1: Not set, 0: On track }.
	Labels map[string]map[string]string `yaml:"labels"`
}
