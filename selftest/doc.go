// Package selftest puts the real daemon under load in a process of its own, kills it, and remembers what it promised.
//
// # The life of a round
//
//	Start    the daemon starts on the journal that the rounds before have left
//	Run      clients post: new changes, changes they posted before, bodies that were never answered
//	Kill     kill -9, in the middle of everything
//
// What the daemon tells, and to whom, is not known here: Check compares what the clients were promised with what the
// journal has in the end. Whether what the journal calls told stands where it was told is the business of who runs the
// rounds.
//
// # Invariants
//
//   - The daemon does not outlive the process that started it, however that ends (Linux; elsewhere, however it ends in
//     an orderly way).
//   - Every change has a TimeStamp of its own, so that the journal's event tells which change it is.
//   - An entity belongs to one client, which posts its changes one after the other: what was answered before another
//     was sent must stand before it.
//   - The same seed makes the same choices. What comes of them also depends on time.
package selftest
