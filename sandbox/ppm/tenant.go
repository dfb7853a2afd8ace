package ppm

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Kinds of entities that no webhook tells about.
const (
	Program   = "Program"
	Portfolio = "Portfolio"
)

const (
	kindProject = event.Project
	kindIdea    = event.Idea
	kindTask    = event.Task
	kindKeyDate = event.KeyDate
)

// Own is the source of what was made in PPM Express itself. Tasks of any other source are told to nobody.
const Own = "Ppmx"

// Entity is a project, idea, task, key date, program or portfolio.
type Entity struct {
	Kind       string
	ID         string         // given where it is empty
	Parent     event.Ref      // of tasks and key dates: Kind and ID
	Source     string         // of tasks and key dates; default Own
	Attributes map[string]any // JSON, nested keys as webhooks spell them; what is missing gets the kind's defaults
}

func (e *Entity) clone() Entity {
	copied := *e
	copied.Attributes = cloneAttributes(e.Attributes)
	return copied
}

// Entities returns all entities of a kind, oldest first.
func (s *Server) Entities(kind string) []Entity {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Entity
	for _, e := range s.entities {
		if e.Kind == kind {
			found = append(found, e.clone())
		}
	}
	return found
}

// Entity returns one entity, and whether it is there.
func (s *Server) Entity(kind, id string) (Entity, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.find(kind, id); e != nil {
		return e.clone(), true
	}
	return Entity{}, false
}

// Create adds an entity, as a person does, and returns it with its id and all its attributes. The zero person is
// nobody: a synchronisation.
func (s *Server) Create(e Entity, by event.Person) Entity {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.tick()
	made := s.add(e, at)
	s.tell(change{entity: made, action: event.Created, by: by, at: at})
	return made.clone()
}

// Edit changes attributes of an entity, as a person does: those that are named, to the values given; nil empties one.
func (s *Server) Edit(kind, id string, changes map[string]any, by event.Person) error {
	return s.BulkEdit(kind, []string{id}, changes, by)
}

// BulkEdit changes the same attributes of several entities, in the order of the list. Each is told on its own. Nothing
// is changed where one of them is not there.
func (s *Server) BulkEdit(kind string, ids []string, changes map[string]any, by event.Person) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	edited := make([]*Entity, len(ids))
	for i, id := range ids {
		if edited[i] = s.find(kind, id); edited[i] == nil {
			return fmt.Errorf("there is no %s %s", kind, id)
		}
	}
	for _, e := range edited {
		at := s.tick()
		before := cloneAttributes(e.Attributes)
		maps.Copy(e.Attributes, cloneAttributes(changes))
		if hasDates(kind) {
			e.Attributes["LastModifiedDate"] = stamp(at)
		}
		s.tell(change{entity: e, action: event.Updated, before: before, by: by, at: at})
	}
	return nil
}

// Delete removes an entity and everything below it, as a person does.
func (s *Server) Delete(kind, id string, by event.Person) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := s.find(kind, id)
	if gone == nil {
		return fmt.Errorf("there is no %s %s", kind, id)
	}
	below := func(e *Entity) bool { return e.Parent.Kind == kind && strings.EqualFold(e.Parent.ID, gone.ID) }
	for _, e := range s.entities {
		if below(e) && s.options.Switches.CascadeTold {
			s.tell(change{entity: e, action: event.Deleted, by: by, at: s.tick()})
		}
	}
	s.tell(change{entity: gone, action: event.Deleted, by: by, at: s.tick()})
	s.entities = slices.DeleteFunc(s.entities, func(e *Entity) bool { return e == gone || below(e) })
	return nil
}

// load adds what is there from the start. Nobody knows the server yet.
func (s *Server) load(entities []Entity) {
	for _, e := range entities {
		s.add(e, s.tick())
	}
}

// add keeps an entity. The lock is held.
func (s *Server) add(e Entity, at time.Time) *Entity {
	if e.ID == "" {
		e.ID = s.newID()
	}
	if e.Source == "" {
		e.Source = Own
	}
	attributes := defaults(e.Kind)
	if e.Kind == kindProject {
		attributes["Id"] = e.ID
	}
	if hasDates(e.Kind) {
		attributes["CreatedDate"], attributes["LastModifiedDate"] = stamp(at), stamp(at)
	}
	maps.Copy(attributes, cloneAttributes(e.Attributes))
	e.Attributes = attributes
	s.entities = append(s.entities, &e)
	return &e
}

func (s *Server) find(kind, id string) *Entity {
	for _, e := range s.entities {
		if e.Kind == kind && strings.EqualFold(e.ID, id) {
			return e
		}
	}
	return nil
}
