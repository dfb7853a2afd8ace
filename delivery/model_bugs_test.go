package delivery_test

import "slices"

// bug is a mistake that is built into one life.
type bug string

const (
	honest                    bug = ""
	acknowledgesBeforeCommit  bug = "acknowledges before the commit"
	forgetsDeliveriesOfAPlan  bug = "forgets the deliveries of an event that it marks as planned"
	takesTheNewestFirst       bug = "takes the newest first"
	performsBeforeBegin       bug = "performs before the effect is committed"
	settlesBeforePerform      bug = "settles before it performs"
	dropsOpenEffectsAtStart   bug = "drops open effects at start"
	voidsWhatIsUnsure         bug = "voids what is unsure"
	takesUnsureForTold        bug = "takes unsure for told"
	takesAFailedLookForDidNot bug = "takes a failed look for did-not"
	takesCannotTellForDidNot  bug = "takes cannot-tell for did-not"
	forgetsPossibleDoubles    bug = "does not count possible doubles"
	forgetsEarlierEvents      bug = "looks for twins in one commit only"
	acknowledgesBeforeSync    bug = "acknowledges a commit before the disk has it"
	doesNotLookBeforeAReplay  bug = "does not look before it writes a replayed row"
	startsAnotherDelivery     bug = "starts another delivery at a reload, before the one before has ended"
	doesNotWaitForThePlanner  bug = "puts other routes in their place while something is planned"
	plansBeforeLanesKnow      bug = "plans by new routes before the lanes know them"
	readsTheNewestWords       bug = "reads the newest words for each event"
	leavesWhatWaits           bug = "leaves what waits for a target that is gone"
)

func seededBugs() []bug {
	return []bug{
		acknowledgesBeforeCommit, forgetsDeliveriesOfAPlan, takesTheNewestFirst, performsBeforeBegin,
		settlesBeforePerform, dropsOpenEffectsAtStart, voidsWhatIsUnsure, takesUnsureForTold,
		takesAFailedLookForDidNot, takesCannotTellForDidNot, doesNotLookBeforeAReplay, forgetsPossibleDoubles,
		forgetsEarlierEvents, acknowledgesBeforeSync, startsAnotherDelivery, doesNotWaitForThePlanner, plansBeforeLanesKnow,
		readsTheNewestWords, leavesWhatWaits,
	}
}

// directed returns a short history that brings a bug out at once, for those that not every random one meets.
func directed(b bug) (s scenario, ok bool) {
	s.Events = make([]appendStep, 25) // all at the same moment
	switch b {
	case acknowledgesBeforeCommit:
		s.Deaths = []death{{Operation: 1}}
	case forgetsDeliveriesOfAPlan:
		s.Deaths = []death{{Operation: 12}, {Operation: 15}}
	case acknowledgesBeforeSync:
		for n := range 12 {
			s.Deaths = append(s.Deaths, death{Operation: 3 + n, Power: true, Seed: uint64(n)})
		}
	case doesNotLookBeforeAReplay:
		s.Events = []appendStep{{}, {Replay: 1, Wait: 60}}
	case forgetsEarlierEvents:
		s.Events = []appendStep{{}, {Twin: true, Wait: 60}}
	case takesAFailedLookForDidNot:
		s.Events, s.Sink, s.Looks = s.Events[:1], []act{happensUnsure, happensUnsure}, []lookAt{lookFails, lookFails}
	case takesCannotTellForDidNot:
		s.Events, s.Sink, s.Looks = s.Events[:1], []act{happensUnsure, happensUnsure, happensUnsure}, []lookAt{cannotTell, cannotTell, cannotTell}
	case takesTheNewestFirst:
	case dropsOpenEffectsAtStart: // after the plan, both lanes are in the middle of their first attempt
		s.Events, s.Slow, s.Deaths = s.Events[:1], []int{0, 2, 2}, []death{{Operation: 2 + 2*2, After: true}}
	case voidsWhatIsUnsure:
		s.Events, s.Sink = s.Events[:1], []act{happensUnsure, happensUnsure, happensUnsure}
	case takesUnsureForTold:
		s.Events, s.Sink = s.Events[:1], []act{failsUnsure, failsUnsure, failsUnsure}
	case forgetsPossibleDoubles:
		s.Events, s.Sink = s.Events[:1], []act{landsLate, landsLate, landsLate}
	case startsAnotherDelivery: // again and again, in the middle of attempts
		s.Slow, s.Patience = slices.Repeat([]int{1}, 30), 60
		for i := range s.Events[6:] {
			s.Events[6+i].Wait = 1
		}
		for i := range 6 {
			s.Reloads = append(s.Reloads, reload{Operation: 9 + 5*i})
		}
	case leavesWhatWaits:
		s.Slow, s.Reloads, s.Patience = []int{0, 2, 2, 2, 2, 2, 2}, []reload{{Operation: 30, Gone: 7}}, 60
	case doesNotWaitForThePlanner: // the second event comes while the first is planned
		s.Events, s.Slow, s.Reloads, s.Patience = []appendStep{{}, {Wait: 1}}, []int{2}, []reload{{Operation: 2, Gone: 7}}, 60
	case plansBeforeLanesKnow, readsTheNewestWords:
		s.Events = s.Events[:12]
		for i := range s.Events {
			s.Events[i].Wait = 1
			s.Reloads = append(s.Reloads, reload{Operation: 9 * (i + 1)})
		}
	default:
		return s, false
	}
	return s, true
}
