package systemmeter

import (
	"fmt"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// modelLimit returns what a Mac cannot draw more of, by its hardware model as
// sysctl hw.model says, and false for a model that is not known.
//
// Of desktops it is the maximum continuous power of the supply in Apple's
// technical specifications ("Tech Specs" of each model on support.apple.com), of
// the iMac that of its adapter. Of laptops it is one and a half times the largest
// adapter that Apple makes for them, since the battery helps out when that is not
// enough. The press has the same for the Mac mini's 150 and 185 W (MacGeneration
// and mac4ever, 2023-01), the iMac's 143 W (Lifewire, 2021-04) and the Mac
// Studio's 370 W (AppleInsider, 2022-03-09). What Apple measures at the wall under
// full load stays well below: 39 to 140 W for the Mac mini (article 103253), 115
// to 295 W for the Mac Studio up to M2 Ultra (article 102027).
func modelLimit(model string) (energy.Watts, bool) {
	switch model {
	case "Macmini9,1", "Mac14,3": // Mac mini 2020 and 2023
		return 150, true
	case "Mac14,12": // Mac mini 2023 with M2 Pro
		return 185, true
	case "Mac16,10", "Mac16,11": // Mac mini 2024
		return 155, true
	case "iMac21,1", "iMac21,2", "Mac15,4", "Mac15,5", "Mac16,2", "Mac16,3": // iMac 24-inch
		return 143, true
	case "Mac13,1", "Mac13,2", "Mac14,13", "Mac14,14": // Mac Studio 2022 and 2023
		return 370, true
	case "Mac15,14", "Mac16,9": // Mac Studio 2025
		return 480, true
	case "Mac14,8": // Mac Pro 2023
		return 1280, true
	case "MacBookAir10,1", "Mac14,2", "Mac14,15", "Mac15,12", "Mac15,13", "Mac16,12", "Mac16,13", "Mac17,3", "Mac17,4", // MacBook Air
		"MacBookPro17,1", "Mac14,7": // MacBook Pro 13-inch
		return 70 * batteryAssist, true
	case "MacBookPro18,1", "MacBookPro18,2", "MacBookPro18,3", "MacBookPro18,4", "Mac14,5", "Mac14,6", "Mac14,9", "Mac14,10",
		"Mac15,3", "Mac15,6", "Mac15,7", "Mac15,8", "Mac15,9", "Mac15,10", "Mac15,11",
		"Mac16,1", "Mac16,5", "Mac16,6", "Mac16,7", "Mac16,8",
		"Mac17,2", "Mac17,6", "Mac17,7", "Mac17,8", "Mac17,9": // MacBook Pro 14-inch and 16-inch
		return 140 * batteryAssist, true
	}
	return 0, false
}

const batteryAssist = 1.5

// limitOf returns what a meter of this Mac cannot show more than. What the
// config says counts, the model where it says nothing.
func limitOf(c Config, model string) energy.Watts {
	if c.MaxWatts != 0 && c.MaxWatts != DefaultMaxWatts {
		return c.MaxWatts
	}
	if limit, ok := modelLimit(model); ok {
		return limit
	}
	return DefaultMaxWatts
}

// checkPower returns ErrImplausible for a power that a running Mac cannot draw.
func checkPower(p, limit energy.Watts) error {
	switch {
	case !finite(float64(p)):
		return fmt.Errorf("power is no finite number: %w", ErrImplausible)
	case p <= 0:
		return fmt.Errorf("power of %.4g W on a running Mac: %w", float64(p), ErrImplausible)
	case p > limit:
		return fmt.Errorf("power of %.4g W, above the limit of %.4g W: %w", float64(p), float64(limit), ErrImplausible)
	}
	return nil
}
