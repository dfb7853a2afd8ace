package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// sheet uses the sheet as a PMO does, while rows come.
func (v visits) sheet(t *testing.T) {
	t.Parallel()
	s := serveDemo(t)
	b := openTab(t, v, s, "/")
	for _, name := range []string{"Identity and Sign-in", "Payment Gateway", "Data Centre Exit"} {
		b.editElsewhere(s, name, "Budget", "12345")
		b.until("its row", fmt.Sprintf("written(%q, 'Budget') === 1", name))
	}
	b.click("#part-sheet details.pop > summary")
	b.click("#part-sheet details.pop input[name=header]")
	b.keys("Comment")
	b.click("#part-sheet details.pop .btn.main")
	b.until("the column", "heads().includes('Comment')")
	b.until("it is closed", "!$('#part-sheet details.pop').open")
	comments := "rows().filter((r) => r.Comment !== '').map((r) => r.Name + ': ' + r.Comment)"
	want := func(when string) {
		t.Helper()
		if got := value[[]string](b, comments); !slices.Equal(got, []string{"Payment Gateway: checked by hand"}) {
			t.Errorf("%s: got the comments %q, want the one that was typed, beside its row", when, got)
		}
	}
	b.click("#part-sheet tbody tr:nth-child(2) td input[name=value]")
	b.keys("checked by hand" + kb.Tab)
	b.until("it is typed", "$('#part-sheet .say').textContent.startsWith('Typed')")
	want("typed")

	b.click("#part-sheet th[aria-label=Name] .srt")
	b.until("the rows are sorted", "rows().map((r) => r.Name).join() === 'Data Centre Exit,Identity and Sign-in,Payment Gateway'")
	want("sorted")
	b.editElsewhere(s, "Old Intranet", "Budget", "4711")
	b.until("a row after sorting", "rows().some((r) => r.Name === 'Old Intranet' && r.Field === 'Budget' && r.After === '4,711' && r.Comment === '')")
	want("sorted, and a row came")

	b.click("#part-sheet th[aria-label=Name] details.flt > summary")
	b.click("#part-sheet th[aria-label=Name] details.flt input[name=value]")
	b.keys("Payment" + kb.Enter)
	b.until("the other rows are hidden", "rows().map((r) => r.Name).join() === 'Payment Gateway'")
	b.editElsewhere(s, "Payment Gateway", "OverallStatus", "1")
	b.until("its message", "told('Payment Gateway was updated') > 0 && calm()")
	b.click("#part-sheet .hid .btn")
	b.until("all rows are shown", "rows().length === 5")
	want("filtered, and a row came")
	if got := value[int](b, "rows().filter((r) => r.Name === 'Payment Gateway' && r.Field === 'Status' && r.After === 'At risk').length"); got != 1 {
		t.Errorf("got %d rows of the last change, want one", got)
	}
	if got := value[int](b, "new Set(rows().map((r) => r['Event id'])).size"); got != 5 {
		t.Errorf("got %d different rows, want 5", got)
	}
}
