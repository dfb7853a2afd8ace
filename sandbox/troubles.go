package sandbox

import (
	"fmt"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// Trouble is a fault or a condition that was set, by whomever, and has not ended.
type Trouble struct {
	Vendor   string // "slack"
	Endpoint string // of a fault; empty = a condition
	Words    string // "every request to chat.postMessage: 500 with a page for people"
}

// Troubles returns what is set now, in plain words, vendor by vendor.
func (s *Sandbox) Troubles() []Trouble {
	all := []Trouble{}
	for _, v := range s.report().Vendors {
		for _, set := range v.Settings {
			for _, words := range inWords(set) {
				all = append(all, Trouble{v.Vendor, set.Endpoint, words})
			}
		}
		for _, c := range v.Conditions {
			if c.On && c.OnAt == nil {
				all = append(all, Trouble{Vendor: v.Vendor, Words: c.Words})
			}
			for _, where := range c.OnAt {
				all = append(all, Trouble{Vendor: v.Vendor, Words: fmt.Sprintf("%s (%s %s)", c.Words, c.Where, where)})
			}
		}
	}
	return all
}

// inWords says what an endpoint meets: what is scripted, then what holds afterwards.
func inWords(set fault.Setting) []string {
	to := "to " + set.Endpoint
	if set.Endpoint == fault.Every {
		to = "that has no fault of its own"
	}
	var words []string
	if len(set.Next) == 1 {
		words = append(words, fmt.Sprintf("the next request %s: %s", to, sees(set.Next[0])))
	}
	if len(set.Next) > 1 {
		words = append(words, fmt.Sprintf("the next %d requests %s, first: %s", len(set.Next), to, sees(set.Next[0])))
	}
	if set.Always != fault.None {
		words = append(words, fmt.Sprintf("every request %s: %s", to, sees(set.Always)))
	}
	share := 0.0
	for _, chance := range set.Chances {
		share += chance.Share
	}
	if share > 0 {
		words = append(words, fmt.Sprintf("%.0f %% of the requests %s fail, by chance", 100*share, to))
	}
	return words
}

// sees says what a caller sees of a fault, with the kind's name for who wants to set it.
func sees(kind fault.Kind) string {
	for _, rule := range fault.Rules() {
		if rule.Kind == kind.Name() {
			return fmt.Sprintf("%s (%s)", rule.Sees, kind)
		}
	}
	return "as usual"
}
