package main

import (
	"fmt"
	"net"
)

// introduce says what one is about to see, and first where the page is; there is none without a listener.
func (w *window) introduce(listener net.Listener, story bool) {
	w.heading("ppmrelay demo")
	if listener != nil {
		w.paragraph(w.bold("Open http://"+listener.Addr().String()+" in a browser:") +
			" there you can edit, make things go wrong and use the sheet yourself, and see it all as Slack and Google show it.")
		w.line("")
	}
	length := "The story takes about a minute; Ctrl-C ends it early."
	if !story {
		length = "No story is told: nobody edits but you. Ctrl-C ends it."
	}
	w.paragraph("PPM Express, Slack and Google are stand-ins on this machine; the relay between them is the real one. " +
		"No account and no network is used. " + length)
	w.line("")
	for _, meaning := range []step{
		{who: inPPM, says: "what people do in PPM Express"},
		{who: inSlack, says: "each message, as channel #delivery-team shows it"},
		{who: inSheet, says: "each row of tab Changes, 5 of its 11 columns"},
		{who: atFault, says: "what goes wrong, on purpose"},
		{who: inRelay, says: "what ppmrelay does about it"},
	} {
		w.say(meaning.who, meaning.says)
	}
}

// summary says what the comparison found.
func (w *window) summary(found audit) {
	w.heading("Summary")
	w.paragraph(fmt.Sprintf("%s of PPM Express acknowledged; %s in Slack, where what waits together shares one; %s in the sheet.",
		count1(found.Events, "event"), count1(found.Messages, "message"), count1(found.Rows, "row")))
	end := "Every event was told, or skipped for a reason, and nothing twice."
	if err := verdict(found); err != nil {
		end = "That must not be: " + err.Error() + "."
	}
	w.paragraph(w.bold(fmt.Sprintf("%d lost, %d doubled.", found.Lost, found.Doubled)) + " " + end)
}

// soFar says what the comparison finds after the story, while things go on for as long as is told.
func (w *window) soFar(found audit, address, long string) {
	w.heading("The end of the story")
	w.paragraph(fmt.Sprintf("Until now: %s, %s, %s; ", count1(found.Events, "event"), count1(found.Messages, "message"), count1(found.Rows, "row")) +
		w.bold(fmt.Sprintf("%d lost, %d doubled.", found.Lost, found.Doubled)))
	w.paragraph("The page goes on " + long + ": http://" + address + ". What you do there is told here as well.")
}

// farewell says where to go from here.
func (w *window) farewell(folder string) {
	w.heading("From here")
	w.paragraph("README.md says how to connect your own PPM Express, Slack and Google; config.example.yaml is a configuration to begin with.")
	w.paragraph("Configuration, journal and log of this run stay in " + folder + ". To look at what became of each event:")
	w.line("  ppmrelay events list --config " + folder + "/ppmrelay.yaml")
}

func (w *window) paragraph(text string) {
	for _, line := range wrap(text, gutter+textWidth) {
		w.line(line)
	}
}
