package fault

// Condition is a state that a vendor can be in for a while: something that a person there, the vendor or time does, and
// that can be taken back.
type Condition struct {
	Name  string `json:"name"`            // "channel-archived"
	Words string `json:"words"`           // what it is, in plain words
	Where string `json:"where,omitempty"` // what has to be said: "channel"; empty = the vendor as a whole

	// Set brings the condition about, or takes it back. Either may be asked for again, and changes nothing then.
	Set func(on bool, where string) error `json:"-"`
}
