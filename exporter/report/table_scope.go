package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// scopeName is what people call a scope.
func scopeName(scope attribution.Scope) string {
	if scope == attribution.ScopeWall {
		return "wall plug"
	}
	return Clean(string(scope))
}

// ScopesText names scopes in a sentence, each once and the least trusted first:
// "scope soc", and "scopes calibrated and wall plug, mixed".
func ScopesText(scopes []attribution.Scope) string {
	var names []string
	for _, scope := range attribution.Scopes() {
		if slices.Contains(scopes, scope) {
			names = append(names, scopeName(scope))
		}
	}
	text := scopesText(names)
	if len(names) > 1 {
		text += ", mixed"
	}
	return text
}

// covers says in plain words what the energies of a scope are of.
func (s sheet) covers(scope attribution.Scope) string {
	switch scope {
	case attribution.ScopeSoC:
		return s.railsText() + "; the wall socket shows more, under load up to 2.5 times as much"
	case attribution.ScopeCalibrated:
		return "the whole machine by a line that was fitted to a meter's readings, while that meter is away"
	case attribution.ScopeBattery:
		return "the whole machine as its battery's telemetry has it: the DC side, without the power supply's loss"
	case attribution.ScopeSMC:
		return "the whole machine as its management controller has it: the DC side, without the power supply's loss; never confirmed on hardware"
	case attribution.ScopeWall:
		return "the whole machine at the plug, without what charges its battery"
	}
	return "not known to this version"
}

// scopeText says what the energies cover, and in which part of the time.
func (s sheet) scopeText() string {
	uses := s.report.ScopeUses
	if main, ok := s.report.mainScope(); ok {
		return scopeName(main.Scope) + ": " + s.covers(main.Scope) + s.besides(main)
	}
	if len(uses) == 0 {
		if s.report.openEnergy() > 0 {
			return "told when the first of it is booked"
		}
		return "nothing was measured"
	}
	shares, meanings := make([]string, len(uses)), make([]string, len(uses))
	time, energy := " of the time", " of the energy" // said once
	for i, u := range uses {
		shares[i] = scopeName(u.Scope) + " " + percent(ratio(u.Time, s.report.scopeTime())) + time + " (" +
			percent(share(u.Energy, s.report.scopeEnergy())) + energy + ")"
		meanings[i] = scopeName(u.Scope) + ": " + s.covers(u.Scope)
		time, energy = "", ""
	}
	return strings.Join(shares, ", ") + ". " + s.mixText() + ". " + strings.Join(meanings, ". ")
}

// besides tells the little that is of other scopes than the main one.
func (s sheet) besides(main ScopeUse) string {
	var others []string
	for _, u := range s.report.ScopeUses[1:] {
		others = append(others, scopeName(u.Scope))
	}
	if len(others) == 0 {
		return ""
	}
	return "; every sum here mixes " + length(s.report.scopeTime()-main.Time) + " in that are at " + scopesText(others)
}

// mixText warns of sums over scopes.
func (s sheet) mixText() string {
	if s.report.LeastTrusted() == attribution.ScopeSoC {
		return "Every sum here mixes them: a part is what the chip drew, the rest what the machine drew"
	}
	return "Every sum here mixes them"
}

// scopeShares is the same in a few words: "wall plug", and "wall plug 97 %,
// calibrated 3.0 %", and "wall plug >99.9 %" where the rest is next to nothing; empty
// when nothing is booked.
func (s sheet) scopeShares() string {
	uses := s.report.ScopeUses
	if len(uses) == 1 {
		return scopeName(uses[0].Scope)
	}
	if _, ok := s.report.mainScope(); ok {
		uses = uses[:1]
	}
	shares := make([]string, len(uses))
	for i, u := range uses {
		shares[i] = scopeName(u.Scope) + " " + percent(ratio(u.Time, s.report.scopeTime()))
	}
	return strings.Join(shares, ", ")
}

// scopeAside names what a figure covers: " at scope soc", and " at mixed scopes",
// of which the foot says which.
func (s sheet) scopeAside() string {
	if len(s.report.ScopeUses) == 0 {
		return ""
	}
	if main, ok := s.report.mainScope(); ok {
		return " at scope " + scopeName(main.Scope)
	}
	return " at mixed scopes"
}

// scopesText is one scope or several in a sentence.
func scopesText(names []string) string {
	if len(names) == 1 {
		return "scope " + names[0]
	}
	return "scopes " + and(names)
}

// accuracyText says how far the total may be off what its scopes name.
func (s sheet) accuracyText() string {
	var whole, rest, off energy.Joules
	var known, unknown []string
	for _, u := range s.report.ScopeUses {
		if !u.ErrorKnown() {
			rest += u.Energy
			unknown = append(unknown, scopeName(u.Scope))
			continue
		}
		whole += u.Energy
		off += u.Error
		known = append(known, scopeName(u.Scope))
	}
	switch {
	case len(known) == 0 && len(unknown) == 0:
		return ""
	case len(known) == 0:
		return "how far the total is off at " + scopesText(unknown) + " is not known: powermetrics does not say"
	}
	text := fmt.Sprintf("%s Wh at %s, %s %s Wh (%s) in 95 of 100 cases, as far as the meter or the line is off", significant(whole.WattHours()),
		scopesText(known), s.plusMinus, significant(off.WattHours()), percent(share(off, whole)))
	if len(unknown) > 0 {
		text += fmt.Sprintf("; how far the other %s Wh are off at %s is not known", significant(rest.WattHours()), scopesText(unknown))
	}
	if open := s.report.openEnergy(); open > 0 {
		text += fmt.Sprintf("; %s Wh that are not booked yet are in neither", significant(open.WattHours()))
	}
	return text
}

// railsText says which rails the energies are the sum of.
func (s sheet) railsText() string {
	names := map[RailName]string{RailCPU: "CPU", RailGPU: "GPU", RailANE: "Neural Engine"}
	var reported, absent, asides []string
	for _, r := range s.report.Rails {
		name := names[r.Name]
		if r.Reported <= 0 {
			absent = append(absent, "no "+name)
			continue
		}
		reported = append(reported, name)
		if r.Reported < r.Measured {
			asides = append(asides, name+" reported for "+percent(float64(r.Reported)/float64(r.Measured))+" of the time")
		}
	}
	if len(reported) == 0 { // nothing is booked yet
		return "what powermetrics models of CPU, GPU and Neural Engine"
	}
	if len(absent) > 0 {
		asides = append(asides, "it reports "+and(absent)+" here")
	}
	text := and(reported) + " as powermetrics models them"
	if len(reported) == 1 {
		text = reported[0] + " as powermetrics models it"
	}
	if len(asides) > 0 {
		text += " (" + strings.Join(asides, "; ") + ")"
	}
	return text
}
