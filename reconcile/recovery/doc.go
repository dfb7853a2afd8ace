// Package recovery finds what changed while no event could tell it. It keeps a record of every time in which events may
// have been missed (gaps), reads the tenant by the Public API after such a time, compares it with what the journal knows,
// and puts each difference into the journal as an event that nobody sent. From there it is told like any other.
//
// # The life of a gap
//
//	a type was not registered   the registrar says so    \
//	we did not run              the heartbeat stopped     > open -> a sweep that began after its end -> closed
//	we answered 413 or 503      the handlers say so      /
//	an event does not begin as the one before it ended      open, one entity -> 60 s -> told as recovered, or it was only late
//
// A gap that cannot be written is held in memory; should the process end before it is, the heartbeat, which cannot be
// written either, covers it.
//
// # The life of a sweep
//
//	lists    projects, ideas; names of programs and portfolios
//	visits   tasks and key dates of each project, one project after the other
//	unseen   what is known and was in no list
//	again    suspects are read a second time, in rounds, until none is left or ten rounds are over
//
// A baseline, the first sweep of a journal, waits until webhooks bring events, as long as Timing says, and ends after the
// visits: what it reads becomes known, and nobody is told.
// Whatever was read is in the journal, so that a sweep that was broken off goes on where it was.
//
// # The life of a suspect
//
//	state     happening                                                -> state     what is durable, in one commit
//	(none)    read: differs from what is known                         -> suspect   the reading, the version of what is known
//	(none)    unseen: known, in no list                                -> suspect   absent, the version
//	suspect   60 s later: as in the first reading, the same version    -> agreed
//	suspect   60 s later: absent again                                 -> agreed
//	suspect   60 s later: as it is known by now                        -> (none)    it passed
//	suspect   60 s later: another reading, or another version          -> suspect   this reading is the first one
//	suspect   after ten rounds                                         -> (none)    it is restless: the next sweep
//	agreed    the same version, all of its events are planned          -> (none)    the recovered event
//	agreed    the same version, absent                                 -> (none)    no longer visible
//	agreed    another version                                          -> suspect   to be read again
//	agreed    an event of it is not planned yet                        -> agreed
//
// # Invariants
//
//   - One sweep at a time, one request at a time, at the pace of Timing; none while PPM Express refuses. Events are never
//     kept waiting: what is written to the journal at once is small.
//   - The memory that is used does not grow with the tenant.
//   - The journal takes a recovered event only if its entity is as it was when it was read, so that what an event tells
//     meanwhile is not told again. An event that comes after it and says no more than it did is told to nobody.
//   - A part that cannot be read is counted, named in the log, and read by the next sweep: an element that cannot be
//     understood, a project whose tasks are refused while those of another one are not, ideas while projects
//     can be read, names. It keeps nothing else waiting, and is neither there nor absent. Only the list of projects, and
//     that anything is answered, is waited for.
//   - Nothing is ever called deleted because it is absent: it is no longer visible.
//   - A gap is closed only by a sweep that began after its end. Where the clock is put back, what is open ends at once.
//   - What a person asked for is in the journal until its sweep has begun, which is before any sweep for a gap, and once.
//
// What no sweep can find: key dates of programs and portfolios, for which no call is known; deletions, which look like
// anything else that is no longer visible; who made a change, when, and in how many steps; what was changed and changed
// back; tasks of other systems, which send no events either.
package recovery
