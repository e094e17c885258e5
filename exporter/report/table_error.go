package report

import (
	"fmt"
	"strings"
)

// errorText says how far the requests' energy may be off.
func (s sheet) errorText(shows func(key string) bool) string {
	r := s.report
	if r.Inference == 0 {
		return "no energy was booked to requests"
	}
	off := "nothing puts the requests' energy together in doubt. "
	if e := r.Assumed.Error; e > 0 {
		off = fmt.Sprintf("%sas far as baseline, other programs and unexplained energy are told from it, the requests' energy%s is off by less than %s Wh (%s)%s. ",
			s.meterAside(), s.scopeAside(), significant(e.WattHours()), percent(float64(e/r.Inference)), s.modelErrors(shows))
	}
	between := "between them"
	if len(r.Models) > 1 {
		between += ", of one model or of two"
	}
	return off + "Sharing among simultaneous requests is not in that: it moves energy only " + between +
		". Nor are log times that are off, energy counters that lag, and requests that no line tells of; nor " + s.missing()
}

// meterAside names what else the error holds at the scope of a whole machine:
// what Accuracy says is part of it.
func (s sheet) meterAside() string {
	for _, u := range s.report.ScopeUses {
		if u.ErrorKnown() {
			return "with the error of the meter, and "
		}
	}
	return ""
}

// modelErrors says where the error of each model stands, or tells it where the
// table has no room.
func (s sheet) modelErrors(shows func(key string) bool) string {
	r := s.report
	if len(r.items()) < 2 || r.tagged() || r.by() != ByModel && !shows("error_ratio") {
		return ""
	}
	if shows("error_ratio") {
		return ", and " + article(strings.ToLower(r.rowHeading())) + "'s by less than its " + s.plusMinus + " %"
	}
	errors := make([]string, len(s.report.Models))
	for i, m := range s.report.Models {
		errors[i] = unknown
		if v, ok := m.ErrorShare(); ok {
			errors[i] = percent(v)
		}
	}
	return ", and the models', from the top, by less than " + and(errors)
}

// missing tells what no error can bound.
func (s sheet) missing() string {
	var parts []string
	if gap := s.report.Elapsed - s.report.Measured; gap >= minorGap {
		parts = append(parts, length(gap))
	}
	all := s.all()
	if all.Unmetered > 0 {
		parts = append(parts, requests(all.Unmetered))
	}
	if all.Partial > 0 {
		parts = append(parts, requests(all.Partial)+" in part")
	}
	if len(parts) == 0 {
		return "is powermetrics' own error"
	}
	return "are powermetrics' own error and what was not measured (" + strings.Join(parts, "; ") + ")"
}

// assumedText says what rests on assumptions.
func (s sheet) assumedText() string {
	a := s.report.Assumed
	var texts []string
	if a.BaselineShare > 0 {
		texts = append(texts, percent(a.BaselineShare)+" of the baseline (no quiet time had been seen yet)")
	}
	if a.EstimatedShare > 0 {
		texts = append(texts, percent(a.EstimatedShare)+" of the requests' energy is estimated (process times or token counts were missing)")
	}
	if a.SharedShare > 0 {
		texts = append(texts, percent(a.SharedShare)+" of the requests' energy was split among simultaneous ones by what a token of each model takes")
	}
	if models := s.report.unlearned(); len(models) > 0 {
		names := make([]string, len(models))
		for i, m := range models {
			names[i] = s.name(m.Server, m.Model, s.report.multiServer())
		}
		texts = append(texts, "too little is learned of the tokens of "+and(names)+", so the time they take stands for their energy")
	}
	if len(texts) == 0 {
		return "nothing but the scope"
	}
	return strings.Join(texts, "; ")
}

// article is a word with a or an before it.
func article(word string) string {
	if word == "hour" {
		return "an " + word
	}
	return "a " + word
}
