package cost

import (
	"fmt"
	"slices"
)

// Basis says which energy a cost counts. A cost without its basis means
// nothing.
type Basis string

// The bases, from the least energy to the most.
const (
	Marginal  Basis = "marginal"  // inference energy only: what one more call costs
	Active    Basis = "active"    // with the baseline while a request was in flight
	Dedicated Basis = "dedicated" // all energy of the period
	Loaded    Basis = "loaded"    // dedicated, and the hardware's part of the period
)

// Bases returns all bases that are electricity alone, from the least energy to
// the most.
func Bases() []Basis { return []Basis{Marginal, Active, Dedicated} }

// ParseBasis reads the name of a basis.
func ParseBasis(name string) (Basis, error) {
	if b := Basis(name); b == Loaded || slices.Contains(Bases(), b) {
		return b, nil
	}
	return "", fmt.Errorf("basis %q: want marginal, active, dedicated or loaded: %w", name, ErrBasis)
}
