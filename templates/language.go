package templates

import (
	"fmt"
	"strings"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/cs"
	"github.com/go-playground/locales/da"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/de_CH"
	"github.com/go-playground/locales/en_GB"
	"github.com/go-playground/locales/en_US"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/fi"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/it"
	"github.com/go-playground/locales/ja"
	"github.com/go-playground/locales/nb"
	"github.com/go-playground/locales/nl"
	"github.com/go-playground/locales/pl"
	"github.com/go-playground/locales/pt"
	"github.com/go-playground/locales/ru"
	"github.com/go-playground/locales/sv"
	"github.com/go-playground/locales/tr"
	"github.com/go-playground/locales/uk"
	"github.com/go-playground/locales/zh"
)

// language is how one language writes dates and numbers, by the tables of Unicode's CLDR (cldr.unicode.org). The names
// of months stand as inside a date: "4 kwietnia".
type language struct {
	locales.Translator

	decimal, group string
	front          bool // an amount's currency stands before it
}

// languageTags returns the languages that there are, as they are written in a template.
func languageTags() []string {
	return []string{
		"cs", "da", "de", "de-CH", "en", "en-US", "es", "fi", "fr", "it", "ja", "nb", "nl", "pl", "pt", "ru", "sv", "tr", "uk", "zh",
	}
}

func translator(tag string) locales.Translator {
	switch tag {
	case "cs":
		return cs.New()
	case "da":
		return da.New()
	case "de":
		return de.New()
	case "de-CH":
		return de_CH.New()
	case "en":
		return en_GB.New()
	case "en-US":
		return en_US.New()
	case "es":
		return es.New()
	case "fi":
		return fi.New()
	case "fr":
		return fr.New()
	case "it":
		return it.New()
	}
	return moreTranslators(tag)
}

func moreTranslators(tag string) locales.Translator {
	switch tag {
	case "ja":
		return ja.New()
	case "nb":
		return nb.New()
	case "nl":
		return nl.New()
	case "pl":
		return pl.New()
	case "pt":
		return pt.New()
	case "ru":
		return ru.New()
	case "sv":
		return sv.New()
	case "tr":
		return tr.New()
	case "uk":
		return uk.New()
	case "zh":
		return zh.New()
	default:
		return nil
	}
}

// languageNamed returns a language by its tag. Each is made once.
func (w *Words) languageNamed(tag string) (language, error) {
	known, _ := w.languages.Load(tag)
	if in, ok := known.(language); ok {
		return in, nil
	}
	in, err := makeLanguage(tag)
	if err == nil {
		w.languages.Store(tag, in)
	}
	return in, err
}

func makeLanguage(tag string) (language, error) {
	writes := translator(tag)
	if writes == nil {
		tags := languageTags()
		near := nearest(tag, tags)
		return language{}, fmt.Errorf("no language %q%s; there are %s", short(tag, maxName), didYouMean(near), strings.Join(tags, " "))
	}
	in := language{Translator: writes, decimal: ".", group: ","}
	if marks, ok := writes.(interface {
		Decimal() string
		Group() string
	}); ok {
		in.decimal, in.group = marks.Decimal(), marks.Group()
	}
	amount := writes.FmtCurrency(1, 2, 0)
	in.front = strings.Index(amount, "1") > 0
	return in, nil
}

const usualLanguage = "en"

// inLanguage parts the last arguments of a function: perhaps a language, and what to show.
func (r *run) inLanguage(function string, rest []any) (x any, in language, err error) {
	tag := usualLanguage
	switch len(rest) {
	case 1:
	case 2:
		if named, ok := rest[0].(string); ok {
			tag = named
			break
		}
		fallthrough
	default:
		return nil, language{}, fmt.Errorf(`%s takes what to show last, and before it perhaps a language, like "de"`, function)
	}
	in, err = r.words.languageNamed(tag)
	return rest[len(rest)-1], in, err
}

// writtenLanguage checks a language that stands second of three arguments.
func writtenLanguage(args []argument) (int, any) {
	if len(args) == 3 && args[1].written {
		if _, err := makeLanguage(args[1].text); err != nil {
			return 1, err
		}
	}
	return 0, nil
}
