package main

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/templates"
)

// wordsOf is a configuration as far as words and routes go: no target is made, so no secret is needed.
type wordsOf struct {
	assembler

	told      config.Errors // what is wrong with the file by itself; missing secrets are not
	listening []listener    // nil until an event is there
}

// readWords reads a configuration for its words. What is wrong stands in told and in the assembler's faults. The error
// holds all of it when nothing can be made of the file.
func (a *app) readWords(file string) (*wordsOf, error) { return a.readWordsWith(file, newWords) }

func (a *app) readWordsWith(file string, wordsFor func(*config.Config) (*templates.Words, *labelBook, error)) (*wordsOf, error) {
	cfg, err := config.Load(file, a.secretless)
	told, known := errors.AsType[config.Errors](err)
	if err != nil && (!known || cfg == nil) {
		return nil, err
	}
	told = withoutMissingSecrets(cfg, told)
	words, _, err := wordsFor(cfg)
	if err != nil { // a link; told has its place
		if len(told) > 0 {
			return nil, told
		}
		return nil, wrong(fmt.Errorf("display: %w", err))
	}
	w := &wordsOf{assembler: assembler{cfg: cfg, log: slog.New(slog.DiscardHandler), words: words}, told: told}
	w.compileTemplates(told)
	return w, nil
}

// secretless finds an environment variable. In the place of one that is not there stands what is taken for any kind of
// secret, also for the key of a service account; nobody is ever shown it.
func (a *app) secretless(name string) (string, bool) {
	if value, found := a.env(name); found && strings.TrimSpace(value) != "" {
		return value, true
	}
	return `{"type":"service_account"}`, true
}

// withoutMissingSecrets leaves out that the file of a secret is missing, or is not for us to read.
func withoutMissingSecrets(cfg *config.Config, told config.Errors) config.Errors {
	type place struct{ line, column int }
	secrets := map[place]bool{}
	paths := []string{"ppm_express.token", "slack.token", "google.credentials"}
	for i := range cfg.Server.Secrets {
		paths = append(paths, fmt.Sprintf("server.secrets[%d]", i))
	}
	for _, path := range paths {
		line, column := cfg.Place(path)
		secrets[place{line, column}] = true
	}
	return slices.DeleteFunc(told, func(f config.Fault) bool {
		return secrets[place{f.Line, f.Column}] && strings.Contains(f.Message, ": the file ")
	})
}

// all returns everything that is wrong, in the order of the file.
func (w *wordsOf) all() config.Errors { return slices.Concat(w.told, w.faults).Sorted() }

// template returns the template of a name: one of the configuration, or a built-in one.
func (w *wordsOf) template(name string) (*templates.Template, error) {
	if made := w.templates[name]; made != nil {
		return made, nil
	}
	if _, written := w.cfg.Templates[name]; written {
		if len(w.broken) == 0 {
			return nil, wrong(fmt.Errorf("--template %q is a part of other templates, and no message by itself: name one that includes it", name))
		}
		return nil, nil //nolint:nilnil // it is wrong, which is told with its place
	}
	names := slices.Concat(slices.Sorted(maps.Keys(w.cfg.Templates)), templates.BuiltinNames())
	if _, _, builtin := templates.Builtin(name); !builtin {
		hint := "there are " + strings.Join(names, ", ")
		if near := config.Nearest(name, names); near != "" {
			hint = "did you mean " + near + "?"
		}
		return nil, wrong(fmt.Errorf("--template %q: there is no template of this name; %s", name, hint))
	}
	for _, builtin := range templates.BuiltinNames() {
		if strings.EqualFold(builtin, strings.Replace(strings.TrimSuffix(name, ".tmpl"), ":", "-", 1)) {
			name = builtin
		}
	}
	const frame = "the template of --template"
	compiled, err := w.words.CompileAll([]templates.Text{{Name: frame, Text: `{{ template "` + name + `" . }}`}})
	if err != nil {
		return nil, wrong(fmt.Errorf("--template %q is no message by itself", name))
	}
	return compiled[frame], nil
}
