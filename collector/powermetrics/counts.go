package powermetrics

import "maps"

// Result is what became of a sample. The set is closed so that it can be a
// label.
type Result string

// The results of a sample.
const (
	ResultOK          Result = "ok"
	ResultUnusable    Result = "unusable"       // Counts.Flaws says why
	ResultOverlong    Result = "overlong_pause" // spans more than three intervals
	ResultSummary     Result = "summary"        // of the whole run; no new energy
	ResultBadDocument Result = "bad_document"   // Counts.Defects says why
)

// Counts says what became of the documents of a stream.
type Counts struct {
	Results map[Result]int64
	Flaws   map[Flaw]int64   // of unusable samples
	Defects map[Defect]int64 // of bad documents, and of garbage between documents
}

func newCounts() Counts {
	return Counts{Results: map[Result]int64{}, Flaws: map[Flaw]int64{}, Defects: map[Defect]int64{}}
}

// clone returns a copy that later samples do not change.
func (c Counts) clone() Counts {
	return Counts{Results: maps.Clone(c.Results), Flaws: maps.Clone(c.Flaws), Defects: maps.Clone(c.Defects)}
}

func (c Counts) sample(s *Sample, overlong bool) {
	switch {
	case s.Flaw == FlawSummary:
		c.Results[ResultSummary]++
	case overlong:
		c.Results[ResultOverlong]++
	case s.Flaw != "":
		c.Results[ResultUnusable]++
		c.Flaws[s.Flaw]++
	default:
		c.Results[ResultOK]++
	}
}

func (c Counts) skipped(e *DocumentError) {
	c.Defects[e.Defect]++
	if e.Defect != DefectGarbage {
		c.Results[ResultBadDocument]++
	}
}
