package report

import (
	"cmp"
	"slices"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
)

// addScopes sums what was measured by scope, most time first.
func (out *Report) addScopes(r store.Range) {
	var uses []ScopeUse
	for i := range r.System {
		s := &r.System[i]
		scope := scopeOf(s)
		if scope == "" {
			continue
		}
		at := slices.IndexFunc(uses, func(u ScopeUse) bool { return u.Scope == scope })
		if at < 0 {
			at, uses = len(uses), append(uses, ScopeUse{Scope: scope})
		}
		uses[at].Time += s.Measured + s.GapTime
		uses[at].Energy += s.Energy
		uses[at].Error += s.Error
	}
	out.ScopeUses = uses
	slices.SortFunc(uses, func(a, b ScopeUse) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(b.Energy, a.Energy), cmp.Compare(a.Scope, b.Scope))
	})
}

// scopeOf is the scope of what was measured in a slot, which is the SoC where it
// says none; empty when nothing was measured.
func scopeOf(s *store.SystemSlot) attribution.Scope {
	if s.Measured <= 0 && s.GapTime <= 0 && s.Energy == 0 {
		return ""
	}
	return cmp.Or(s.Scope, attribution.ScopeSoC)
}
