package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/ppmrelay/ppmrelay/look"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// maxOrder is more than any request to the control address needs.
const maxOrder = 64 << 10

// control serves the control address.
//
//	GET    /faults       what there is, what is set and what was met
//	PUT    /faults       what an endpoint meets; POST is the same
//	DELETE /faults       everything works again
//	POST   /conditions   brings about a condition, or takes it back; PUT is the same
//
// An order is answered with what is set after it. One that is not understood wholly is refused with 400 and changes
// nothing, and so is one that a page of somebody else sent by the browser of who works here.
func (s *Sandbox) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, s.report()) })
	for _, method := range []string{http.MethodPut, http.MethodPost} {
		mux.HandleFunc(method+" /faults", s.changing(s.setFault))
		mux.HandleFunc(method+" /conditions", s.changing(s.setCondition))
	}
	mux.HandleFunc("DELETE /faults", s.changing(func([]byte) error { return s.Repair() }))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusNotFound, map[string]string{"error": "there are GET, PUT and DELETE /faults, and POST /conditions"})
	})
	return look.Secure(mux)
}

func (s *Sandbox) changing(change func(body []byte) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxOrder))
		if err == nil {
			err = change(body)
		}
		if err != nil {
			answer(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		answer(w, http.StatusOK, s.report().standing())
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	_ = out.Encode(body) // who went away does not read it
}

// faultOrder says what an endpoint meets.
type faultOrder struct {
	Vendor   string  `json:"vendor"`
	Endpoint string  `json:"endpoint"` // "*" = all
	Kind     string  `json:"kind"`     // "none" ends what was set; "any" is a kind by chance and needs share
	Times    int     `json:"times"`    // how many of the next requests; absent = all from now on
	Share    float64 `json:"share"`    // of the requests, by chance; absent = every one
	Seed     uint64  `json:"seed"`     // of the chance
}

const (
	kindNone = "none"
	kindAny  = "any"
)

func (s *Sandbox) setFault(body []byte) error {
	var o faultOrder
	if err := strict(body, &o); err != nil {
		return err
	}
	vendor, err := s.vendor(o.Vendor)
	if err != nil {
		return err
	}
	if o.Endpoint != fault.Every && !slices.Contains(vendor.Endpoints, o.Endpoint) {
		return unknown("endpoint of "+o.Vendor, o.Endpoint, append([]string{fault.Every}, vendor.Endpoints...))
	}
	kinds, err := o.kinds()
	if err != nil {
		return err
	}
	switch {
	case o.Times < 0:
		return errors.New("times is a number of requests, at least 1")
	case o.Share < 0 || o.Share > 1:
		return errors.New("share is from 0 to 1: 0.05 is one request in twenty")
	case o.Share > 0 && o.Times > 0:
		return errors.New("times and share exclude each other")
	case o.Share > 0:
		vendor.Board.Draw(o.Endpoint, o.Seed, fault.Evenly(o.Share, kinds...)...)
	case o.Seed > 0 || len(kinds) > 1:
		return errors.New("chance needs a share: how much of the requests meets it")
	case o.Times > 0 && o.Endpoint == fault.Every:
		return errors.New("times needs an endpoint: requests are not counted over all of them")
	case o.Times > 0:
		vendor.Board.Script(o.Endpoint, slices.Repeat(kinds, o.Times)...)
	default:
		vendor.Board.Always(o.Endpoint, kinds[0])
	}
	return nil
}

// kinds returns what the order names: one kind, or every one.
func (o faultOrder) kinds() ([]fault.Kind, error) {
	switch o.Kind {
	case kindNone:
		return []fault.Kind{fault.None}, nil
	case kindAny:
		return fault.All(), nil
	}
	kind, err := fault.Parse(o.Kind)
	if err == nil {
		return []fault.Kind{kind}, nil
	}
	names := []string{kindNone, kindAny}
	for _, rule := range fault.Rules() {
		names = append(names, string(rule.Kind))
	}
	if name := string(fault.Kind(o.Kind).Name()); !slices.Contains(names, name) {
		return nil, unknown("kind", name, names)
	}
	return nil, err // of the argument
}

// conditionOrder brings a condition about, or takes it back.
type conditionOrder struct {
	Vendor string `json:"vendor"`
	Name   string `json:"name"`
	On     *bool  `json:"on"`
	Where  string `json:"where"` // where the condition needs it
}

func (s *Sandbox) setCondition(body []byte) error {
	var o conditionOrder
	if err := strict(body, &o); err != nil {
		return err
	}
	if o.On == nil {
		return fmt.Errorf("on is missing: true brings %s about, false takes it back", o.Name)
	}
	return s.Set(o.Vendor, o.Name, *o.On, o.Where)
}
