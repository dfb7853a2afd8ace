package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ppmrelay/ppmrelay/config"
)

// atStart are the settings that only a start can change: addresses are bound and the journal is opened by then, and a
// journal belongs to one tenant.
func atStart() []string {
	return []string{"server.listen", "console.listen", "journal.url", tenantSetting}
}

const tenantSetting = "ppm_express.tenant"

// asStarted returns a configuration as it can count in a process that was started with another one, and the settings of
// it that wait for the next start. Another tenant's section waits as a whole: its token and addresses are of no use without
// it, and those that count until now go on counting.
func asStarted(cfg, started, now *config.Config) (counts *config.Config, later []string) {
	counted := *cfg
	is, was := cfg.Settings(), started.Settings()
	for _, path := range atStart() {
		if is[path] != was[path] {
			later = append(later, path)
		}
	}
	counted.Server.Listen, counted.Console.Listen, counted.Journal.URL = started.Server.Listen, started.Console.Listen, started.Journal.URL
	if is[tenantSetting] != was[tenantSetting] {
		counted.PPMExpress = now.PPMExpress
	}
	return &counted, later
}

// same reports whether two configurations say the same.
func same(a, b *config.Config) bool { return maps.Equal(a.Settings(), b.Settings()) }

// changesOf says in plain words what another configuration changes. No value is shown.
func changesOf(before, after *config.Config) []string {
	var all []string
	was, is := split(before), split(after)
	for _, kind := range []string{"route", "template"} {
		all = append(all, differences(kind, was.parts[kind], is.parts[kind])...)
	}
	if named(before) != named(after) && sameNames(before, after) {
		all = append(all, "the order of routes changed")
	}
	old, now := targetSet(before), targetSet(after)
	all = append(all, differences("target", old, now)...)
	all = append(all, secretsInWords(before.Server.Secrets, after.Server.Secrets)...)
	return append(all, settingsInWords(was.settings, is.settings)...)
}

// parted is what a configuration says, part by part.
type parted struct {
	parts    map[string]map[string]string // what each route and each template says, by kind and name
	settings map[string]string            // all else, by path
}

func split(cfg *config.Config) parted {
	found := parted{parts: map[string]map[string]string{"route": {}, "template": {}}, settings: map[string]string{}}
	values := cfg.Settings()
	for _, path := range slices.Sorted(maps.Keys(values)) {
		line := fmt.Sprintf("%s: %q\n", path, values[path])
		index := -1
		if _, err := fmt.Sscanf(path, "routes[%d].", &index); err == nil && index < len(cfg.Routes) {
			_, rest, _ := strings.Cut(line, ".")
			found.parts["route"][cfg.Routes[index].Name] += rest
			continue
		}
		if name, ok := strings.CutPrefix(path, "templates."); ok {
			found.parts["template"][name] = line
			continue
		}
		if !strings.HasPrefix(path, "server.secrets[") {
			found.settings[path] = values[path]
		}
	}
	return found
}

// differences says which of some named things were added, removed or changed.
func differences(kind string, was, is map[string]string) []string {
	verbs := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		switch before, known := was[name]; {
		case !known:
			verbs["added"] = append(verbs["added"], printable(name))
		case before != is[name]:
			verbs["changed"] = append(verbs["changed"], printable(name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if _, stays := is[name]; !stays {
			verbs["removed"] = append(verbs["removed"], printable(name))
		}
	}
	var all []string
	for _, verb := range []string{"added", "removed", "changed"} {
		if names := verbs[verb]; len(names) > 0 {
			plural := "s"
			if len(names) == 1 {
				plural = ""
			}
			all = append(all, fmt.Sprintf("%s%s %s: %s", kind, plural, verb, strings.Join(names, ", ")))
		}
	}
	return all
}

// secretsInWords says how the list of secrets changed, by their places.
func secretsInWords(was, is []config.Secret) []string {
	before, after := reveal(was), reveal(is)
	if slices.Equal(before, after) {
		return nil
	}
	var fresh []string
	for i, secret := range after {
		if !slices.Contains(before, secret) {
			fresh = append(fresh, ordinal(i+1))
		}
	}
	said := count1(len(after), "secret")
	switch {
	case len(fresh) == 1 && len(after) == 1:
		said += ", which is new"
	case len(fresh) == 1:
		said += ", the " + fresh[0] + " is new"
	case len(fresh) > 1:
		said += ", the " + strings.Join(fresh, ", ") + " are new"
	case len(after) < len(before):
		said += " instead of " + strconv.Itoa(len(before))
	default:
		said += " in another order"
	}
	return []string{said}
}

func ordinal(n int) string {
	words := []string{"first", "second", "third"}
	if n <= len(words) {
		return words[n-1]
	}
	return fmt.Sprintf("%dth", n)
}

// settingsInWords names the settings that are others, and the sections that came or went as a whole.
func settingsInWords(was, is map[string]string) []string {
	before, after := sectionsOf(was), sectionsOf(is)
	verbs := map[string][]string{}
	for _, values := range []map[string]string{was, is} {
		for path := range values {
			section, _, _ := strings.Cut(path, ".")
			old, known := was[path]
			now, stays := is[path]
			switch {
			case known && stays && old == now:
			case !before[section]:
				verbs["added"] = append(verbs["added"], section)
			case !after[section]:
				verbs["removed"] = append(verbs["removed"], section)
			default:
				verbs["changed"] = append(verbs["changed"], shortened(path))
			}
		}
	}
	var all []string
	for _, verb := range []string{"added", "removed", "changed"} {
		slices.Sort(verbs[verb])
		if names := slices.Compact(verbs[verb]); len(names) > 0 {
			all = append(all, verb+": "+strings.Join(names, ", "))
		}
	}
	return all
}

// sectionsOf are the sections that have values.
func sectionsOf(values map[string]string) map[string]bool {
	sections := map[string]bool{}
	for path := range values {
		section, _, _ := strings.Cut(path, ".")
		sections[section] = true
	}
	return sections
}

// shortened is the beginning of a path that people know: a section and its setting.
func shortened(path string) string {
	parts := strings.SplitN(path, ".", 3)
	if len(parts) > 2 {
		parts = parts[:2]
	}
	short, _, _ := strings.Cut(strings.Join(parts, "."), "[")
	return printable(short)
}

// targetSet are the targets of a configuration, by name; what each says is told by its routes.
func targetSet(cfg *config.Config) map[string]string {
	targets := map[string]string{}
	for _, route := range cfg.Routes {
		targets[targetOf(route)] = ""
	}
	if cfg.Ops != nil {
		targets["slack:"+cfg.Ops.Channel] = ""
	}
	return targets
}

// named are the names of the routes in their order.
func named(cfg *config.Config) string {
	names := make([]string, len(cfg.Routes))
	for i, route := range cfg.Routes {
		names[i] = route.Name
	}
	return strings.Join(names, "\n")
}

func sameNames(a, b *config.Config) bool {
	x, y := strings.Split(named(a), "\n"), strings.Split(named(b), "\n")
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}
