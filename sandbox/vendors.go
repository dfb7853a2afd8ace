package sandbox

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// Vendor is one of the stand-ins, as far as it can be made to fail.
type Vendor struct {
	Name       string // "ppm", "slack", "google"
	Board      *fault.Board
	Endpoints  []string // as the board knows them
	Conditions []fault.Condition
}

// Vendors returns the stand-ins: PPM Express, Slack and Google.
func (s *Sandbox) Vendors() []Vendor {
	return []Vendor{
		{"ppm", s.PPM.Board, s.PPM.Endpoints(), s.PPM.Conditions()},
		{"slack", s.Slack.Board, s.Slack.Endpoints(), s.Slack.Conditions()},
		{"google", s.Google.Board, s.Google.Endpoints(), s.Google.Conditions()},
	}
}

// held is a condition that was brought about, and not taken back yet.
type held struct{ vendor, name, where string }

// Set brings about a condition of a vendor, or takes it back: one of its Conditions, by name. A name or a place that is
// not there is an error which says what there is; nothing has changed then.
func (s *Sandbox) Set(vendor, name string, on bool, where string) error {
	condition, err := s.condition(vendor, name)
	switch {
	case err != nil:
		return err
	case condition.Where == "" && where != "":
		return fmt.Errorf("%s is a state of %s as a whole: leave where out", name, vendor)
	case condition.Where != "" && where == "":
		return fmt.Errorf("%s needs where: the %s", name, condition.Where)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := condition.Set(on, where); err != nil {
		return err
	}
	this := held{vendor, name, where}
	s.held = slices.DeleteFunc(s.held, func(h held) bool { return h == this })
	if on {
		s.held = append(s.held, this)
	}
	return nil
}

func (s *Sandbox) condition(vendor, name string) (fault.Condition, error) {
	v, err := s.vendor(vendor)
	if err != nil {
		return fault.Condition{}, err
	}
	i := slices.IndexFunc(v.Conditions, func(c fault.Condition) bool { return c.Name == name })
	if i < 0 {
		var names []string
		for _, c := range v.Conditions {
			names = append(names, c.Name)
		}
		return fault.Condition{}, unknown("condition of "+vendor, name, names)
	}
	return v.Conditions[i], nil
}

func (s *Sandbox) vendor(name string) (Vendor, error) {
	var names []string
	for _, v := range s.Vendors() {
		if v.Name == name {
			return v, nil
		}
		names = append(names, v.Name)
	}
	return Vendor{}, unknown("vendor", name, names)
}

// Repair makes everything work again: it takes back every condition, the last one first, and every fault. What is kept
// to land late still lands.
func (s *Sandbox) Repair() error {
	s.mu.Lock()
	held := s.held
	s.mu.Unlock()
	var all []error
	for _, h := range slices.Backward(slices.Clone(held)) {
		all = append(all, s.Set(h.vendor, h.name, false, h.where))
	}
	for _, v := range s.Vendors() {
		v.Board.Repair()
	}
	return errors.Join(all...)
}
