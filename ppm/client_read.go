package ppm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Own is the source of what was made in PPM Express itself. Tasks of any other source fire no webhooks.
const Own = "Ppmx"

// readTimeout is how long a list may take to arrive: a large tenant's has some ten megabytes.
const readTimeout = 5 * time.Minute

// Element is one entity as lists of the API show it. One that is odd has no more than what could be read of it.
type Element struct {
	ID         string    // empty only of an odd one
	Name       string    // as people typed it; may be empty
	Attributes []byte    // JSON, spelled as in webhooks; nil only of an odd one
	Source     string    // of tasks and key dates: Own, "Jira" …
	Read       time.Time // the vendor's clock when it answered; ours where it does not tell
	Odd        bool      // it is not of the form that was expected
}

// Projects hands over every project of the tenant, one at a time: no more than one is in memory. An error of each ends
// it and is returned as it is; any other error says that the list did not arrive to its end, and is a *CallError.
func (c *Client) Projects(ctx context.Context, each func(Element) error) error {
	return c.stream(ctx, "listing projects", "Projects", each)
}

// Ideas hands over every idea, as Projects does.
func (c *Client) Ideas(ctx context.Context, each func(Element) error) error {
	return c.stream(ctx, "listing ideas", "Ideas", each)
}

// Programs hands over every program, as Projects does.
func (c *Client) Programs(ctx context.Context, each func(Element) error) error {
	return c.stream(ctx, "listing programs", "programs", each)
}

// Portfolios hands over every portfolio, as Projects does.
func (c *Client) Portfolios(ctx context.Context, each func(Element) error) error {
	return c.stream(ctx, "listing portfolios", "portfolios", each)
}

// Tasks hands over every task of a project, of whatever source, as Projects does.
func (c *Client) Tasks(ctx context.Context, project string, each func(Element) error) error {
	return c.streamBelow(ctx, "tasks", project, each)
}

// KeyDates hands over every key date of a project, own and external, as Projects does.
func (c *Client) KeyDates(ctx context.Context, project string, each func(Element) error) error {
	return c.streamBelow(ctx, "keydates", project, each)
}

func (c *Client) streamBelow(ctx context.Context, what, project string, each func(Element) error) error {
	doing := "listing " + strings.Replace(what, "keydates", "key dates", 1) + " of project " + project
	if !isID(project) {
		return &CallError{What: doing, Message: "that is not the id of a project"} // nothing is asked
	}
	return c.stream(ctx, doing, "projects/"+project+"/"+what, each)
}

// stream makes a call whose answer is a list, and hands over its elements while it arrives.
func (c *Client) stream(ctx context.Context, what, path string, each func(Element) error) error {
	call := request{what: what, method: http.MethodGet, path: path}
	failed := &CallError{What: what}
	own := *c
	own.timeout = max(c.timeout, readTimeout)
	ctx, cancel := context.WithTimeout(ctx, own.timeout)
	defer cancel()
	prepared, err := c.prepare(ctx, call)
	if err != nil {
		return own.broken(ctx, failed, call, err)
	}
	response, err := c.http.Do(prepared)
	if err != nil {
		return own.broken(ctx, failed, call, err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	failed.Status = response.StatusCode
	if response.StatusCode < 200 || response.StatusCode > 299 {
		body, err := io.ReadAll(io.LimitReader(response.Body, maxErrorBytes))
		if err != nil {
			return own.broken(ctx, failed, call, err)
		}
		return own.refused(failed, call, response, body)
	}
	err = readList(response.Body, vendorTime(response.Header), each)
	switch said, mine := errors.AsType[listError](err); {
	case err == nil:
		return nil
	case mine:
		failed.Message, failed.unanswered = said.Error(), true
		return failed
	default:
		if own, ok := errors.AsType[eachError](err); ok {
			return own.error
		}
		return own.broken(ctx, failed, call, err)
	}
}

// maxErrorBytes is how much is read of an answer that is no list.
const maxErrorBytes = 1 << 20

// vendorTime reads the header Date, which has whole seconds.
func vendorTime(header http.Header) time.Time {
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Now().UTC().Truncate(time.Second)
	}
	return at.UTC()
}

// listError says that an answer is not a list as it was expected.
type listError string

func (e listError) Error() string { return string(e) }

// eachError is an error of whoever takes the elements.
type eachError struct{ error }

// readList reads {"data":[…]}, element by element.
func readList(body io.Reader, at time.Time, each func(Element) error) error {
	decoder := json.NewDecoder(body)
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return notList(err)
	}
	found := false
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return notList(err)
		}
		if key == "data" {
			found = true
			err = readElements(decoder, at, each)
		} else {
			err = skipMember(decoder, fmt.Sprint(key))
		}
		if err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return notList(err)
	}
	if !found {
		return listError("the answer has no data" + lookAt)
	}
	return nil
}

// notList names what arrived instead. What broke the connection stays as it is.
func notList(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok && !errors.Is(err, io.ErrUnexpectedEOF) {
		return listError("the answer is not the JSON that was expected (" + syntax.Error() + ")" + lookAt)
	}
	if err == nil {
		return listError("the data of the answer is not of the form that was expected" + lookAt)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return listError(inWords(io.ErrUnexpectedEOF) + lookAt)
	}
	return err
}

func readElements(decoder *json.Decoder, at time.Time, each func(Element) error) error {
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('[') {
		return notList(err)
	}
	for decoder.More() {
		e, err := readElement(decoder)
		if err != nil {
			return notList(err)
		}
		e.Read = at
		if err := each(e); err != nil {
			return eachError{err}
		}
	}
	_, err := decoder.Token()
	if err != nil {
		return notList(err)
	}
	return nil
}

// readElement reads one element. What is odd about it is not the fault of the others.
func readElement(decoder *json.Decoder) (Element, error) {
	var one struct {
		ID         json.RawMessage `json:"id"`
		Attributes json.RawMessage `json:"attributes"`
		SourceType string          `json:"sourceType"`
	}
	err := decoder.Decode(&one)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !odd {
		return Element{}, err
	}
	e := Element{Source: one.SourceType, Odd: err != nil}
	if json.Unmarshal(one.ID, &e.ID) != nil || e.ID == "" {
		e.Odd = true
		var number json.Number
		if json.Unmarshal(one.ID, &number) == nil {
			e.ID = number.String()
		}
	}
	if e.Name, e.Attributes, err = spelledAsSent(one.Attributes); err != nil {
		e.Odd = true
	}
	return e, nil
}

// skipMember reads what stands beside the data. No list of PPM Express is known to come in pages; one that says so is not
// the whole, and what it does not show must not be called absent.
func skipMember(decoder *json.Decoder, key string) error {
	var value any
	if err := decoder.Decode(&value); err != nil {
		return notList(err)
	}
	key = strings.ToLower(key)
	if (strings.Contains(key, "next") || key == "hasmore") && value != nil && value != false && value != "" {
		return listError("the list comes in pages, which this version does not read")
	}
	return nil
}

// spelledAsSent returns attributes as webhooks spell them: keys as they are, those of what is inside in PascalCase. Name
// is the entity's.
func spelledAsSent(attributes []byte) (name string, spelled []byte, _ error) {
	t, err := parseObject(attributes)
	if err != nil {
		return "", nil, err
	}
	to := []byte("{")
	for key, value := range t.members(root) {
		to = append(appendText(separated(to, '{'), t.content(key)), ':')
		to = t.appendCanonical(to, value, pascal)
	}
	return t.scalar(t.attribute(root, "Name")), append(to, '}'), nil
}
