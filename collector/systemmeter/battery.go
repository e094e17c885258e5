package systemmeter

import "fmt"

func newBattery(_ Config, _ Options, _ *client) (Meter, error) {
	return nil, fmt.Errorf("not built yet: %w", ErrConfig)
}
