package report

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// ScopeUse is what was measured at one scope, as far as it is booked. What was
// measured and is not booked yet has no scope in a store.
type ScopeUse struct {
	Scope  attribution.Scope
	Time   time.Duration // with the gaps that a meter of the scope saw
	Energy energy.Joules // in that time, at the scope
	// Error bounds, in 95 of 100 cases, how far Energy may be off what the scope
	// names. Such errors add up. Meaningless at the scope of the SoC: nobody says
	// how far the source is off.
	Error energy.Joules
}

// ErrorKnown tells whether Error is.
func (u ScopeUse) ErrorKnown() bool { return u.Scope.Whole() }

// WeakerThan is for how long, and what of the energy, was measured at a scope that
// is less trusted than want, in the order of attribution.Scopes. While nothing is
// booked, all that was measured counts: its scope is not known. Both are 0 when
// the report is as good as was wanted, and when nothing was measured.
func (r Report) WeakerThan(want attribution.Scope) (time.Duration, energy.Joules) {
	if len(r.ScopeUses) == 0 {
		return r.Measured, r.openEnergy()
	}
	var length time.Duration
	var drawn energy.Joules
	for _, u := range r.ScopeUses {
		if u.Scope.Weaker(want) {
			length += u.Time
			drawn += u.Energy
		}
	}
	return length, drawn
}

// LeastTrusted is the weakest scope that anything was measured at; empty
// when nothing is booked.
func (r Report) LeastTrusted() attribution.Scope {
	var weakest attribution.Scope
	for _, u := range r.ScopeUses {
		if weakest == "" || u.Scope.Weaker(weakest) {
			weakest = u.Scope
		}
	}
	return weakest
}

// TotalError bounds, in 95 of 100 cases, how far what is booked of Total may be
// off what the scopes name; false when a part of it is at the scope of the SoC,
// of which that is not known, or nothing is booked.
func (r Report) TotalError() (energy.Joules, bool) {
	var sum energy.Joules
	for _, u := range r.ScopeUses {
		if !u.ErrorKnown() {
			return 0, false
		}
		sum += u.Error
	}
	return sum, len(r.ScopeUses) > 0
}

// ratio is part over whole, 0 to 1, and 0 of nothing.
func ratio(part, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return min(1, max(0, float64(part)/float64(whole)))
}

// mainScope is the scope of all but a thousandth of the time and of the energy: a
// daemon's first seconds, and those of a meter that restarts, are no mixture. False
// when there is none.
func (r Report) mainScope() (ScopeUse, bool) {
	const nearly = 0.999
	if len(r.ScopeUses) == 0 {
		return ScopeUse{}, false
	}
	u := r.ScopeUses[0]
	return u, ratio(u.Time, r.scopeTime()) >= nearly && (r.scopeEnergy() == 0 || share(u.Energy, r.scopeEnergy()) >= nearly)
}

// scopeTime is the time that all scopes share.
func (r Report) scopeTime() time.Duration {
	var sum time.Duration
	for _, u := range r.ScopeUses {
		sum += u.Time
	}
	return sum
}

// scopeEnergy is all energy that is booked.
func (r Report) scopeEnergy() energy.Joules {
	var sum energy.Joules
	for _, u := range r.ScopeUses {
		sum += u.Energy
	}
	return sum
}
