package delivery_test

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
)

func seededBugs() []bug {
	return []bug{
		acknowledgesBeforeCommit, forgetsDeliveriesOfAPlan, takesTheNewestFirst, performsBeforeBegin,
		settlesBeforePerform, dropsOpenEffectsAtStart, voidsWhatIsUnsure, takesUnsureForTold,
		takesAFailedLookForDidNot, takesCannotTellForDidNot, doesNotLookBeforeAReplay, forgetsPossibleDoubles,
		forgetsEarlierEvents, acknowledgesBeforeSync,
	}
}
