package main

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/look"
	"github.com/ppmrelay/ppmrelay/look/mrkdwn"
	"github.com/ppmrelay/ppmrelay/look/sheet"
	"github.com/ppmrelay/ppmrelay/look/slack"
)

//go:embed render.tmpl
var renderPage string

// pageOf is what the page shows. A file has no headers, so its policy stands in a meta element: it allows the one
// stylesheet that is part of the page, by its hash, and nothing else. No script, nothing from anywhere else.
type pageOf struct {
	Policy, Title, Faults string
	Style                 template.CSS
	Verdicts              []verdictOf
	Told                  []toldOf
}

type verdictOf struct{ Name, Place, Word, Class, Why, When string }

// toldOf is what one target is told. One of Feed, Grid and Nothing is there.
type toldOf struct {
	Name, Target string
	Feed         template.HTML
	Grid         template.HTML
	Rows         string
	Nothing      string
}

// writePage writes the page for the browser, and says so.
func (r *renderer) writePage(s *rendering) error {
	text, err := r.html(s)
	if err != nil {
		return err
	}
	if r.page == "-" {
		_, err = r.out.Write(text)
		return err
	}
	if err := replaceFile(r.page, text); err != nil {
		return fmt.Errorf("--html: %w", err)
	}
	_, err = fmt.Fprintf(r.out, "%s: %s\n", printable(r.page), printable(s.title()))
	return err
}

// replaceFile writes a file in one step, so that a browser never reads half a page.
func replaceFile(path string, text []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".ppmrelay-*")
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// html makes the page.
func (r *renderer) html(s *rendering) ([]byte, error) {
	style, err := stylesheet()
	if err != nil {
		return nil, err
	}
	var faults strings.Builder
	if err := s.faults.Print(&faults); err != nil {
		return nil, err
	}
	made := pageOf{
		Policy: "default-src 'none'; style-src '" + hashOf(string(style)) + "'; img-src data:; base-uri 'none'; form-action 'none'",
		Title:  s.title(), Faults: faults.String(),
		Style: template.CSS(style), //nolint:gosec // our own
	}
	for _, text := range s.reasons.Everywhere {
		made.Verdicts = append(made.Verdicts, verdictOf{Name: "all routes", Why: text})
	}
	for _, reason := range s.reasons.Routes {
		made.Verdicts = append(made.Verdicts, reason.verdict())
	}
	if made.Told, err = r.allTold(s); err != nil {
		return nil, err
	}
	page, err := template.New("").Parse(renderPage)
	if err != nil {
		return nil, err // unreachable: it is a part of the program
	}
	var out bytes.Buffer
	if err := page.Execute(&out, made); err != nil {
		return nil, fmt.Errorf("making the page: %w", err)
	}
	return out.Bytes(), nil
}

// hashOf names a stylesheet in a policy (www.w3.org/TR/CSP3, "Hash").
func hashOf(style string) string {
	hash := sha256.Sum256([]byte(style))
	return "sha256-" + base64.StdEncoding.EncodeToString(hash[:])
}

func (r reasonJSON) verdict() verdictOf {
	v := verdictOf{Name: r.Route, Place: fmt.Sprintf("line %d", r.Line), Word: "not told", Class: "none", Why: strings.TrimPrefix(r.text(), "not told: ")}
	switch {
	case r.Told:
		v.Word, v.Class, v.Why, v.When = "told", "ok", r.Target, r.When
	case r.Taken:
		v.Word, v.Why, v.When = "nothing told", r.Target+": "+r.Reason, r.When
	case strings.HasPrefix(r.Reason, "not asked"):
		v.Word, v.Class, v.Why = "not asked", "warn", strings.TrimPrefix(strings.TrimPrefix(r.Reason, "not asked"), ": ")
	}
	return v
}

// allTold makes what each target is told, in the order of the routes.
func (r *renderer) allTold(s *rendering) ([]toldOf, error) {
	if said, ok := s.told[""]; ok {
		one, err := r.toldOf(s, "template "+r.template, "", said)
		return []toldOf{one}, err
	}
	var all []toldOf
	for _, reason := range s.reasons.Routes {
		said, ok := s.told[reason.Route]
		if !ok || said.skip != "" {
			continue
		}
		one, err := r.toldOf(s, reason.Route, reason.Target, said)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func (r *renderer) toldOf(s *rendering, name, target string, said spoken) (toldOf, error) {
	made := toldOf{Name: name, Target: target}
	switch {
	case said.skip != "":
		made.Nothing = said.skip
		return made, nil
	case said.headers != nil:
		made.Rows = count1(len(said.rows), "row")
		grid, err := sheet.New().HTML(sheetOf(said))
		made.Grid = grid
		return made, err
	}
	blocks, err := json.Marshal(said.blocks)
	if err != nil {
		return made, err // unreachable: they are maps of texts
	}
	now := r.now()
	made.Feed = slack.Feed([]slack.Message{{
		TS: strconv.FormatInt(now.Unix(), 10) + ".000000", Sender: "ppmrelay", App: true, Text: said.text, Blocks: blocks,
	}}, mrkdwn.Reader{Zone: display(s.cfg).Zone, Now: now})
	return made, nil
}

// sheetOf puts rows into a sheet below their headers.
func sheetOf(said spoken) sheet.Sheet {
	made := sheet.Sheet{Title: "Rows", Total: len(said.rows) + 1}
	for i, header := range said.headers {
		made.Columns = append(made.Columns, sheet.Column{Key: strconv.Itoa(i), Header: header.Header, Width: or0(header.Width, 140)})
	}
	for i, row := range said.rows {
		one := sheet.Row{Key: strconv.Itoa(i), Number: i + 2}
		for _, cell := range row.Cells {
			one.Cells = append(one.Cells, cellOf(cell))
		}
		made.Rows = append(made.Rows, one)
	}
	return made
}

func or0(n, instead int) int {
	if n == 0 {
		return instead
	}
	return n
}

// cellOf is a cell as Google Sheets shows it: dates and numbers on the right, yes and no as a checkbox.
func cellOf(c event.Cell) sheet.Cell {
	made := sheet.Cell{Text: shownCell(c)}
	switch c.Type {
	case event.CellNumber, event.CellDate, event.CellDateTime:
		made.Align = "right"
	case event.CellBoolean:
		made.Input, made.Align, made.Checked = sheet.Checkbox, "center", c.Bool
	case event.CellLink:
		made.Link = c.Link
	default:
	}
	return made
}

// stylesheet reads the stylesheet of all pages where browsers read it.
func stylesheet() ([]byte, error) {
	assets, err := look.NewAssets()
	if err != nil {
		return nil, err
	}
	address, err := assets.Address("look.css")
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodGet, address, http.NoBody) //nolint:noctx // nothing is sent
	if err != nil {
		return nil, err
	}
	into := &memory{header: http.Header{}}
	assets.ServeHTTP(into, request)
	return into.Bytes(), nil
}

// memory takes an answer that is sent to nobody.
type memory struct {
	bytes.Buffer

	header http.Header
}

func (m *memory) Header() http.Header { return m.header }
func (m *memory) WriteHeader(int)     {}
