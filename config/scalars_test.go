package config

import (
	"strings"
	"testing"
	"time"
)

// parsed returns what became of a value, or what is said about it.
func parsed(kind scalar, text string) (value scalar, fault string) {
	value, err := kind.parse(text, surroundings{lookup: lookup, folder: "testdata/good"})
	if err != nil {
		return nil, err.Error()
	}
	return value, ""
}

func TestScalars(t *testing.T) {
	for _, test := range []struct {
		text string
		want scalar
	}{
		{"30s", Duration(30 * time.Second)},
		{"5m", Duration(5 * time.Minute)},
		{"36h", Duration(36 * time.Hour)},
		{"90d", Duration(90 * 24 * time.Hour)},
		{"1h30m", Duration(90 * time.Minute)},
		{"1500ms", Duration(1500 * time.Millisecond)},
		{"100000d", Duration(100000 * 24 * time.Hour)},
		{"1B", Size(1)},
		{"512KiB", Size(512 << 10)},
		{"4MiB", Size(4 << 20)},
		{"7GiB", Size(7 << 30)},
		{":8080", Address(":8080")},
		{"127.0.0.1:0", Address("127.0.0.1:0")},
		{"[::1]:8081", Address("[::1]:8081")},
		{"localhost:65535", Address("localhost:65535")},
		{"https://relay.example.com", URL("https://relay.example.com")},
		{"http://127.0.0.1:8080/a/b/", URL("http://127.0.0.1:8080/a/b/")},
		{"https://x.test/{id}?tab=1#top", Link("https://x.test/{id}?tab=1#top")},
		{"file:relay.db", JournalURL("file:relay.db")},
		{"../fields.json", FieldsFile("../fields.json")},
		{"file:/var/lib/relay.db", JournalURL("file:/var/lib/relay.db")},
		{"*:Created", Pattern("*:Created")},
		{"Idea:*", Pattern("Idea:*")},
		{"change", RowsChange},
		{"datetime", ColumnDateTime},
	} {
		if got, fault := parsed(test.want, test.text); got != test.want {
			t.Errorf("%q: got %v (%s), want %v", test.text, got, fault, test.want)
		}
	}
}

