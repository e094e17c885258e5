package powermetrics

import "maps"

// Result is what became of a sample. The set is closed so that it can be a
// label.
type Result string

// The results of a sample.
const (
	ResultOK          Result = "ok"
	ResultJoined      Result = "joined"         // usable, in one window with others: energy counters are batched
	ResultUnusable    Result = "unusable"       // Counts.Flaws says why
	ResultOverlong    Result = "overlong_pause" // spans more than three intervals
	ResultSummary     Result = "summary"        // of the whole run; no new energy
	ResultBadDocument Result = "bad_document"   // Counts.Defects says why
)

// Counts says what became of the documents of a stream.
type Counts struct {
	Results map[Result]int64
	Flaws   map[Flaw]int64   // of unusable samples; none of those that lack a rail that others have
	Defects map[Defect]int64 // of bad documents, and of garbage between documents
}

func newCounts() Counts {
	return Counts{Results: map[Result]int64{}, Flaws: map[Flaw]int64{}, Defects: map[Defect]int64{}}
}

// clone returns a copy that later samples do not change.
func (c Counts) clone() Counts {
	return Counts{Results: maps.Clone(c.Results), Flaws: maps.Clone(c.Flaws), Defects: maps.Clone(c.Defects)}
}

// settled takes what became of samples that have a place on the time line.
func (c Counts) settled(r Result, f Flaw, samples int64) {
	c.Results[r] += samples
	if f != "" {
		c.Flaws[f] += samples
	}
}

func (c Counts) skipped(e *DocumentError) {
	c.Defects[e.Defect]++
	if e.Defect != DefectGarbage {
		c.Results[ResultBadDocument]++
	}
}
