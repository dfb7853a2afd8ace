package event

import "testing"

// No type of PPM Express, known or not, is one of our own.
func TestOwn(t *testing.T) {
	for kind, want := range map[Type]bool{
		"relay.ops:Stopped": true, "relay.x": true, "": false, "Relay:Stopped": false, "relay:Stopped": false, "Project:Updated": false, "Projectrelay.ops:Updated": false,
	} {
		if got := kind.Own(); got != want {
			t.Errorf("%q: got %v, want %v", kind, got, want)
		}
	}
	for _, kind := range Types() {
		if kind.Own() {
			t.Errorf("%s is one of our own", kind)
		}
	}
}