func TestScalarsThatAreWrong(t *testing.T) {
	for _, test := range []struct {
		kind scalar
		text string
		want string // a part of what is said
	}{
		{Duration(0), "30", "is not a duration such as"},
		{Duration(0), "s", "is not a duration such as"},
		{Duration(0), "-5m", "is not a duration such as"},
		{Duration(0), "5 m", "is not a duration such as"},
		{Duration(0), "1.5h", "is not a duration such as"},
		{Duration(0), "5w", "is not a duration such as"},
		{Duration(0), "0s", "above zero"},
		{Duration(0), "106752d", "too long"},
		{Duration(0), "106751d24h", "too long"},
		{Duration(0), "99999999999999999999d", "is not a duration such as"},
		{Size(0), "4", "is not a size such as"},
		{Size(0), "MiB", "is not a size such as"},
		{Size(0), "-4MiB", "is not a size such as"},
		{Size(0), "9999999999GiB", "too large"},
		{Size(0), "99999999999999999999B", "is not a size such as"},
		{Address(""), "8080", "is not an address such as"},
		{Address(""), "http://localhost:8080", "is not an address such as"},
		{Address(""), "::1:80", "is not an address such as"},
		{Address(""), "localhost", "is not an address such as"},
		{Address(""), ":http", "not a number from 0 to 65535"},
		{Address(""), ":-1", "not a number from 0 to 65535"},
		{URL(""), "ftp://x.test", "begins with https:// or http://"},
		{URL(""), "https://", "names no host"},
		{URL(""), "https://:8080", "names no host"},
		{URL(""), "https://x.test/?", "query or a fragment"},
		{URL(""), "https://x.test/#", "query or a fragment"},
		{URL(""), "https://me@x.test/", "user name or a password"},
		{URL(""), "https://x.test/a b", "is not an address such as"},
		{URL(""), "https://x.test/%zz", "is not an address such as"},
		{URL(""), "relay", "begins with https:// or http://"},
		{Link(""), "https://x.test/", "has no {id}"},
		{Link(""), "https://x.test/{name}/{id}", "only placeholder"},
		{JournalURL(""), "file:", "is not the name of a file"},
		{FieldsFile(""), "fields.yaml", "is not the name of a file"},
		{FieldsFile(""), "file:fields.json", "is not the name of a file"},
		{FieldsFile(""), ".json", "is not the name of a file"},
		{JournalURL(""), "file:///var/relay.db", "is not the name of a file"},
		{JournalURL(""), "file:relay.db?mode=ro", "must not have"},
		{JournalURL(""), "sqlite:relay.db", "is not the name of a file"},
		{Pattern(""), "Project:", "is not a type of event"},
		{Pattern(""), "*:*", "is not a type of event"},
		{Rows(""), "Change", "is not one of change, event"},
		{ColumnType(""), "money", "is not one of auto"},
		{Zone{}, "Europe/Berln", "not a time zone that is known"},
		{Zone{}, "../../etc/passwd", "not a time zone that is known"},
		{Zone{}, "Local", "not a time zone by name"},
		{Schedule{}, "TZ=0", "nothing follows the time zone"},
		{Schedule{}, "CRON_TZ=UTC", "nothing follows the time zone"},
		{Schedule{}, "TZ=Nowhere/City 0 0 * * *", "is not a cron expression"},
		{Schedule{}, "* * * *", "is not a cron expression"},
		{Schedule{}, "*/0 * * * *", "is not a cron expression"},
		{Schedule{}, "@every 0s", "more often than once a second"},
		{Schedule{}, "@every -5m", "more often than once a second"},
		{Schedule{}, "0 0 31 4,6,9,11 *", "a date that never comes"},
		{Schedule{}, "@often", "is not a cron expression"},
		{Schedule{}, "0 7 * * mon-sun", "`mon-sun` goes backwards: mon comes after sun, the first day of the week"},
		{Schedule{}, "0 7 * * 5-0", "5 comes after 0"},
		{Schedule{}, "@every 9999999h", "`9999999h` is too long"},
		{Schedule{}, "@every h", "a duration such as 30s"},
		{Schedule{}, "-1 * * * *", "a number is missing before or behind a -"},
		{Schedule{}, "99999999999999999999 * * * *", "is too large"},
		{Schedule{}, "*/-5 * * * *", "-5 is below zero"},
		{Schedule{}, "1-2-3 * * * *", "`1-2-3` has more than one -"},
		{Schedule{}, "5m", "it has 1 field, and not 5"},
		{Schedule{}, "TZ=Local 0 7 * * *", "`Local` is not a time zone by name"},
		{Schedule{}, "TZ= 0 7 * * *", "no time zone stands behind TZ="},
		{Schedule{}, "CRON_TZ= @daily", "no time zone stands behind TZ="},
	} {
		if got, fault := parsed(test.kind, test.text); !strings.Contains(fault, test.want) {
			t.Errorf("%T %q: got %v, %q, want %q", test.kind, test.text, got, fault, test.want)
		}
	}
}

func TestSchedulesThatCome(t *testing.T) {
	start := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"@every 90s":              start.Add(90 * time.Second),
		"@hourly":                 start.Add(time.Hour),
		"0 7 * * 1-5":             start.Add(7 * time.Hour),
		"0 0 29 2 *":              time.Date(2028, time.February, 29, 0, 0, 0, 0, time.UTC),
		"TZ=Asia/Tokyo 0 0 * * *": start.Add(15 * time.Hour),
	} {
		got, fault := parsed(Schedule{}, text)
		schedule, ok := got.(Schedule)
		if !ok {
			t.Errorf("%q: got %q, want a schedule", text, fault)
			continue
		}
		if next := schedule.Next(start); !next.Equal(want) {
			t.Errorf("%q: got %v, want %v", text, next, want)
		}
	}
}

