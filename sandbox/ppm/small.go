package ppm

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/event"
)

// Small is a tenant to play with: a company that moves its customers to a new portal.
type Small struct {
	People   []event.Person // Anna Doe, John Doe, Brian Adams, Carla Núñez
	Entities []Entity       // for Options: one portfolio, one program, 12 projects, 12 tasks, 6 key dates, 3 ideas
}

// NewSmall makes the same tenant each time, with the same ids.
func NewSmall() Small {
	t := Small{}
	for _, name := range []string{"Anna Doe", "John Doe", "Brian Adams", "Carla Núñez"} {
		account := map[string]string{"Anna Doe": "anna.doe", "John Doe": "john.doe", "Brian Adams": "brian.adams", "Carla Núñez": "carla.nunez"}[name]
		t.People = append(t.People, event.Person{ID: namedID("person", name), Name: name, Account: account + "@company.com"})
	}
	portfolio := t.add(Entity{Kind: Portfolio, Attributes: map[string]any{"Name": "Digital"}})
	program := t.add(Entity{Kind: Program, Attributes: map[string]any{"Name": "Self Service"}})
	for i, name := range smallProjects() {
		project := t.add(Entity{Kind: kindProject, Attributes: map[string]any{
			"Name": name, "Number": i + 1, "Manager": People(t.People[i%len(t.People)]), "Portfolio": References(portfolio),
			"Program": References(program), "StartDate": Day(2026, 1, 12), "FinishDate": Day(2026, 6+i%6, 26), "Budget": 40_000 + 5_000*i,
			"OverallStatus": 0, "ScheduleStatus": 0, "CostStatus": 0, "Tags": []any{"#portal"}, "Go-live approved": false,
		}})
		t.fill(project, i)
	}
	for i, name := range []string{"Chat for customers", "One bill for everything", "Repair by appointment"} {
		t.add(Entity{Kind: kindIdea, Attributes: map[string]any{
			"Name": name, "Submitter": People(t.People[i%len(t.People)])[0], "ExpectedCost": 12_000 * (i + 1), "Tags": []any{"#service"},
			"Challenge": map[string]any{"Id": namedID("challenge", "Service"), "Name": "Better service"},
		}})
	}
	return t
}

// fill puts a task into a project, and a key date into every second.
func (t *Small) fill(project Entity, i int) {
	parent := event.Ref{Kind: project.Kind, ID: project.ID}
	who := People(t.People[(i+1)%len(t.People)])
	name := project.Attributes["Name"]
	t.add(Entity{Kind: kindTask, Parent: parent, Attributes: map[string]any{
		"Name": fmt.Sprintf("Test plan for %s", name), "StartDate": Day(2026, 2, 2), "DueDate": Day(2026, 2, 13), "Duration": 10, "AssignedTo": who,
	}})
	if i%2 == 0 {
		t.add(Entity{Kind: kindKeyDate, Parent: parent, Attributes: map[string]any{
			"Name": fmt.Sprintf("Go-live of %s", name), "Type": 2, "Date": Day(2026, 6+i%6, 15), "AssignedTo": who,
		}})
	}
}

func (t *Small) add(e Entity) Entity {
	e.ID = namedID(e.Kind, fmt.Sprint(e.Attributes["Name"]))
	t.Entities = append(t.Entities, e)
	return e
}

// namedID gives the same id to the same name, each time.
func namedID(kind, name string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://contoso.example/"+kind+"/"+name)).String()
}

func smallProjects() []string {
	return []string{
		"Customer Portal", "Payment Gateway", "Identity and Sign-in", "Data Platform", "Mobile App", "Contact Centre",
		"Price Calculator", "Partner Access", "Document Archive", "Field Service", "Status Page", "Office Move",
	}
}
