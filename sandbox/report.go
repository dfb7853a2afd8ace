package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// report is everything that there is to fail, and how it stands.
type report struct {
	Kinds   []fault.Rule   `json:"kinds"`
	Vendors []vendorReport `json:"vendors"`
}

type vendorReport struct {
	Vendor     string            `json:"vendor"`
	Endpoints  []string          `json:"endpoints"`
	Conditions []conditionReport `json:"conditions"`

	fault.State
}

// conditionReport is a condition, and whether or where it was brought about.
type conditionReport struct {
	fault.Condition

	On   bool     `json:"on"`
	OnAt []string `json:"on_at,omitempty"`
}

func (s *Sandbox) report() report {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := report{Kinds: fault.Rules()}
	for _, v := range s.Vendors() {
		one := vendorReport{Vendor: v.Name, Endpoints: v.Endpoints, State: v.Board.State()}
		for _, c := range v.Conditions {
			stands := conditionReport{Condition: c}
			for _, h := range s.held {
				if h.vendor == v.Name && h.name == c.Name {
					stands.On = true
					if h.where != "" {
						stands.OnAt = append(stands.OnAt, h.where)
					}
				}
			}
			one.Conditions = append(one.Conditions, stands)
		}
		all.Vendors = append(all.Vendors, one)
	}
	return all
}

// standing is what is set: what an order is answered with, where everything that there is would hide it.
type standing struct {
	Set []vendorStanding `json:"set"` // only vendors of which something is
}

type vendorStanding struct {
	Vendor     string              `json:"vendor"`
	Settings   []fault.Setting     `json:"settings,omitempty"`
	Conditions []conditionStanding `json:"conditions,omitempty"`
}

type conditionStanding struct {
	Name string   `json:"name"`
	On   bool     `json:"on"` // always true
	OnAt []string `json:"on_at,omitempty"`
}

func (r report) standing() standing {
	all := standing{Set: []vendorStanding{}}
	for _, v := range r.Vendors {
		one := vendorStanding{Vendor: v.Vendor, Settings: v.Settings}
		for _, c := range v.Conditions {
			if c.On {
				one.Conditions = append(one.Conditions, conditionStanding{Name: c.Name, On: true, OnAt: c.OnAt})
			}
		}
		if len(one.Settings)+len(one.Conditions) > 0 {
			all.Set = append(all.Set, one)
		}
	}
	return all
}

// strict reads an order: one object, with no other fields than those of the struct that into points to.
func strict(body []byte, into any) error {
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(body, &sent); err != nil {
		return fmt.Errorf("the body is no JSON object: %w", err)
	}
	var fields []string
	for field := range reflect.TypeOf(into).Elem().Fields() {
		fields = append(fields, field.Tag.Get("json"))
	}
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if !slices.Contains(fields, name) {
			return unknown("field", name, fields)
		}
	}
	err := json.Unmarshal(body, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s cannot be a %s", wrong.Field, wrong.Value)
	}
	return err
}
