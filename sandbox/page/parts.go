package page

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// The parts of the page that change by themselves.
const (
	partWay     = "way"
	partTrouble = "trouble"
	partTenant  = "tenant"
	partHooks   = "hooks"
	partChannel = "channel"
	partSheet   = "sheet"
)

// look returns what each part depends on.
func (p *Page) look(ctx context.Context) map[string]any {
	s := p.options.Sandbox
	tenant := s.PPM.Version()
	now := map[string]any{
		partTenant:  tenant.Changes,
		partHooks:   tenant,
		partTrouble: fmt.Sprint(tenant.Changes, s.Troubles()),
		partChannel: s.Slack.Version(),
		partSheet:   s.Google.Version(),
	}
	if p.options.Relay != nil {
		way, err := p.way.now(ctx)
		now[partWay] = fmt.Sprint(way, err, wait(way.Slack), wait(way.Sheet))
	}
	return now
}

// shown is what a template of the page is given.
type shown struct {
	Relay   bool
	Query   string // of the page, to come back to it
	Editor  string
	Find    string
	Outcome outcome // of a form that is about nothing that shows it
	Strip   *strip
	Places  []place
	Trouble trouble
	Groups  []group
	Hooks   []hook
	Channel channel
	Sheet   sheet
}

// fill makes what a part needs; the empty name is the whole page.
func (p *Page) fill(ctx context.Context, part string, query url.Values) shown {
	at := p.address(query)
	s := shown{Relay: p.options.Relay != nil, Query: at.query.Encode(), Editor: p.editor().Name, Find: at.find}
	wants := func(name string) bool { return part == "" || part == name }
	if at.said.about == "" {
		s.Outcome = at.said
	}
	if wants(partWay) {
		s.Strip = p.strip(ctx)
	}
	if wants(partTrouble) {
		s.Trouble = p.trouble()
	}
	if wants(partTenant) {
		s.Groups = p.tenant(at)
	}
	if wants(partHooks) {
		s.Hooks = p.hooks()
	}
	if wants(partChannel) {
		s.Channel = p.channel(at)
	}
	if wants(partSheet) {
		s.Sheet = p.sheet(at)
	}
	if part == "" && !s.Relay {
		s.Places = p.places()
	}
	return s
}

// whole shows the page.
func (p *Page) whole(w http.ResponseWriter, r *http.Request) {
	p.render(w, http.StatusOK, "page.tmpl", p.fill(r.Context(), "", r.URL.Query()))
}

// part shows one part of the page, as the address of the page wants it.
func (p *Page) part(w http.ResponseWriter, r *http.Request) {
	switch name := r.PathValue("name"); name {
	case partWay, partTrouble, partTenant, partHooks, partChannel, partSheet:
		if name == partWay && p.options.Relay == nil {
			p.nothing(w, "There is no relay here.")
			return
		}
		p.render(w, http.StatusOK, "part-"+name, p.fill(r.Context(), name, r.URL.Query()))
	default:
		p.nothing(w, "There is no such part of the page.")
	}
}

// wait is how long it is until a place is tried again, in whole seconds.
func wait(s Stop) time.Duration { return max(0, time.Until(s.Again).Round(time.Second)) }