func TestHintsOfScalars(t *testing.T) {
	for _, test := range []struct {
		kind       scalar
		text, want string
	}{
		{Size(0), "4MB", "did you mean `4MiB`?"},
		{Size(0), "4k", "did you mean `4KiB`?"},
		{Size(0), "1G", "did you mean `1GiB`?"},
		{Size(0), "4096", "did you mean `4096B`?"},
		{Size(0), "4 apples", ""},
		{Address(""), "8080", `write ":8080"`},
		{Pattern(""), "KeyDates:Updated", "did you mean `KeyDate:Updated`?"},
		{Pattern(""), "everything", `write one such as Project:Updated, "KeyDate:*" or "*"`},
		{Rows(""), "chnage", "did you mean `change`?"},
		{JournalURL(""), "relay.db", "write file:relay.db"},
		{FieldsFile(""), "fields.yaml", "write a name that ends in .json"},
		{FieldsFile(""), "file:fields.json", "write fields.json"},
		{URL(""), "relay.example.com", "begin with https://"},
	} {
		_, err := test.kind.parse(test.text, surroundings{})
		m, ok := err.(*mistake) //nolint:errorlint // parse is its only source
		if !ok || m.hint != test.want {
			t.Errorf("%q: got %#v, want %q", test.text, err, test.want)
		}
	}
}

func TestSizesPrintAsWritten(t *testing.T) {
	for _, text := range []string{"1B", "1500B", "512KiB", "4MiB", "7GiB"} {
		got, _ := parsed(Size(0), text)
		if size, ok := got.(Size); !ok || size.String() != text {
			t.Errorf("got %v, want %s", got, text)
		}
	}
	if got := Size(0).String(); got != "0B" {
		t.Errorf("got %s, want 0B", got)
	}
	if got := Duration(90 * time.Minute).String(); got != "1h30m" {
		t.Errorf("got %s, want 1h30m0s", got)
	}
}

func TestAddressesThatCollide(t *testing.T) {
	for _, test := range []struct {
		a, b Address
		want bool
	}{
		{":8080", ":8080", true},
		{":8080", "127.0.0.1:8080", true},
		{"0.0.0.0:8080", "[::1]:8080", true},
		{"127.0.0.1:8080", "127.0.0.1:8080", true},
		{"127.0.0.1:8080", "10.0.0.1:8080", false},
		{":8080", ":8081", false},
		{":0", ":0", false},
		{"", ":8080", false},
	} {
		if got := test.a.collides(test.b); got != test.want {
			t.Errorf("%q and %q: got %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

func TestNearest(t *testing.T) {
	words := []string{"message", "secrets", "listen", "max_body", "url"}
	for text, want := range map[string]string{
		"mesage":   "message",
		"MESSAGE":  "message",
		"emssage":  "message",
		"secret":   "secrets",
		"lisetn":   "listen",
		"max-body": "max_body",
		"ulr":      "url",
		"uri":      "url",
		"zebra":    "",
		"":         "",
		"x":        "",
	} {
		if got := Nearest(text, words); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestAddressesOfTheMachineItself(t *testing.T) {
	for address, want := range map[Address]bool{
		"127.0.0.1:80": true, "127.8.0.1:80": true, "[::1]:80": true, "localhost:80": true,
		":80": false, "0.0.0.0:80": false, "[::]:80": false, "10.0.0.1:80": false, "relay.internal:80": false, "localhost.example.com:80": false,
	} {
		if got := address.own(); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
}

func TestDurationIsWrittenAsInAFile(t *testing.T) {
	for duration, want := range map[time.Duration]string{
		0: "0s", 20 * time.Second: "20s", 90 * time.Minute: "1h30m", 48 * time.Hour: "2d", 36 * time.Hour: "36h", time.Hour + time.Second: "1h0m1s",
		10 * time.Minute: "10m", 20 * time.Hour: "20h", 1500 * time.Millisecond: "1.5s",
	} {
		if got := Duration(duration).String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
