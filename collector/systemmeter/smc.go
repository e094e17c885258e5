package systemmeter

import "fmt"

func newSMC(_ Config, _ Options, _ *client) (Meter, error) {
	return nil, fmt.Errorf("not built yet: %w", ErrConfig)
}
