package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/incident"
)

// ends says what became of what had waited.
func (o opsTongue) ends(key string, parts []string, peak, waiting int64) []incident.Line {
	if o.unasked(key) {
		return []incident.Line{{Label: "Means", Text: "the section ppm_express left the configuration: PPM Express is asked nothing; its events are taken as before"}}
	}
	if !strings.HasPrefix(key, keyHeld) && !strings.HasPrefix(key, keyParked) && !strings.HasPrefix(key, keyStuck) {
		return nil
	}
	if gone, _ := o.gone(parts); len(gone) > 0 {
		return skippedWith(gone)
	}
	if peak == 0 || strings.HasPrefix(key, keyStuck) {
		return nil
	}
	text := count1(int(peak), "change") + " waited for " + o.routes(parts) + ", told late, in order; nothing is lost"
	if waiting > 0 {
		text = fmt.Sprintf("up to %s waited for %s, told late, in order: %d still to go; nothing is lost", count1(int(peak), "change"), o.routes(parts), waiting)
	}
	return []incident.Line{{Label: "Means", Text: text}}
}

// gone returns which targets of some parts the configuration does not have any more, and whether it has none of the parts.
// A part may also be a service, which is there as long as a target of it is.
func (o opsTongue) gone(parts []string) (gone []string, all bool) {
	targets, there := targetSet(o.cfg()), 0
	begins := map[string]string{"slack": "slack:", "google": "sheet:"}
	for _, part := range parts {
		_, known := targets[part]
		for target := range targets {
			known = known || begins[part] != "" && strings.HasPrefix(target, begins[part])
		}
		switch {
		case known:
			there++
		case begins[part] == "":
			gone = append(gone, part)
		}
	}
	return gone, len(gone) > 0 && there == 0
}

// skippedWith says what becomes of what waits for targets that left the configuration.
func skippedWith(gone []string) []incident.Line {
	return []incident.Line{
		{Label: "Means", Text: "what still waited for " + few(gone) + ", which left the configuration, is skipped: it is not told there; the events are kept"},
		{Label: "To do", Text: "`ppmrelay events replay --state skipped --to " + gone[0] + "` tells it after all, once the target is back"},
	}
}

// routes names the routes that tell targets; the targets where none does.
func (o opsTongue) routes(targets []string) string {
	var names []string
	for _, route := range o.cfg().Routes {
		if slices.Contains(targets, targetOf(route)) {
			names = append(names, route.Name)
		}
	}
	if cfg := o.cfg(); cfg.Ops != nil && slices.Contains(targets, "slack:"+cfg.Ops.Channel) {
		names = append(names, "this channel")
	}
	if len(names) == 0 {
		names = targets
	}
	return few(names)
}

// few names a few of many.
func few(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most-1], ", ") + fmt.Sprintf(" and %d more", len(names)-most+1)
	}
	return strings.Join(names, ", ")
}

// others says what goes on beside a service or a target that is held.
func (o opsTongue) others(held string) string {
	kinds := map[string]string{"slack": "Slack", "sheet": "Google Sheets", "file": "files"}
	kind, _, _ := strings.Cut(strings.Replace(held, "google", "sheet", 1), ":")
	var going []string
	for _, other := range []string{"slack", "sheet", "file"} {
		if other == kind && held != "file" {
			continue
		}
		if slices.ContainsFunc(o.cfg().Routes, func(r config.Route) bool { return strings.HasPrefix(targetOf(r), other+":") }) {
			going = append(going, kinds[other])
		}
	}
	switch len(going) {
	case 0:
		return ""
	case 1:
		if going[0] != "files" {
			return going[0] + " goes on"
		}
		return "files go on"
	default:
		return strings.Join(going, " and ") + " go on"
	}
}
