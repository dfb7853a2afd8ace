package ppm

import (
	"fmt"
	"slices"

	"github.com/ppmrelay/ppmrelay/event"
)

// portfolioProjects is how many projects a Large tenant has.
const portfolioProjects = 207

// Large is a tenant to look at: that of Small, whose company has many more projects, some of them with names that are
// not easy to show.
type Large struct {
	People   []event.Person // those of Small, and Zoë Ångström-Nuñez
	Entities []Entity       // for Options: two portfolios, one program, 207 projects, 14 tasks, 8 key dates, 3 ideas
}

// NewPortfolio makes the same tenant each time, with the same ids. What is worth a look comes first: Customer Portal,
// the special names, the other projects of Small, then all that were generated.
func NewPortfolio() Large {
	small := NewSmall()
	zoe := event.Person{ID: namedID("person", "Zoë Ångström-Nuñez"), Name: "Zoë Ångström-Nuñez", Account: "zoe.angstrom@company.com"}
	l := Large{People: append(small.People, zoe)}
	first := slices.IndexFunc(small.Entities, func(e Entity) bool { return e.Kind == kindProject })
	l.Entities = append(l.Entities, small.Entities[:first+1]...) // the last of these is Customer Portal
	infrastructure := l.add(Entity{Kind: Portfolio, Attributes: map[string]any{"Name": "Infrastructure"}})
	for i, p := range specialProjects() {
		l.add(l.project(p, 13+i, infrastructure))
	}
	l.Entities = append(l.Entities, small.Entities[first+1:]...)
	l.addChildren(small.Entities[first])
	l.generate(infrastructure)
	return l
}

// planned is a project in short.
type planned struct {
	name          string
	status        int
	start, finish [2]int // month and day of 2026
	budget        int
	managers      []int // of People
}

func specialProjects() []planned {
	const long = "Migration of the customer master data from three regional systems to the group-wide platform, phase 2 (Benelux, Nordics, Iberia)"
	return []planned{
		{"Data Centre Exit", 2, [2]int{1, 5}, [2]int{7, 14}, 1_200_000, []int{2}},
		{"Launch 🚀👩‍👩‍👧‍👦🏳️‍🌈", 0, [2]int{2, 2}, [2]int{6, 30}, 48_500, []int{0}},
		{long, 1, [2]int{1, 7}, [2]int{12, 16}, 3_450_000, []int{2, 4, 1}},
		{"إطلاق بوابة العملاء 2026", 0, [2]int{1, 3}, [2]int{5, 20}, 96_000, []int{1}},
		{"Artificial Intelligence", -1, [2]int{12, 1}, [2]int{12, 31}, 0, []int{1}},
		{"Old Intranet", 10, [2]int{1, 2}, [2]int{3, 31}, 40_000, []int{2}},
	}
}

func (l *Large) project(p planned, number int, portfolio Entity) Entity {
	managers := make([]event.Person, len(p.managers))
	for i, of := range p.managers {
		managers[i] = l.People[of]
	}
	return Entity{Kind: kindProject, Attributes: map[string]any{
		"Name": p.name, "Number": number, "Manager": People(managers...), "Portfolio": References(portfolio),
		"StartDate": Day(2026, p.start[0], p.start[1]), "FinishDate": Day(2026, p.finish[0], p.finish[1]),
		"Budget": p.budget, "OverallStatus": p.status, "Tags": []any{},
	}}
}

// addChildren gives the first project tasks and key dates to look at.
func (l *Large) addChildren(project Entity) {
	parent := event.Ref{Kind: project.Kind, ID: project.ID}
	l.add(Entity{Kind: kindTask, Parent: parent, Attributes: map[string]any{
		"Name": "Write the release notes", "StartDate": Day(2026, 2, 23), "DueDate": Day(2026, 3, 13), "Duration": 15, "Progress": 40,
		"AssignedTo": People(l.People[1], l.People[2]),
	}})
	l.add(Entity{Kind: kindTask, Parent: parent, Attributes: map[string]any{
		"Name": "Load test with 10,000 customers", "StartDate": Day(2026, 3, 23), "DueDate": Day(2026, 4, 1), "Duration": 8, "Status": -1,
	}})
	l.add(Entity{Kind: kindKeyDate, Parent: parent, Attributes: map[string]any{
		"Name": "Release 1.0", "Type": 2, "Date": Day(2026, 2, 13), "IsComplete": true, "Status": 10,
	}})
	l.add(Entity{Kind: kindKeyDate, Parent: parent, Attributes: map[string]any{
		"Name": "Release 2.0", "Type": 2, "Date": Day(2026, 4, 14), "AssignedTo": People(l.People[1]),
	}})
}

// generate adds projects until there are enough of them.
func (l *Large) generate(portfolio Entity) {
	number := 0
	for _, e := range l.Entities {
		if e.Kind == kindProject {
			number++
		}
	}
	statuses := []int{0, 0, 1, 0, -1, 0, 2, 0, 0, 10}
	for _, work := range []string{
		"renewal", "in the cloud", "for partners", "self-service", "automation", "consolidation", "audit", "pilot", "roll-out", "training",
		"redesign", "compliance", "cost review", "archive",
	} {
		for i, area := range []string{
			"Payroll", "Warehouse", "Billing", "Network", "Procurement", "Travel expenses", "Customer service", "Recruiting", "Fleet", "Pricing",
			"Quality", "Reporting", "Security", "Workplace",
		} {
			if number == portfolioProjects {
				return
			}
			number++
			l.add(l.project(planned{
				name: area + " " + work, status: statuses[number%len(statuses)],
				start: [2]int{1 + i%6, 1 + number%28}, finish: [2]int{7 + i%6, 1 + number%28},
				budget: 10_000 + 2_500*(number%60), managers: []int{number % len(l.People)},
			}, number, portfolio))
		}
	}
}

func (l *Large) add(e Entity) Entity {
	e.ID = namedID(e.Kind, fmt.Sprint(e.Attributes["Name"]))
	l.Entities = append(l.Entities, e)
	return e
}
