package config

import (
	"github.com/ppmrelay/ppmrelay/sinks/file"
	"github.com/ppmrelay/ppmrelay/sinks/sheets"
	"github.com/ppmrelay/ppmrelay/sinks/slack"
)

// Route says which events are told to one target. Exactly one of Slack, Sheet and File is set; who wants an event in two
// places writes two routes.
type Route struct {
	// Name is how people speak of the route. Unique.
	Name string `yaml:"name"`
	// Events are the types it takes: Project:Updated, "KeyDate:*", "*:Deleted" or "*". At least one.
	Events []Pattern `yaml:"events"`
	// When narrows the events further by an expression: changed("OverallStatus") || daysMoved("FinishDate") > 7.
	//
	// Its Value is empty when absent.
	When Text `yaml:"when"`

	// Slack is the channel that is told. A route has one target.
	Slack *SlackRoute `yaml:"slack"`
	// Sheet is the tab of a spreadsheet that is written. A route has one target.
	Sheet *SheetRoute `yaml:"sheet"`
	// File is the file that is appended to, comma-separated values (.csv) or JSON lines (.jsonl). A route has one target.
	File *FileRoute `yaml:"file"`
}

// SlackRoute is one channel.
type SlackRoute struct {
	// Channel and Template.
	slack.Config `yaml:",inline"`

	// WhenUnsure is what follows when nobody can look whether a message arrived, as a permission of the app is missing.
	// The same in all routes to the channel. Default park.
	WhenUnsure WhenUnsure `yaml:"when_unsure"`
	// Urgent messages go before what waits for the channel, each alone. Default false.
	Urgent Flag `yaml:"urgent"`
}

// SheetRoute is one tab of a spreadsheet.
type SheetRoute struct {
	// Spreadsheet and Tab. The tab's default is "Changes".
	sheets.Config `yaml:",inline"`

	TableConfig `yaml:",inline"`
}

// FileRoute is one file of comma-separated values (.csv) or JSON lines (.jsonl), which is appended to.
type FileRoute struct {
	// Path is where the file is. Its end says which format it has.
	file.Config `yaml:",inline"`

	TableConfig `yaml:",inline"`
}

// TableConfig is what a row is and what its cells are. Routes that write to the same tab or file have the same headers.
type TableConfig struct {
	// Rows is what gets a row: change (each attribute that changed) or event. Default change.
	Rows Rows `yaml:"rows"`
	// Columns are the columns from left to right. Without them the table has the built-in ones.
	//
	// Nil when absent.
	Columns []Column `yaml:"columns"`
}

// Column is one column of a table.
type Column struct {
	// Header is its first line. Unique in the table; rows are written by it, so that columns can be moved.
	Header string `yaml:"header"`
	// Value is the template of its cells. One action alone keeps the type of its value.
	Value Text `yaml:"value"`
	// Type is how the cells are shown. Default auto: as the value's type asks.
	Type ColumnType `yaml:"type"`
}
