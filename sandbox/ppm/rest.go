package ppm

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
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

// fields answers GET /Fields/{entity} with every attribute that an entity of the kind has.
func (s *Server) fields(c call) answer {
	kinds := []string{kindProject, kindIdea, kindTask, kindKeyDate, Program, Portfolio}
	i := slices.IndexFunc(kinds, func(kind string) bool { return strings.EqualFold(kind, c.id) })
	if i < 0 {
		return refuse(http.StatusNotFound, "The entity is not known")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	attributes := defaults(kinds[i])
	for _, e := range s.entities {
		if e.Kind == kinds[i] {
			maps.Copy(attributes, e.Attributes)
		}
	}
	described := []any{}
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		if key == "Id" {
			continue
		}
		kind, many := fieldType(key, attributes[key])
		described = append(described, map[string]any{
			"key": key, "label": spaced(key), "type": kind, "isMultiChoice": many,
			"isReadonly": key == "CreatedDate" || key == "LastModifiedDate", "settings": map[string]any{},
		})
	}
	return data(http.StatusOK, described)
}

// fieldType guesses from a value: the vendor does not publish the names of types.
func fieldType(key string, value any) (kind string, many bool) {
	switch value.(type) {
	case bool:
		return "Flag", false
	case []any:
		return "User", true
	case map[string]any:
		return "User", false
	case string:
		if strings.HasSuffix(key, "Date") {
			return "Date", false
		}
		return "Text", false
	case nil:
		return "Text", false
	default:
		return "Integer", false
	}
}

// spaced writes OverallStatus as people read it: Overall Status. A name with blanks stays as it is.
func spaced(key string) string {
	if strings.Contains(key, " ") {
		return key
	}
	var out strings.Builder
	var last rune
	for _, r := range key {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
		last = r
	}
	return out.String()
}
