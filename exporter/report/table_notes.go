package report

import (
	"slices"
	"strings"
)

// notes explains the marks that the rows use, and tells what their columns do
// not at this width.
func (t table) notes(f fitted) []string {
	notes := append(t.outcomeNotes(f.shows), t.markNotes(f.shows)...)
	if hidden := hidden(f); len(hidden) > 0 {
		notes = append(notes, "Not shown at this width: "+strings.Join(hidden, ", ")+".")
	}
	return notes
}

// outcomeNotes counts the requests that did not go as usual, in one sentence.
func (s sheet) outcomeNotes(shows func(key string) bool) []string {
	all := s.all()
	var parts []string
	tell := func(n int64, text string) {
		if n > 0 {
			parts = append(parts, count(n)+" "+text)
		}
	}
	if !shows("cancelled_requests") {
		tell(all.Cancelled, "cancelled")
	}
	if !shows("failed_requests") {
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
func (s sheet) markNotes(shows func(key string) bool) []string {
	all := s.all()
	var notes []string
	if since := s.report.TaggedSince; !since.IsZero() {
		notes = append(notes, s.report.rowHeading()+"s are kept since "+since.Format("2 Jan 2006 15:04")+": what ran before is in the row without a name, whoever asked for it.")
	}
	var causes []string
	marks := "+ at least"
	if n := all.UnknownTokens; n > 0 {
		if slices.ContainsFunc(s.report.items(), func(i rowItem) bool { return !i.sum.Input.Known || !i.sum.Cached.Known || !i.sum.Output.Known }) {
			marks += ", ? unknown"
		}
		causes = append(causes, requests(n)+" without every token count")
	}
	for _, c := range s.report.Comparisons {
		if c.Total.Unpriced > 0 && c.Total.Amount.Known && shows(string(c.Name)+"_cost") {
			causes = append(causes, requests(c.Total.Unpriced)+" without a price of the "+lowerFirst(comparatorName(c.Name)))
		}
	}
	if len(causes) > 0 {
		notes = append(notes, marks+": "+strings.Join(causes, ", ")+".")
	}
	if n := all.EstimatedTokens; n > 0 {
		notes = append(notes, "Token counts of "+requests(n)+" are estimates: the server told none, they were counted from what passed by.")
	}
	shown := shows("joules_per_output_token") || s.report.OneMore != nil && s.report.OneMore.Per1000Output.Known
	if shown && all.PerToken.N > 0 && all.Late+all.Unmetered+all.Partial+all.UnknownTokens > 0 {
		notes = append(notes, "Per token: only requests with both known, energy and tokens.")
	}
	return notes
}

// all is the sum of the rows.
func (s sheet) all() Model { return s.report.sum(s.report.items()) }

// requests counts requests in words.
func requests(n int64) string {
	if n == 1 {
		return "1 request"
	}
	return count(n) + " requests"
}
