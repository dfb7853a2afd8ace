package templates

import (
	"maps"
	"slices"
	"strings"
	"text/template/parse"
)

// place is where an action stands among what the author wrote.
type place string

const (
	inText  place = ""
	inAngle place = "inside <…>: use {{ link \"https://…\" .Entity }}"
	inCode  place = "between backticks: use {{ code .Type }}"
	inBlock place = "inside a ``` block, where it could end the block"

	angleInCode  place = "inside <…> between backticks"
	angleInBlock place = "inside <…> inside a ``` block"
	tornAngle    place = "behind a < that is not closed: write &lt;" // nothing leads out of it
)

// checkMarkup refuses actions where text cannot be made safe: inside <…> and between backticks.
func (c *checker) checkMarkup() {
	sources := []*source{c.main}
	for v := range c.visited {
		if !slices.Contains(sources, v.source) {
			sources = append(sources, v.source)
		}
	}
	for _, s := range sources {
		c.source = s
		for _, name := range slices.Sorted(maps.Keys(s.trees)) {
			tree := s.trees[name]
			if tree.Root == nil {
				continue
			}
			// At the end of a message a lone backtick is only a character. At that of what is included something may follow.
			if end := c.markup(tree.Root, inText); end != inText && (end != inCode || name != root || s != c.main) {
				c.faultf(lastPosition(tree.Root), "", "what was opened here is never closed in its line: write &lt; for a less-than sign")
			}
		}
	}
	c.source = c.main
}

func lastPosition(list *parse.ListNode) parse.Pos {
	if len(list.Nodes) == 0 {
		return list.Pos
	}
	return list.Nodes[len(list.Nodes)-1].Position()
}

// markup follows a list of nodes and returns where its end stands.
func (c *checker) markup(list *parse.ListNode, at place) place {
	if list == nil {
		return at
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
			at = after(string(n.Text), at)
		case *parse.ActionNode:
			if len(n.Pipe.Decl) == 0 && at != inText {
				c.faultf(n.Pos, "", "nothing can be printed %s", at)
			}
		case *parse.TemplateNode:
			if at != inText {
				c.faultf(n.Pos, "", "nothing can be printed %s", at)
			}
		case *parse.BreakNode, *parse.ContinueNode:
			if at != c.loopBegan {
				c.faultf(n.Position(), "", "a < or a backtick has to be closed before %s", n)
			}
		case *parse.IfNode:
			at = c.branches(&n.BranchNode, at)
		case *parse.WithNode:
			at = c.branches(&n.BranchNode, at)
		case *parse.RangeNode:
			around := c.loopBegan
			c.loopBegan = at
			at = c.branches(&n.BranchNode, at)
			c.loopBegan = around
		}
	}
	return at
}

// branches requires that every way through a branch ends where it began, so that the text after it is the same place.
func (c *checker) branches(n *parse.BranchNode, at place) place {
	for _, list := range []*parse.ListNode{n.List, n.ElseList} {
		if c.markup(list, at) != at {
			c.faultf(n.Pos, "", "a < or a backtick that begins in a branch has to end in it")
		}
	}
	return at
}

// after returns where the end of a text stands that begins at a place. A < has to be closed in its line, as lines that
// do not fit are left out, and on its side of a backtick, as Slack looks for links in code, too.
func after(text string, at place) place {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '<':
			at = opened(at)
		case c == '>':
			at = closed(at)
		case closed(at) != at && (c == '\n' || c == '`' && at != inAngle):
			at = tornAngle
		case closed(at) != at || at == tornAngle:
		case c == '`' && strings.HasPrefix(text[i:], "```") && at != inCode:
			at = toggled(at, inBlock)
			i += 2
		case c == '`' && at != inBlock:
			at = toggled(at, inCode)
		case c == '\n' && at == inCode:
			at = inText
		}
	}
	return at
}

// opened returns the place behind a <.
func opened(at place) place {
	switch at {
	case inText:
		return inAngle
	case inCode:
		return angleInCode
	case inBlock:
		return angleInBlock
	default:
		return at
	}
}

// closed returns the place behind a >.
func closed(at place) place {
	switch at {
	case inAngle:
		return inText
	case angleInCode:
		return inCode
	case angleInBlock:
		return inBlock
	default:
		return at
	}
}

func toggled(at, other place) place {
	if at == other {
		return inText
	}
	return other
}
