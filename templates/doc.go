// Package templates puts events into words: messages for a chat and rows for a table, in the built-in wording or in
// that of a template.
//
// # The way of a text
//
//	New       Display (zone, labels, links)         -> Words, which know how everything is said
//	Compile   the text of a template                -> Template: parsed, checked, rewritten, tried on samples
//	          CompileAll                               many of them, which include one another
//	Message   event.Net                             -> event.Message, by a Template or by the built-in one of its type
//	Table     columns                               -> Table; its Rows turns an event.Event into event.Rows
//	When      an expression of a route              -> Condition, which holds for an event or not
//
// What a template sees is documented at Data and RowData, what it can call in the table of functions.go, from which the
// manual is made. The built-in templates are the *.tmpl files of this folder: start from them.
//
// # The way of a fault
//
//	misread     the parser gave up: at which token, and what was probably meant
//	check       the tree is walked: names, types, what surely fails or is hardly meant, in every branch
//	try         the template is executed on samples; what text/template says then is put into plain words (plainwords)
//	when…       the same for expressions: slips, hints, what can never hold
//
// # Invariants
//
//   - No text from outside acts. Whatever an action prints is escaped once, by the tree being rewritten, unless it is
//     the Markup of one of our functions. Text that is part of the template is its author's and stays as it is.
//   - A template is bounded in steps, time and bytes: none can hang or fill the memory.
//   - A template names only what exists, also in branches that no sample takes and in what it includes; the fault has line
//     and column. None includes itself.
//   - A template counts only after it was executed with events of each type that it can meet, with fields absent, empty,
//     huge, hostile.
//   - A message is never lost to a template: it goes out in the built-in wording, which says so, and is counted.
//   - A cell keeps its type: what is a date, a number or yes/no is never turned into text and read again.
//   - A message fits into one section of Slack.
package templates
