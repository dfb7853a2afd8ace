package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// crashRows are kill -9 at the moments that matter.
func crashRows() []row {
	return []row{
		killedWhilePosting(fault.AfterHang, "it was posted", "the first look finds it", "", 0),
		killedWhilePosting(fault.Hang, "it was not posted", "a look does not find it: told again", laterThanLate, 1),
		killedWhileWriting(fault.AfterHang, "it was written", "the mark is there: it was written"),
		killedWhileWriting(fault.Hang, "it was not written", "the mark can be burnt: told again"),
		killedInTheMiddle(),
	}
}

// killedWhilePosting kills the daemon while Slack has a request and has not answered it:
//
//	begin   POST chat.postMessage …  kill -9   start: the effect is open, hence unsure   look   found, or told again
//	                        it is posted, or not
//
// It proves that an intent that was written down first is enough to find out what became of it, whatever that was.
func killedWhilePosting(kind fault.Kind, what, ends, doubles string, possible int) row {
	return row{
		who: "Disk", where: "kill -9", what: "while Slack has a message and has not answered; " + what,
		shown: []sight{{at: bothChannels(), log: "an effect was open"}},
		ends:  ends, doubles: doubles, possible: possible,
		acts: []rowAct{{
			strike: script(onSlack, messages, kind),
			wait:   inTurn(met(onSlack, kind), othersTold(bothChannels()...), kill, start),
		}},
	}
}

// killedWhileWriting kills the daemon while Google has a batch and has not answered it:
//
//	begin   POST batchUpdate …  kill -9   start: the effect is open, hence unsure   burn the mark   found, or told again
//	                   it is applied, or not
//
// It proves that the rows stand once, whichever of the two was first at the mark.
func killedWhileWriting(kind fault.Kind, what, ends string) row {
	return row{
		who: "Disk", where: "kill -9", what: "while Google has a batch of rows and has not answered; " + what, ends: ends,
		shown: []sight{{at: allSheets(), log: "an effect was open"}},
		acts: []rowAct{{
			strike: script(onGoogle, batches, kind),
			wait:   inTurn(met(onGoogle, kind), othersTold(allSheets()...), kill, start),
		}},
	}
}

// killedInTheMiddle kills the daemon again and again while it receives, plans, tells and settles:
//
//	edits …  kill -9   start   edits …  kill -9   start   edits …  kill -9   start   everything ends
//
// It proves that a crash at any moment loses nothing that was acknowledged, and tells nothing twice.
func killedInTheMiddle() row {
	killed := func(after time.Duration) deed {
		return func(ctx context.Context, s *rowPlay) error {
			if err := s.edit(4); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(after):
			}
			return errors.Join(s.kill(), s.start(ctx))
		}
	}
	return row{
		who: "Disk", where: "kill -9", what: "in the middle of receiving and telling, three times",
		ends:    "what was unsure is looked up, the rest goes on; PPM Express must send again what was not acknowledged",
		doubles: laterThanLate, possible: some,
		shown:   []sight{{at: slices.Concat(bothChannels(), allSheets(), []string{atFile}), log: "an effect was open", briefly: true}},
		options: func(o *sandbox.Options) { o.PPM.Switches.Retries, o.PPM.Switches.RetryPause = 60, 500*time.Millisecond },
		acts:    []rowAct{{wait: inTurn(killed(20*time.Millisecond), killed(60*time.Millisecond), killed(250*time.Millisecond))}},
	}
}
