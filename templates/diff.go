package templates

import (
	"slices"
	"strings"
	"sync"

	"github.com/ppmrelay/ppmrelay/event"
)

// Bounds of comparing two long texts word by word. Beyond them the part that differs is told as one.
const (
	maxEdits     = 200     // words that came or went between the first and the last difference
	maxCompared  = 20_000  // words between them
	maxDiffBytes = 1 << 20 // of both texts
	wordsAround  = 6       // shown before and after what changed
)

// textDiff is what changed in a long text: made once, told in two voices.
type textDiff struct {
	once    sync.Once
	before  []string // words
	after   []string
	hunks   []hunk
	changed int // words, of the larger side of each hunk
}

// hunk is one place that changed: before[a:b] became after[c:d].
type hunk struct{ a, b, c, d int }

func (t *textDiff) compare(change *event.Change) {
	t.before = strings.Fields(bounded(change.Before.Text))
	t.after = strings.Fields(bounded(change.After.Text))
	t.hunks = diff(t.before, t.after)
	for _, h := range t.hunks {
		t.changed += max(h.b-h.a, h.d-h.c)
	}
}

func bounded(s string) string {
	if len(s) <= maxDiffBytes/2 {
		return s
	}
	head, _ := firstRunes(s[:maxDiffBytes/2], maxDiffBytes)
	return head
}

// text says "2 of 7,230 words changed: … whether the release ~moves. The~ *moveMOVED* test environment …", aloud
// "2 of 7,230 words changed: “moves. The” became “moveMOVED”".
func (t *textDiff) text(to voice, change *event.Change) string {
	t.once.Do(func() { t.compare(change) })
	if len(t.hunks) == 0 {
		return "only blanks changed"
	}
	total := max(len(t.before), len(t.after))
	said := count(t.changed) + " of " + plural(total, "word") + " changed: "
	if to == marked {
		return said + t.excerpt()
	}
	return said + t.aloud()
}

// aloud says what became what, as far as it fits.
func (t *textDiff) aloud() string {
	var parts []string
	length := 0
	for i, h := range t.hunks {
		part := became(words(t.before[h.a:h.b]), words(t.after[h.c:h.d]))
		if length += len(part); i > 0 && length > maxText {
			return strings.Join(parts, "; ") + " and " + plural(len(t.hunks)-i, "more place")
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

func became(before, after string) string {
	switch {
	case before == "":
		return "“" + after + "” was added"
	case after == "":
		return "“" + before + "” was removed"
	default:
		return "“" + before + "” became “" + after + "”"
	}
}

func words(all []string) string {
	return short(strings.Join(all[:min(len(all), maxQuote)], " "), maxQuote)
}

// excerpt shows the places that changed with a few words around them, as far as they fit.
func (t *textDiff) excerpt() string {
	var out strings.Builder
	shown, length := 0, 0 // words of after that were written, counted from its beginning; characters
	for i, h := range t.hunks {
		from, until := max(h.c-wordsAround, shown), min(h.d+wordsAround, len(t.after))
		if i+1 < len(t.hunks) {
			until = min(until, t.hunks[i+1].c)
		}
		parts := [...]string{words(t.after[from:h.c]), words(t.before[h.a:h.b]), words(t.after[h.c:h.d]), words(t.after[h.d:until])}
		for _, part := range parts {
			length += len(part)
		}
		if i > 0 && length > maxText {
			break
		}
		if from > shown {
			out.WriteString(ellipsis + " ")
		}
		for n, mark := range [...]string{"", "~", "*", ""} {
			if parts[n] != "" {
				out.WriteString(mark + escape(parts[n]) + mark + " ")
			}
		}
		shown = until
	}
	if shown < len(t.after) {
		out.WriteString(ellipsis)
	}
	return strings.TrimRight(out.String(), " ")
}

// diff returns the places in which two texts differ, by the shortest way from one to the other (E. Myers, "An O(ND)
// difference algorithm", 1986) where that is short, else as one place.
func diff(before, after []string) []hunk {
	start := 0
	for start < len(before) && start < len(after) && before[start] == after[start] {
		start++
	}
	endB, endA := len(before), len(after)
	for endB > start && endA > start && before[endB-1] == after[endA-1] {
		endB, endA = endB-1, endA-1
	}
	if max(endB, endA) == start {
		return nil
	}
	whole := []hunk{{start, endB, start, endA}}
	if start == endB || start == endA || endB-start+endA-start > maxCompared {
		return whole
	}
	edits, ok := shortest(before[start:endB], after[start:endA])
	if !ok {
		return whole
	}
	return hunks(edits, start)
}

// shortest returns the edits, last first; false when it takes more than maxEdits.
func shortest(before, after []string) ([]hunk, bool) {
	n, m := len(before), len(after)
	limit := min(maxEdits, n+m)
	far := make([]int, 2*limit+3) // by diagonal x-y, shifted by limit+1
	var trace [][]int             // for each number of edits, how far each diagonal got before the last of them
	for d := 0; d <= limit; d++ {
		trace = append(trace, append([]int(nil), far[limit+1-d-1:limit+1+d+2]...))
		for k := -d; k <= d; k += 2 {
			at := limit + 1 + k
			x := far[at-1] + 1
			if k == -d || k != d && far[at-1] < far[at+1] {
				x = far[at+1]
			}
			for x < n && x-k < m && x-k >= 0 && before[x] == after[x-k] {
				x++
			}
			far[at] = x
			if x >= n && x-k >= m {
				return backtrack(trace, n, m), true
			}
		}
	}
	return nil, false
}

// backtrack returns the edits, last first, as hunks of one word.
func backtrack(trace [][]int, n, m int) []hunk {
	var edits []hunk
	x, y := n, m
	for d := len(trace) - 1; d > 0; d-- {
		far := trace[d]
		get := func(k int) int { return far[k+d+1] }
		k := x - y
		previous := k - 1
		if k == -d || k != d && get(k-1) < get(k+1) {
			previous = k + 1
		}
		px := get(previous)
		py := px - previous
		if previous == k-1 {
			edits = append(edits, hunk{px, px + 1, py, py})
		} else {
			edits = append(edits, hunk{px, px, py, py + 1})
		}
		x, y = px, py
	}
	return edits
}

// hunks joins edits that follow each other.
func hunks(edits []hunk, start int) []hunk {
	var all []hunk
	for _, e := range slices.Backward(edits) {
		h := hunk{e.a + start, e.b + start, e.c + start, e.d + start}
		if last := len(all) - 1; last >= 0 && all[last].b == h.a && all[last].d == h.c {
			all[last].b, all[last].d = h.b, h.d
		} else {
			all = append(all, h)
		}
	}
	return all
}
