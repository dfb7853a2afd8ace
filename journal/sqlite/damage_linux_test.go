package sqlite

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/ppmrelay/ppmrelay/journal"
)

// damage overwrites a page of a closed journal.
func (l *ledger) damage(page int64) {
	l.t.Helper()
	file, err := os.OpenFile(l.path, os.O_RDWR, 0)
	if err != nil {
		l.t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteAt([]byte(strings.Repeat("garbage ", pageSize/8)), page*pageSize); err != nil {
		l.t.Fatal(err)
	}
}

func damagedIndex(l *ledger) {
	j := open(l.t, l.path, Options{})
	l.appends(j, 0, 100)
	var root int64
	const where = `SELECT rootpage FROM sqlite_schema WHERE name = 'seen'`
	if err := j.readers.QueryRowContext(l.t.Context(), where).Scan(&root); err != nil {
		l.t.Fatal(err)
	}
	j.Close()
	l.damage(root - 1)
	j = open(l.t, l.path, Options{})
	l.fails(j, "lost", "malformed", "a page of it is damaged", "journal verify", "restore a backup")
	l.fails(j, "event 7", "a page of it is damaged") // rather than a second event
	for text, was := range l.acknowledged {
		if story, err := j.Story(l.t.Context(), was.Number); err != nil || string(story.Entry.Body) != text {
			l.t.Errorf("%q: got %+v (%v), want it readable", text, story.Entry, err)
		}
	}
	if findings, err := j.Verify(l.t.Context()); err != nil || len(findings) == 0 {
		l.t.Errorf("got findings %q (%v), want the damage", findings, err)
	}
}

func damagedEvents(l *ledger) {
	j := open(l.t, l.path, Options{})
	for i := range 100 { // one after the other, so that the 50th is not on the last page, where the next ones go
		l.appends(j, i, i+1)
	}
	j.Close()
	whole, err := os.ReadFile(l.path)
	if err != nil {
		l.t.Fatal(err)
	}
	const leaf = 0x0d // sqlite.org/fileformat2.html, section 1.6
	at := bytes.Index(whole, []byte("event 50"))
	for whole[at/pageSize*pageSize] != leaf { // what was left behind when a page was divided
		at += 1 + bytes.Index(whole[at+1:], []byte("event 50"))
	}
	l.damage(int64(at / pageSize))
	j = open(l.t, l.path, Options{})
	unreadable := 0
	for text, was := range l.acknowledged {
		story, err := j.Story(l.t.Context(), was.Number)
		switch {
		case err != nil && strings.Contains(err.Error(), "a page of it is damaged") && strings.Contains(err.Error(), l.path):
			unreadable++
			again, err := j.Append(l.t.Context(), incoming(text))
			if err == nil && !again.Duplicate {
				l.t.Errorf("%q: got a second event, want a duplicate or an error", text)
			}
		case err != nil || string(story.Entry.Body) != text:
			l.t.Errorf("%q: got %+v (%v), want it readable", text, story.Entry, err)
		}
	}
	if unreadable == 0 || unreadable == len(l.acknowledged) {
		l.t.Errorf("got %d events unreadable, want those of one page", unreadable)
	}
	l.appends(j, 100, 110)
}

func otherProcess(l *ledger) {
	command := exec.CommandContext(l.t.Context(), os.Args[0], "-test.run=^TestWriterToBeKilled$")
	command.Env = append(os.Environ(), killPath+"="+l.path)
	pipe, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		l.t.Fatal(err)
	}
	line, err := bufio.NewReader(pipe).ReadString('\n')
	text, answer, ok := strings.Cut(strings.TrimSpace(line), " ")
	if err != nil || !ok {
		l.t.Fatalf("got %q (%v), want an answer", line, err)
	}
	var was journal.Appended
	if _, err := fmt.Sscan(answer, &was.Number, &was.ID); err != nil {
		l.t.Fatal(err)
	}
	l.acknowledged[text] = was
	refused(l.t, l.path, Options{}, "journal.db", "in use by another ppmrelay")
	reader := open(l.t, l.path, Options{ReadOnly: true})
	if got := countEvents(l.t, reader); got == 0 {
		l.t.Error("got no events beside the other process, want some")
	}
	reader.Close()
	if err := errors.Join(command.Process.Kill(), ignoreExit(command.Wait())); err != nil {
		l.t.Fatal(err)
	}
	l.keeps(l.path)
}

// ignoreExit is what is left of an error when the process was meant to end badly.
func ignoreExit(err error) error {
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil
	}
	return err
}
