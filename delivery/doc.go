// Package delivery takes events from the journal to their targets: it decides what is told where (plan), says it
// (compose), writes it down as an intent, does it once (perform), and writes down what became of it (settle). Where
// nobody knows what became of it, it asks the target (recall) before anything is told again.
//
// It is the only place that retries, and the only one that decides that something is told.
//
// # The life of a delivery
//
// A delivery is one event that is to be told to one target. "Durable" is what one commit of the journal holds.
//
//	state              happening                        -> state             durable, in one commit
//	(none)             plan: a route takes the event    -> pending           deliveries, verdicts, entity, planned flag
//	(none)             plan: a twin, or too old to know -> (none)            the verdict, planned flag
//	any end            a person replays the event       -> pending, again    a new generation of the delivery
//	pending, again     look: the target has its rows    -> delivered         "it is there already"
//	pending, restored  look: the target has it          -> delivered         "it is there already"
//	pending, …         look: is refused                 -> pending           the target is parked
//	pending, …         look: is refused, "resend"       -> pending           the effect that claims it: a possible double
//	pending            compose: nothing is left to tell -> skipped           the reason
//	pending            compose: cannot be said at all   -> buried            the reason
//	pending            begin: an effect claims it       -> pending, claimed  effect (content, start) and claim
//	pending, claimed   perform: done                    -> delivered         receipt, end, target's queue
//	pending, claimed   perform: definitely refused      -> pending           end of the effect, target's queue
//	pending, claimed   perform: refused, alone, plain   -> buried            end of the effect, the reason
//	pending, claimed   perform: nobody knows            -> unsure            the reason; the effect stays open
//	pending, claimed   the process died                 -> unsure            written at the next start, before all else
//	unsure             recall: happened                 -> delivered         receipt, end, target's queue
//	unsure             recall: did not                  -> pending           end of the effect
//	unsure             recall: did not, may come late   -> pending           end of the effect, a possible double
//	unsure             recall: cannot tell              -> unsure            the target is parked
//	unsure             recall: cannot tell, "resend"    -> pending           end of the effect, a possible double
//	unsure             recall: credentials are refused  -> unsure            the service is stopped
//	unsure             recall: the look failed          -> unsure            the target is paused
//	pending            its target left the config       -> skipped           the reason
//	unsure             its target left, at a start      -> buried            end of the effect, the reason
//	unsure             its target left, at a reload     -> as recall finds, or buried where it cannot tell; then skipped
//	delivered, skipped, buried                          stay as they are, but for a replay
//
// # The life of an effect
//
//	state   happening              -> state    what follows
//	(none)  begin                  -> open     it is performed at once, exactly once
//	open    done                   -> told     the target takes twice as many from now on
//	open    definitely refused     -> refused  composed anew; by class: pause, wait, half as many, plain, park, stop
//	open    nobody knows           -> unsure   recall, never perform
//	unsure  happened               -> told
//	unsure  did not                -> did-not  a second later composed anew, as another effect with another id
//	unsure  cannot tell, "resend"  -> did-not  the same
//	unsure  cannot tell, no answer -> unsure   looked up again later
//	unsure  target is gone         -> abandoned
//
// # Invariants
//
//   - An effect is committed before it is performed, and performed at most once in its life. What is told again is
//     told by another effect, and only after Refused or DidNot. (The alternative, the same frozen effect sent again,
//     would save a commit and cost a second kind of attempt.)
//   - A target has at most one open effect. Deliveries are claimed in the order of their events; one of an entity is
//     never claimed before an earlier one of the same entity and target has ended.
//   - No failure of a target is seen by another lane.
//   - An effect is composed by one configuration, and by none older than the one that planned what it tells. (A reload
//     gives each lane its part before anything is planned by the new routes, and a lane looks for it after it has read its
//     queue.)
//
// # Back-off
//
//	failures in a row   1   2   3   4    5    6    7 and more
//	pause, seconds      1   2   4   8   16   32   60
//
// # Classes of failure
//
// A failure's class says what is known and what helps; its reason, from a closed list, says why. Classes returns this
// table, with what happened.
//
//	class    its target                                                    effect   its deliveries
//	retry    paused for 1, 2, 4 … 60 s                                     refused  pending, composed anew
//	wait     paused as long as it asks, at most an hour                    refused  pending, composed anew
//	unsure   looked up before all else                                     unsure   wait for what the look finds
//	void     takes half as many; alone in plain form                       refused  pending, composed anew; alone and plain: buried
//	bury     takes half as many                                            refused  pending, composed anew; alone: buried
//	park     parked, tried every 5 minutes                                 refused  pending, composed anew
//	stop     stopped with its whole service, one is tried every 5 minutes  refused  pending, composed anew
//	unknown  paused for 3, then 6 minutes; then as bury, after one was buried: parked  refused  pending, composed anew; alone: buried, the next one waits
//
// Narrowing finds what is bad among many in a number of attempts that grows with their logarithm, and buries it alone;
// success doubles what is taken, until there is no limit. A target that is parked and a service that is stopped go on by
// themselves when the cause is gone. One queue of a stopped service tries for all.
//
// The tries for an unknown cause are the queue's, and count from the last time that something was told. Where others were
// told since the last narrowing there are none: then the content is narrowed at once. Where one was buried for such a
// cause, and the next one alone is refused so with nothing told in between, it is the target that refuses: it is parked,
// so that one delivery is lost at the most.
//
// A look is refused for its target alone: it is parked, whatever the class says. Only where the credentials are refused
// the whole service is stopped, and nothing is told again before a look was possible. Where nobody can tell what is there,
// "resend" tells it again, and the effect that does counts as a possible double.
//
// # Twins
//
// Two webhooks of ours may tell the same change, with ids and time stamps of their own. A run is the newest consecutive
// events of an entity with the same type and the same attributes before and after. An event is a twin of the run's first
// original that another webhook sent less than 5 minutes away, and of which its own webhook has not sent a twin yet; it is
// an original when there is none. So A to B, B to A, A to B is told three times, by whatever webhooks it is sent, and a
// twin that was lost makes no other one double.
//
// # Urgent
//
// What an urgent route takes is told before everything else of its target, each in an effect of its own. What waits of
// the same entity goes before it, so that the order within an entity holds. A replay is never urgent.
//
// # What the relay says of itself
//
// is an event like any other (event.Type.Own), told by the routes that ask for nothing else (Route.Own). No other route is
// asked about it, and those are asked about nothing else, so that neither leaves verdicts with the other's events.
package delivery
