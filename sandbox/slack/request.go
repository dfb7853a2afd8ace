package slack

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// arguments are what a caller sent, by name. What is not text is JSON: blocks, metadata.
type arguments map[string]string

func (a arguments) yes(name string) bool { return a[name] == "true" || a[name] == "1" }

func (a arguments) number(name string, otherwise int) int {
	n, err := strconv.Atoi(a[name])
	if err != nil {
		return otherwise
	}
	return n
}

// read takes the arguments from the address and the body, a form or JSON, and the token from the header or from among
// them.
func read(r *http.Request) (_ arguments, token string, _ error) {
	a := arguments{}
	a.add(r.URL.Query())
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, "", refuse("request_timeout")
	}
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind {
	case "application/json":
		if err := a.addJSON(body); err != nil {
			return nil, "", refuse("invalid_json")
		}
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, "", refuse("invalid_form_data")
		}
		a.add(form)
	case "":
	default:
		return nil, "", refuse("invalid_post_type")
	}
	token = a["token"]
	delete(a, "token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	return a, token, nil
}

func (a arguments) add(values url.Values) {
	for name := range values {
		a[name] = values.Get(name)
	}
}

func (a arguments) addJSON(body []byte) error {
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(body, &sent); err != nil {
		return err
	}
	for name, value := range sent {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		a[name] = text
	}
	return nil
}
