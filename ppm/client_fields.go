package ppm

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
)

// Fields asks for the fields of a kind of entity, such as event.Project, and returns what was answered, as it came:
// ReadFields reads it. Which members the vendor's settings have is not published, so that the answer is worth keeping.
func (c *Client) Fields(ctx context.Context, entity string) (json.RawMessage, error) {
	call := request{what: "asking for the fields of " + entity, method: http.MethodGet, path: "Fields/" + entity, reads: true}
	if !isID(entity) {
		return nil, &CallError{What: call.what, Message: "that is not a kind of entity"}
	}
	var answer json.RawMessage
	if _, err := c.do(ctx, call, &answer); err != nil {
		return nil, err
	}
	return answer, nil
}

// States asks for the newest state of projects (event.Project) or ideas (event.Idea) and returns those of the first ones, at
// most so many, and how many there are. What is no entity is left out.
func (c *Client) States(ctx context.Context, entity string, most int) (states []event.Attributes, all int, _ error) {
	call := request{what: "reading the " + strings.ToLower(entity) + "s", method: http.MethodGet, path: entity + "s", reads: true}
	if entity != event.Project && entity != event.Idea {
		return nil, 0, &CallError{What: call.what, Message: "only projects and ideas are in one list"}
	}
	var list []json.RawMessage
	if _, err := c.do(ctx, call, &list); err != nil {
		return nil, 0, err
	}
	for _, one := range list {
		if len(states) == most {
			break
		}
		var element struct {
			Attributes json.RawMessage `json:"attributes"`
		}
		if json.Unmarshal(one, &element) != nil {
			continue
		}
		if state, err := DecodeState(entity, element.Attributes); err == nil {
			states = append(states, state)
		}
	}
	return states, len(list), nil
}
