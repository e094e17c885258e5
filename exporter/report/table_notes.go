package report

import (
	"slices"
	"strings"
)

// notes explains the marks that the table uses, and tells what its columns do
// not.
func (t table) notes(kept []column) []string {
	notes := append(t.outcomeNotes(kept), t.markNotes(kept)...)
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

// outcomeNotes counts the requests that did not go as usual, in one sentence.
func (t table) outcomeNotes(kept []column) []string {
	all := t.all()
	var parts []string
	tell := func(n int64, text string) {
		if n > 0 {
			parts = append(parts, count(n)+" "+text)
		}
	}
	if !hasColumn(kept, "failed") {
		tell(all.Cancelled, "cancelled")
		tell(all.Failed, "failed")
	}
	tell(all.Late, "logged too late (energy counted below only)")
	tell(all.Unmetered, "not measured")
	tell(all.Partial, "measured in part")
	if len(parts) == 0 {
		return nil
	}
	return []string{"Of these requests: " + strings.Join(parts, ", ") + "."}
}

// markNotes explains the marks beside figures, and whose figures per token are.
func (t table) markNotes(kept []column) []string {
	all := t.all()
	var notes []string
	if n := all.UnknownTokens; n > 0 {
		marks := "+ at least"
		if slices.ContainsFunc(t.report.Models, func(m Model) bool { return !m.Input.Known || !m.Cached.Known || !m.Output.Known }) {
			marks += ", ? unknown"
		}
		notes = append(notes, marks+": "+requests(n)+" without every token count.")
	}
	if n := all.EstimatedTokens; n > 0 {
		notes = append(notes, "Token counts of "+requests(n)+" are estimates: the server told none, they were counted from what passed by.")
	}
	shown := hasColumn(kept, "joules per token") || t.report.OneMore != nil && t.report.OneMore.Per1000Output.Known
	if shown && all.PerToken.N > 0 && all.Late+all.Unmetered+all.Partial+all.UnknownTokens > 0 {
		notes = append(notes, "Per token: only requests with both known, energy and tokens.")
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
