package store

import (
	"slices"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// scopes by their code; 0 is none. Their order is the format: new ones go to the
// end.
func scopes() []attribution.Scope {
	return []attribution.Scope{
		"", attribution.ScopeSoC, attribution.ScopeCalibrated, attribution.ScopeBattery, attribution.ScopeSMC, attribution.ScopeWall,
	}
}

// scopeCode is -1 for a scope that has none.
func scopeCode(s attribution.Scope) int { return slices.Index(scopes(), s) }

// scope writes a scope that has a code.
func (e *encoder) scope(s attribution.Scope) { e.byte(byte(max(0, scopeCode(s)))) }

func (d *decoder) scope() attribution.Scope {
	code := int(d.byte())
	if code >= len(scopes()) {
		d.fail(errNumber)
		return ""
	}
	return scopes()[code]
}
