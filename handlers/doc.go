// Package handlers is the way in: it takes the webhooks of PPM Express, puts them into the journal, and answers. It
// neither plans nor renders nor delivers. A second handler, for a listener that is not public, tells how things are.
//
// # The life of a request
//
// The path is looked at, then the secret, and only then the body is read, up to a limit. What the body says about
// itself (ids, entity, time stamp, fingerprint) goes into the journal with it, byte for byte as it came. The answer is
// sent when the journal has it on disk.
//
// # The answers of the public listener
//
//	request                                                    status  what stays
//	POST /events/{Entity}/{Action} or /events, with a secret   202     a new event; its id is in the answer
//	  the same event again                                     200     nothing new; the id is the original's
//	  a body that cannot be read: no JSON, cut, empty          202     the bytes, with the reason (quarantine)
//	  the same unreadable bytes again                          200     nothing new
//	  the sender broke off                                     400     nothing
//	  the body took longer than the server's ReadTimeout       408     nothing
//	  the body is larger than the limit                        413     a line in the log and in /readyz, and a gap
//	  the body is large, and so many others that none ended    503     a gap
//	  the journal refuses, or takes longer than Patience       503     a gap, and the event if it was only slow
//	POST without a valid secret                                401     a count in /readyz, a line a minute in the log
//	GET or HEAD /healthz                                       200
//	another method on these paths                              405     nothing
//	any other path                                             404     nothing
//	an error in this program                                   500     the stack in the log
//
// Any type that is spelled with letters, digits, "-" and "_" is taken: one of the twelve in any case becomes the
// vendor's spelling, another stays as it is named. An event posted to /events gets its type from its shape, if that
// tells. The content type is not looked at, and a content encoding is not undone: such a body goes into quarantine.
//
// A gap is a moment in which an event may have been lost, handed to Config.Missed.
//
// Every answer is JSON: {"id": "..."} when it was taken, {"error": "..."} when not. 503 carries Retry-After.
//
// # Invariants
//
//   - 2xx is sent only after the journal's commit, also to a duplicate.
//   - An authentic body is never refused for its content, not even when reading it runs into an error of this program.
//   - How many connections and how many large bodies there are at the same time is bounded. What a small event needs is
//     never taken by either.
//   - A sender that goes away after its body arrived does not cancel the append.
//   - No text of a body and no secret is logged or answered.
package handlers
