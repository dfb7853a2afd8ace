package config

import "time"

const day = Duration(24 * time.Hour)

// defaulted is a part of the file that has defaults. They are filled in before the part is read.
type defaulted interface{ setDefaults() }

func (c *Config) setDefaults() {
	c.Server = Server{Listen: ":8080", MaxBody: 4 << 20}
	c.Console = Console{Listen: "127.0.0.1:8081"}
	c.Journal = Journal{URL: "file:ppmrelay.db", Keep: 90 * day, Memory: 14 * day}
	c.Display = Display{TimeZone: Zone{time.UTC}, Ignore: []string{"LastModifiedDate"}}
}

func (p *PPMExpress) setDefaults() {
	p.APIVersion = "v1.0"
	p.Reconcile = defaultSchedule()
}

func (s *Slack) setDefaults() {
	s.APIURL, s.Burst, s.Late = "https://slack.com/api/", 3, Duration(20*time.Second)
}

func (g *Google) setDefaults() { g.Endpoint, g.PerMinute = "https://sheets.googleapis.com/", 50 }

func (s *SlackRoute) setDefaults() { s.WhenUnsure = UnsurePark }
func (s *SheetRoute) setDefaults() { s.Tab, s.Rows = "Changes", RowsChange }
func (f *FileRoute) setDefaults()  { f.Rows = RowsChange }
func (c *Column) setDefaults()     { c.Type = ColumnAuto }
