package event

import "time"

// Kind says what a Value or a Change is made of.
type Kind string

// The kinds of values. Null is both "null" and "not there"; whether a key was sent at all is told by Attributes.Get.
const (
	Null      Kind = ""          // nothing
	Text      Kind = "text"      // Text
	Number    Kind = "number"    // Text holds the digits as sent
	Money     Kind = "money"     // as Number; the currency is not sent
	Date      Kind = "date"      // Time is midnight UTC of a calendar day, which never shifts with a zone
	Instant   Kind = "instant"   // Time
	Boolean   Kind = "boolean"   // Bool
	Choice    Kind = "choice"    // Text holds the number or name as sent; its label is found when it is shown
	PersonRef Kind = "person"    // Ref
	Reference Kind = "reference" // Ref
	List      Kind = "list"      // List
	Object    Kind = "object"    // Text holds compact JSON; a shape that is not known
)

// Value is one value of an attribute. It compares by meaning with Equal, never with ==.
type Value struct {
	Kind Kind
	Text string
	Time time.Time
	Bool bool
	Ref  Ref
	List []Value
}

// Attribute is one named value of an entity. Everything but Name and Value comes from the sender's schema.
type Attribute struct {
	Name  string // the key as sent: "OverallStatus", "Idea’s sponsor"
	Label string // what people call it: "Status"; the name where nothing better is known
	Rank  int    // place among the lines of a message: lower first, equal ranks as sent
	Unit  string // "%", "working days"; empty where there is none or it is not known
	Noise bool   // technical, never told: LastModifiedDate
	Value Value
}

// Attributes is the state of an entity, in the order in which it was sent.
type Attributes []Attribute

// Get returns the attribute of that name and reports whether it was sent. A straight and a typographic apostrophe
// count as the same, unless both spellings were sent.
func (a Attributes) Get(name string) (Attribute, bool) {
	for i := range a {
		if a[i].Name == name {
			return a[i], true
		}
	}
	for i := range a {
		if sameName(a[i].Name, name) {
			return a[i], true
		}
	}
	return Attribute{}, false
}
