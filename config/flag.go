package config

const trueOrFalse = "true or false"

// Flag is true or false.
type Flag bool

func (f Flag) expects() string { return trueOrFalse }

func (f Flag) parse(text string, _ surroundings) (scalar, error) {
	switch text {
	case "true", "false":
		return Flag(text == "true"), nil
	case "yes", "on", "y":
		return nil, wrong("write true", "%s is not %s", quoted(text), f.expects())
	case "no", "off", "n":
		return nil, wrong("write false", "%s is not %s", quoted(text), f.expects())
	default:
		return nil, wrong("", "%s is not %s", quoted(text), f.expects())
	}
}
