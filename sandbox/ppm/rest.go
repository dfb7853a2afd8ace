package ppm

import (
	"fmt"
	"net/http"
	"strings"
)

// me answers GET /Me.
func (s *Server) me(call) answer {
	owner := s.options.Owner
	token := map[string]any{"id": "77777777-0000-4000-8000-000000000001", "name": "ppmrelay", "scopes": []string{"sample-scope"}}
	if !s.options.Switches.TokenEndless {
		token["expirationDate"] = s.options.Expires.UTC().Format("2006-01-02T15:04:05Z")
	}
	return data(http.StatusOK, map[string]any{"id": owner.ID, "logonAccount": owner.Account, "email": owner.Account, "token": token})
}

// listOf answers a list of all entities of a kind.
func (s *Server) listOf(kind string) func(call) answer {
	return func(call) answer {
		return s.list(func(e *Entity) bool { return e.Kind == kind })
	}
}

// listIdeas answers GET /Ideas, perhaps of one challenge.
func (s *Server) listIdeas(c call) answer {
	challenge := c.query.Get("challengeId")
	return s.list(func(e *Entity) bool {
		of, _ := e.Attributes["Challenge"].(map[string]any)
		id, _ := of["Id"].(string)
		return e.Kind == kindIdea && (challenge == "" || strings.EqualFold(id, challenge))
	})
}

// childrenOf answers a list of what is below one entity.
func (s *Server) childrenOf(parent, kind string) func(call) answer {
	return func(c call) answer {
		if _, found := s.Entity(parent, c.id); !found {
			return refuse(http.StatusNotFound, fmt.Sprintf("The %s is not found", parent))
		}
		return s.list(func(e *Entity) bool {
			return e.Kind == kind && e.Parent.Kind == parent && strings.EqualFold(e.Parent.ID, c.id)
		})
	}
}

func (s *Server) list(wanted func(*Entity) bool) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []any{}
	for _, e := range s.entities {
		if wanted(e) {
			found = append(found, element(e))
		}
	}
	return data(http.StatusOK, found)
}

// oneOf answers one entity of a kind.
func (s *Server) oneOf(kind string) func(call) answer {
	return func(c call) answer {
		e, found := s.Entity(kind, c.id)
		if !found {
			return refuse(http.StatusNotFound, fmt.Sprintf("The %s is not found", kind))
		}
		return data(http.StatusOK, element(&e))
	}
}

// element is an entity as the API writes it: the attributes are spelled as in webhooks, what is inside them is not.
func element(e *Entity) map[string]any {
	attributes := map[string]any{}
	for name, value := range e.Attributes {
		attributes[name] = camel(value)
	}
	written := map[string]any{"id": e.ID, "attributes": attributes}
	switch e.Kind {
	case kindTask:
		written["sourceType"], written["baseline"] = e.Source, nil
	case kindKeyDate:
		written["sourceType"] = e.Source
	case kindIdea:
		written["votes"] = 0
	}
	return written
}

// camel spells the keys of objects in camelCase, all the way down.
func camel(value any) any {
	switch v := value.(type) {
	case map[string]any:
		spelled := map[string]any{}
		for key, inner := range v {
			spelled[lowerFirst(key)] = camel(inner)
		}
		return spelled
	case []any:
		spelled := make([]any, len(v))
		for i, inner := range v {
			spelled[i] = camel(inner)
		}
		return spelled
	default:
		return value
	}
}

func lowerFirst(key string) string {
	if key == "" {
		return key
	}
	return strings.ToLower(key[:1]) + key[1:]
}
