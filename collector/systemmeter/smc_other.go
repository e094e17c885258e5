//go:build !darwin

package systemmeter

import "fmt"

func openSMC() (smcPort, error) {
	return nil, hint(fmt.Errorf("only a Mac has one: %w", ErrAbsent), "take meters of kind smc out of the config of this machine")
}

func hardwareModel() string { return "" }
