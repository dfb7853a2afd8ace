package sandbox

import (
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// Switch is one thing that a vendor does not publish, or that is only known by what others observed, and the two ways
// in which a stand-in can have it. The relay must do its work either way: a row is no guess of ours about the vendor.
type Switch struct {
	Name    string `json:"name"`              // "slack.metadata-dropped": the stand-in, then the other way
	Fact    string `json:"fact"`              // what is not known
	Default string `json:"default"`           // how the stand-ins have it
	Other   string `json:"other"`             // how they have it with this switch
	Changes string `json:"changes,omitempty"` // what people are told otherwise then; empty = all the same

	Flip func(*Options) `json:"-"`
}

// Switches returns every switch. Those of which one has several other ways stand there once for each.
func Switches() []Switch {
	return slices.Concat(deliverySwitches(), payloadSwitches(), webhookSwitches(), apiSwitches(), slackSwitches(), googleSwitches())
}

// moment is a pause that a story has time for, and long enough to be a pause.
const moment = 100 * time.Millisecond

func (s Switch) changing(told string) Switch {
	s.Changes = told
	return s
}

func ofPPM(name, fact, otherwise, other string, flip func(*ppm.Switches)) Switch {
	return Switch{Name: "ppm." + name, Fact: fact, Default: otherwise, Other: other, Flip: func(o *Options) { flip(&o.PPM.Switches) }}
}

func ofSlack(name, fact, otherwise, other string, flip func(*slack.Switches)) Switch {
	return Switch{Name: "slack." + name, Fact: fact, Default: otherwise, Other: other, Flip: func(o *Options) { flip(&o.Slack.Switches) }}
}

func ofGoogle(name, fact, otherwise, other string, flip func(*google.Options)) Switch {
	return Switch{Name: "google." + name, Fact: fact, Default: otherwise, Other: other, Flip: func(o *Options) { flip(&o.Google) }}
}

func slackSwitches() []Switch {
	const (
		after429 = "how a 429 says how long to wait"
		wait     = "a whole number of seconds"
		clock    = "how far Slack's clock is from ours"
	)
	return []Switch{
		ofSlack("metadata-dropped", "whether metadata of an event type that no app manifest declares is kept", "it is", "it is accepted and forgotten",
			func(s *slack.Switches) { s.MetadataDropped = true }),
		ofSlack("block-ids-replaced", "whether history shows the block ids that were sent", "it does", "it shows ids of Slack's own",
			func(s *slack.Switches) { s.BlockIDsReplaced = true }),
		ofSlack("visible-later", "when history begins to show a message", "at once", "half a second after it was posted",
			func(s *slack.Switches) { s.VisibleAfter = 5 * moment }),
		ofSlack("long-text-refused", "what becomes of a text above 4,000 characters", "it is split into several messages", "it is refused",
			func(s *slack.Switches) { s.LongTextRefused = true }),
		ofSlack("runes-counted", "what counts as a character", "a UTF-16 unit", "a code point",
			func(s *slack.Switches) { s.CountRunes = true }),
		ofSlack("retry-after-fraction", after429, wait, "seconds with a fraction",
			func(s *slack.Switches) { s.RetryAfter = slack.RetryFraction }),
		ofSlack("retry-after-date", after429, wait, "a date",
			func(s *slack.Switches) { s.RetryAfter = slack.RetryDate }),
		ofSlack("retry-after-missing", after429, wait, "not at all",
			func(s *slack.Switches) { s.RetryAfter = slack.RetryMissing }),
		ofSlack("no-burst", "how many messages a channel takes at once, beside one a second", "10", "one",
			func(s *slack.Switches) { s.ChannelBurst = 1 }),
		ofSlack("small-workspace", "how many messages a minute a workspace takes", "300", "30, and as many at once",
			func(s *slack.Switches) { s.WorkspaceRate = 30 }),
		ofSlack("small-blocks", "how long all blocks of a message may be together", "13,200 characters", "10,100 characters",
			func(s *slack.Switches) { s.BlocksSize = 10_100 }),
		ofSlack("small-metadata", "how much metadata a message may have", "8,000 bytes", "400 bytes",
			func(s *slack.Switches) { s.MetadataSize = 400 }),
		ofSlack("clock-ahead", clock, "not at all", "one and a half hours ahead",
			func(s *slack.Switches) { s.ClockAhead = 90 * time.Minute }),
		ofSlack("clock-behind", clock, "not at all", "one and a half hours behind",
			func(s *slack.Switches) { s.ClockAhead = -90 * time.Minute }),
	}
}

func googleSwitches() []Switch {
	return []Switch{
		ofGoogle("duplicate-metadata", "whether a second developer metadata with the same id is refused", "it is, with 400", "it is taken",
			func(o *google.Options) { o.DuplicateMetadata = true }),
		ofGoogle("delete-missing-refused", "what is answered to deleting developer metadata that is not there", "200", "400",
			func(o *google.Options) { o.DeleteMissingRefused = true }),
		ofGoogle("append-after-visible", "where rows are appended when a filter hides some", "after the last row", "after the last row that is shown",
			func(o *google.Options) { o.AppendAfterVisible = true }),
		ofGoogle("protected-forbidden", "how a write to a protected range is refused", "with 400", "with 403",
			func(o *google.Options) { o.ProtectedForbidden = true }),
		ofGoogle("localised", "the language of errors", "English", "Spanish",
			func(o *google.Options) { o.Localised = true }),
		ofGoogle("all-sheets-in-get", "which tabs an answer lists when ranges were asked for", "those of the ranges", "all",
			func(o *google.Options) { o.AllSheetsInGet = true }),
		ofGoogle("new-rows-plain", "the format of rows that an append adds to the grid", "that of the row above", "none",
			func(o *google.Options) { o.NewRowsPlain = true }),
	}
}
