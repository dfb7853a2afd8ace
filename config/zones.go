package config

import (
	"strings"
	"time"
)

// zoneHint says which zone is meant by a name that is none: one with other capitals, one without its continent, a
// misspelt one of those where many people live. The whole list is not to be had from the standard library.
func zoneHint(text string) string {
	if zone := zoneOf(text); zone != "" {
		return "did you mean `" + zone + "`?"
	}
	if hint := didYouMean(text, zones()); hint != "" {
		return hint
	}
	return "write one such as Europe/Berlin"
}

// zoneOf returns the zone whose city is the text, in whatever case and with or without a continent.
func zoneOf(text string) string {
	continent, city, found := strings.Cut(text, "/")
	if !found {
		continent, city = "", text
	}
	city = capitalised(city)
	for _, c := range []string{"Europe", "America", "Asia", "Africa", "Australia", "Pacific", "Atlantic"} {
		if found && !strings.EqualFold(c, continent) {
			continue
		}
		if _, err := time.LoadLocation(c + "/" + city); err == nil && city != "" {
			return c + "/" + city
		}
	}
	return ""
}

// capitalised makes "new york" to "New_York".
func capitalised(city string) string {
	words := strings.FieldsFunc(strings.ToLower(city), func(r rune) bool { return r == ' ' || r == '_' })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "_")
}

func zones() []string {
	return []string{
		"Europe/Amsterdam", "Europe/Athens", "Europe/Berlin", "Europe/Brussels", "Europe/Bucharest", "Europe/Budapest",
		"Europe/Copenhagen", "Europe/Dublin", "Europe/Helsinki", "Europe/Istanbul", "Europe/Kyiv", "Europe/Lisbon",
		"Europe/London", "Europe/Madrid", "Europe/Oslo", "Europe/Paris", "Europe/Prague", "Europe/Rome", "Europe/Sofia",
		"Europe/Stockholm", "Europe/Vienna", "Europe/Warsaw", "Europe/Zurich", "America/Bogota", "America/Chicago",
		"America/Denver", "America/Los_Angeles", "America/Mexico_City", "America/New_York", "America/Sao_Paulo",
		"America/Toronto", "America/Vancouver", "Asia/Dubai", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Jerusalem",
		"Asia/Kolkata", "Asia/Manila", "Asia/Riyadh", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore", "Asia/Tokyo",
		"Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "Australia/Melbourne", "Australia/Sydney",
		"Pacific/Auckland", "UTC",
	}
}
