package attribution

// Scope names which part of the machine an energy figure covers.
type Scope string

// The scopes, from the narrowest to the widest. A figure without its scope
// means nothing: under model load the wall can show 2.5 times the SoC.
const (
	ScopeSoC Scope = "soc" // CPU, GPU and ANE rails as powermetrics models them
	// ScopeCalibrated is the whole machine by a line that was fitted to the
	// readings of a meter (Calibration), while that meter is away.
	ScopeCalibrated Scope = "calibrated"
	// ScopeBattery is the whole machine on the DC side, as a laptop's battery
	// telemetry says: without the loss of the power supply.
	ScopeBattery Scope = "battery"
	// ScopeSMC is the same as the system management controller says, key PSTR.
	// No user has confirmed it on hardware yet.
	ScopeSMC Scope = "smc"
	// ScopeWall is the whole machine at the plug, without what its battery
	// takes up meanwhile.
	ScopeWall Scope = "wall"
)

// Scopes lists all scopes, the least trusted first.
func Scopes() []Scope {
	return []Scope{ScopeSoC, ScopeCalibrated, ScopeBattery, ScopeSMC, ScopeWall}
}

// Weaker reports whether s is less trusted than o.
func (s Scope) Weaker(o Scope) bool { return s.rank() < o.rank() }

// Whole reports whether the scope is that of a whole machine. An empty Scope is
// that of the SoC.
func (s Scope) Whole() bool { return s != "" && s != ScopeSoC }

// weaker is the less trusted of two scopes; an empty one is none.
func (s Scope) weaker(o Scope) Scope {
	switch {
	case s == "":
		return o
	case o == "":
		return s
	case o.rank() < s.rank():
		return o
	}
	return s
}

// rank is the place of a scope among Scopes.
func (s Scope) rank() int {
	switch s {
	case ScopeSoC:
		return 0
	case ScopeCalibrated:
		return 1
	case ScopeBattery:
		return 2
	case ScopeSMC:
		return 3
	}
	return 4
}
