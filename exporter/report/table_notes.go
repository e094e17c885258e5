package report

import (
	"fmt"
	"strings"
)

// notes explains the marks that the table uses, and tells what its columns do
// not.
func (t table) notes(kept []column) []string {
	notes := append(t.outcomeNotes(kept), t.markNotes()...)
	if hidden := t.hidden(kept); len(hidden) > 0 {
		notes = append(notes, "Not shown at this width: "+strings.Join(hidden, ", ")+".")
	}
	var lines []string
	for _, n := range notes {
		for _, line := range wrapWords(n, t.prose()) {
			lines = append(lines, t.faint(line))
		}
	}
	return lines
}

// outcomeNotes counts the requests that did not go as usual.
func (t table) outcomeNotes(kept []column) []string {
	all := t.all()
	var notes []string
	if all.Cancelled+all.Failed > 0 && !hasColumn(kept, "failed") {
		notes = append(notes, fmt.Sprintf("%s cancelled and %s failed; they used energy all the same.",
			requests(all.Cancelled), count(all.Failed)))
	}
	if all.Late > 0 {
		notes = append(notes, requests(all.Late)+" came too late in the log: their energy is counted below, but not as requests.")
	}
	if all.Unmetered > 0 {
		notes = append(notes, requests(all.Unmetered)+" ran while nothing was measured: the energy is unknown.")
	}
	if all.Partial > 0 {
		notes = append(notes, requests(all.Partial)+" were measured in part: the rest of their energy is unknown.")
	}
	return notes
}

// markNotes explains the marks beside figures that are in the table.
func (t table) markNotes() []string {
	marks := map[Bound]bool{}
	for _, m := range append(t.report.Models, t.all()) {
		if m.perToken() {
			marks[m.Bound()] = true
		}
	}
	var notes []string
	if n := t.all().UnknownTokens; n > 0 {
		notes = append(notes, "+ at least, ? unknown: "+requests(n)+" did not log every token count.")
	}
	if marks[BoundAtMost] {
		notes = append(notes, t.atMost+" at most: the energy includes those requests, the tokens do not.")
	}
	if marks[BoundAtLeast] {
		notes = append(notes, t.atLeast+" at least: the tokens include requests whose energy is not known.")
	}
	if marks[BoundApproximate] {
		notes = append(notes, "~ about: some requests count in the energy only, others in the tokens only.")
	}
	return notes
}

// hidden names the columns that were dropped and that no note stands in for.
func (t table) hidden(kept []column) []string {
	var names []string
	for _, c := range t.wanted() {
		if c.dropped == outcomes || hasColumn(kept, c.name) || c.name == "server" {
			continue
		}
		names = append(names, c.name)
	}
	return names
}

// requests counts requests in words.
func requests(n int64) string {
	if n == 1 {
		return "1 request"
	}
	return count(n) + " requests"
}
