package main

import "testing"

// A pass is measured on a tenant in which something is registered, and only where it finds that all is well.
func TestPassOver(t *testing.T) {
	t.Parallel()
	pass, requests, closing := passOver(38)
	defer closing()
	if err := pass(t.Context()); err != nil || requests() < 13 {
		t.Fatalf("got %v and %d requests, want the twelve created", err, requests())
	}
	before := requests()
	if err := pass(t.Context()); err != nil || requests()-before != 1 {
		t.Errorf("got %v and %d requests, want one", err, requests()-before)
	}
	full, _, closeFull := passOver(50)
	defer closeFull()
	if err := full(t.Context()); err == nil {
		t.Error("got no error where nothing can be registered")
	}
}
