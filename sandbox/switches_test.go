package sandbox

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// flipped returns the names of the switches that a row sets, "ppm.Retries".
func flipped(row Switch) []string {
	var before, after Options
	row.Flip(&after)
	var names []string
	compare := func(prefix string, a, b any) {
		x, y := reflect.ValueOf(a), reflect.ValueOf(b)
		for i := range x.NumField() {
			if !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
				names = append(names, prefix+x.Type().Field(i).Name)
			}
		}
	}
	compare("ppm.", before.PPM.Switches, after.PPM.Switches)
	compare("slack.", before.Slack.Switches, after.Slack.Switches)
	compare("google.", before.Google, after.Google)
	after.PPM.Switches, after.Slack.Switches, after.Google = ppm.Switches{}, slack.Switches{}, google.Options{}
	if !reflect.DeepEqual(before, after) {
		names = append(names, "something that is no switch")
	}
	return names
}

func TestRows(t *testing.T) {
	// A switch that says how another one is to be taken needs that one, too.
	several := map[string][]string{
		"ppm.retries":         {"ppm.Retries", "ppm.RetryPause"},
		"ppm.retries-renamed": {"ppm.Retries", "ppm.RetryPause", "ppm.RetryNewMessageID"},
		"ppm.only-200-counts": {"ppm.Retries", "ppm.RetryPause", "ppm.OnlyOK"},
		"ppm.limit-forbidden": {"ppm.ListOwn", "ppm.LimitForbidden"},

		"ppm.listed-later-alone": {"ppm.ListedAfter", "ppm.LateAlone"},
	}
	name := regexp.MustCompile(`^(ppm|slack|google)(\.[a-z0-9]+)(-[a-z0-9]+)*$`)
	known, options := map[string]bool{}, map[string]string{}
	for _, row := range Switches() {
		if known[row.Name] || !name.MatchString(row.Name) {
			t.Errorf("%q is no name, or one that is taken", row.Name)
		}
		known[row.Name] = true
		if row.Fact == "" || row.Default == "" || row.Other == "" || row.Default == row.Other {
			t.Errorf("%s: got fact %q, default %q, other %q; want a fact and two ways", row.Name, row.Fact, row.Default, row.Other)
		}
		got := flipped(row)
		want, listed := several[row.Name]
		if len(got) != 1 && !listed || listed && !slices.Equal(got, want) {
			t.Errorf("%s sets %q, want one switch, or %q", row.Name, got, want)
		}
		for _, field := range got {
			if stand, _, _ := strings.Cut(row.Name, "."); !strings.HasPrefix(field, stand+".") {
				t.Errorf("%s sets %s of another stand-in", row.Name, field)
			}
		}
		var after Options
		row.Flip(&after)
		made := fmt.Sprintf("%+v %+v %+v", after.PPM.Switches, after.Slack.Switches, after.Google)
		if other := options[made]; other != "" {
			t.Errorf("%s and %s are the same", row.Name, other)
		}
		options[made] = row.Name
	}
}

// No switch of a stand-in may be forgotten: whoever adds one adds a row.
func TestEverySwitchHasARow(t *testing.T) {
	missing := map[string]bool{}
	add := func(prefix string, of reflect.Type, all bool) {
		for field := range of.Fields() {
			if all || field.Type.Kind() == reflect.Bool {
				missing[prefix+field.Name] = true
			}
		}
	}
	add("ppm.", reflect.TypeFor[ppm.Switches](), true)
	add("slack.", reflect.TypeFor[slack.Switches](), true)
	add("google.", reflect.TypeFor[google.Options](), false) // its numbers are limits that Google publishes
	if len(missing) < 40 {
		t.Fatalf("found %d switches only, so this test looks at the wrong places", len(missing))
	}
	for _, row := range Switches() {
		for _, field := range flipped(row) {
			delete(missing, field)
		}
	}
	if len(missing) > 0 {
		t.Errorf("no row flips %q", slices.Sorted(maps.Keys(missing)))
	}
}

// A switch that has several ways stands there once for each.
func TestEveryWayHasARow(t *testing.T) {
	ways := map[any]bool{
		ppm.DuplicatesSameID: true, ppm.DuplicatesNewID: true, ppm.PingEmpty: true, ppm.PingJSON: true,
		ppm.EchoMasked: true, ppm.EchoRecased: true, ppm.EchoMissing: true, ppm.URLRecased: true, ppm.URLSlashed: true,
		ppm.ListReversed: true, ppm.ListShuffled: true,
		ppm.ChoicesNull: true, ppm.ChoicesIDName: true, ppm.ChoicesKey: true, ppm.ChoicesTitle: true, ppm.ChoicesNested: true,
		ppm.KeysCamel: true, ppm.KeysIDs: true,
		ppm.LocationRelative: true, ppm.LocationMissing: true,
		slack.RetryFraction: true, slack.RetryDate: true, slack.RetryMissing: true,
	}
	for _, row := range Switches() {
		var o Options
		row.Flip(&o)
		for _, switches := range []any{o.PPM.Switches, o.Slack.Switches} {
			for _, field := range reflect.ValueOf(switches).Fields() {
				delete(ways, field.Interface())
			}
		}
	}
	if len(ways) > 0 {
		t.Errorf("no row has %v", slices.Collect(maps.Keys(ways)))
	}
}
