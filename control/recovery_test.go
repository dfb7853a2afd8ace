package control

import (
	"context"
	"testing"
	"time"
)

func (d *daemon) Backfill(_ context.Context, ask Backfill) (Backfilling, error) {
	d.asked = ask
	return Backfilling{Mode: "rehearse", After: 7}, d.err
}

func (d *daemon) Recovery(_ context.Context, ask Recovery) (RecoveryState, error) {
	d.asked = ask
	return RecoveryState{Sweeps: []Sweep{{Number: 8, Requests: 3}}, Left: time.Minute, Lines: []Difference{{Name: "x"}}}, d.err
}

// How a reading is asked for, and how it is doing, crosses the socket.
func TestBackfillCrossesTheSocket(t *testing.T) {
	d := &daemon{}
	client := NewClient(start(t, d))
	asked, err := client.Backfill(t.Context(), Backfill{Dry: true})
	if err != nil || asked != (Backfilling{Mode: "rehearse", After: 7}) || d.asked != (Backfill{Dry: true}) {
		t.Errorf("got %+v, %v for %+v, want the daemon's answer", asked, err, d.asked)
	}
	state, err := client.Recovery(t.Context(), Recovery{})
	if err != nil || len(state.Sweeps) != 1 || state.Sweeps[0].Requests != 3 || state.Left != time.Minute || state.Lines[0].Name != "x" {
		t.Errorf("got %+v, %v, want the daemon's answer", state, err)
	}
}
