package powermetrics

import (
	"cmp"
	"slices"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// joinUsage is the use of two spans as one. It is nil when either is not known,
// and leaves a and b as they are.
func joinUsage(a, b *attribution.Usage) *attribution.Usage {
	if a == nil || b == nil {
		return nil
	}
	u := attribution.Usage{
		Servers:        slices.Clone(a.Servers),
		Others:         addUse(a.Others, b.Others),
		GPUKnown:       a.GPUKnown && b.GPUKnown,
		CPUEnergyKnown: a.CPUEnergyKnown && b.CPUEnergyKnown,
	}
	for _, s := range b.Servers {
		i, found := slices.BinarySearchFunc(u.Servers, s.Server, func(e attribution.ServerUse, name string) int {
			return cmp.Compare(e.Server, name)
		})
		if found {
			u.Servers[i].Use = addUse(u.Servers[i].Use, s.Use)
			continue
		}
		u.Servers = slices.Insert(u.Servers, i, s)
	}
	clearUnknown(&u)
	return &u
}

func addUse(a, b attribution.Use) attribution.Use {
	return attribution.Use{CPU: a.CPU + b.CPU, GPU: a.GPU + b.GPU, CPUEnergy: a.CPUEnergy + b.CPUEnergy}
}

// clearUnknown sets to zero what one of the two did not know.
func clearUnknown(u *attribution.Usage) {
	unknown := func(use *attribution.Use) {
		if !u.GPUKnown {
			use.GPU = 0
		}
		if !u.CPUEnergyKnown {
			use.CPUEnergy = 0
		}
	}
	unknown(&u.Others)
	for i := range u.Servers {
		unknown(&u.Servers[i].Use)
	}
}
