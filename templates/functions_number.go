package templates

import (
	"errors"
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"
)

// numberFunctions show numbers in other ways than by themselves.
func numberFunctions() []function {
	return []function{
		{
			name: "number", group: "Numbers", of: func(r *run) any { return r.number }, sure: whereCounted(0, maxPlaces), least: 2, written: writtenPlaces,
			does: "a number rounded to so many decimals, with a language as in `date`. By itself a number prints with the digits that were sent",
			examples: []example{
				{`{{ field "Budget" | number 2 }}`, "275,000.00"}, {`{{ field "Budget" | number 0 "de" }}`, "275.000"},
			},
		},
		{
			name: "money", of: func(r *run) any { return r.money }, sure: whereWritten, least: 2, written: writtenMoney,
			does: "an amount with its currency, which is not sent, and cents only where there are any",
			examples: []example{
				{`{{ field "Budget" | money "EUR" }}`, "€275,000"},
				{`{{ field "Budget" | money "CHF" "de-CH" }}`, "CHF 275’000"},
				{`{{ field "Budget" | money "EUR" "de" }}`, "275.000 €"},
			},
		},
		{
			name: "percent", of: func(r *run) any { return r.percent }, sure: never,
			does: "the second as a part of the first, with at most one decimal; nothing where one of them is no number, or the first is 0",
			examples: []example{
				{`{{ field "Budget" | percent (before "Budget") }} of the former budget`, "110 % of the former budget"},
			},
		},
	}
}

const maxPlaces = 10

var errPlaces = errors.New("number takes how many decimals to show, from 0 to 10")

func writtenPlaces(args []argument) (int, any) {
	if args[0].counted && (args[0].number < 0 || args[0].number > maxPlaces) {
		return 0, errPlaces
	}
	return writtenLanguage(args)
}

// number is given how many decimals, perhaps a language, and what to show.
func (r *run) number(places int, rest ...any) (string, error) {
	x, in, err := r.inLanguage("number", rest)
	if err != nil {
		return "", err
	}
	if places < 0 || places > maxPlaces {
		return "", errPlaces
	}
	value, ok := rational(x)
	if !ok {
		return r.unlikeNumber(x)
	}
	return r.charged(in.grouped(value.FloatString(places)))
}

// money is given a currency, perhaps a language, and what to show.
func (r *run) money(currency string, rest ...any) (string, error) {
	x, in, err := r.inLanguage("money", rest)
	if err != nil {
		return "", err
	}
	if err := checkCurrency(currency); err != nil {
		return "", err
	}
	value, ok := rational(x)
	if !ok {
		return r.unlikeNumber(x)
	}
	digits := value.FloatString(cents(currency))
	digits = strings.TrimSuffix(digits, ".00")
	negative := strings.HasPrefix(digits, "-")
	text, symbol := in.grouped(strings.TrimPrefix(digits, "-")), symbolOf(currency)
	first, _ := utf8.DecodeRuneInString(symbol)
	switch {
	case !in.front:
		text += " " + symbol
	case unicode.IsLetter(first):
		text = symbol + " " + text
	default:
		text = symbol + text
	}
	if negative {
		text = minus + text
	}
	return r.charged(text)
}

// unlikeNumber shows what is no number: nothing where there is no value, else as it prints by itself.
func (r *run) unlikeNumber(x any) (string, error) {
	if isEmpty(x) {
		return "", r.spend(1)
	}
	return r.charged(say(r.plain(), x))
}

func (r *run) percent(whole, part any) (string, error) {
	a, known := rational(whole)
	b, ok := rational(part)
	if !known || !ok || a.Sign() == 0 {
		return "", r.spend(1)
	}
	share := new(big.Rat).Quo(b, a)
	text := share.Mul(share, big.NewRat(100, 1)).FloatString(1)
	return r.charged(number(strings.TrimSuffix(text, ".0")) + " %")
}

// grouped writes plain digits, "-1234567.50", as the language does. Zero has no sign.
func (l language) grouped(digits string) string {
	plain, _ := writtenOut(digits)
	text := number(plain)
	return strings.NewReplacer(",", l.group, ".", l.decimal).Replace(text)
}

func checkCurrency(code string) error {
	if len(code) != 3 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return errors.New(`money takes a currency by its three letters, like "EUR"`)
	}
	return nil
}

// cents returns how many decimals amounts of a currency have (ISO 4217).
func cents(code string) int {
	switch code {
	case "JPY", "KRW", "CLP", "ISK", "VND", "XAF", "XOF", "XPF", "PYG", "UGX", "RWF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	default:
		return 2
	}
}

func symbolOf(code string) string {
	switch code {
	case "EUR":
		return "€"
	case "GBP":
		return "£"
	case "USD":
		return "$"
	case "JPY":
		return "¥"
	default:
		return code
	}
}

func writtenMoney(args []argument) (int, any) {
	if args[0].written {
		if err := checkCurrency(args[0].text); err != nil {
			return 0, err
		}
	}
	return writtenLanguage(args)
}
