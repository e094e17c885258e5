package jsonl

import (
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// charge reads the fields of a metered request; nil when there are none.
func (l *line) charge() *Charge {
	var c Charge
	_, c.EnergyKnown = l.joules(fieldEnergy)
	for _, e := range []struct {
		f  field
		to *energy.Joules
	}{{fieldPrefill, &c.Prefill}, {fieldDecode, &c.Decode}, {fieldError, &c.Error}} {
		j, known := l.joules(e.f)
		if known != c.EnergyKnown {
			l.fail(e.f, "there without energy_joules, or the other way round")
		}
		*e.to = j
	}
	covered, coveredKnown := l.float(fieldCovered, maxRatio)
	c.Covered = covered
	c.Late, _ = l.flag(fieldLate)
	l.trust(&c)
	if !c.EnergyKnown && !coveredKnown && c.Tier == "" && !c.Late {
		return nil
	}
	return &c
}

// trust reads how far the energy is to be trusted, and why.
func (l *line) trust(c *Charge) {
	if l.has(fieldTier) {
		switch t := attribution.Tier(l.text(fieldTier)); t {
		case attribution.TierMeasured, attribution.TierShared, attribution.TierEstimated:
			c.Tier = t
		default:
			l.fail(fieldTier, "not measured, shared or estimated")
		}
	}
	if !l.has(fieldDriver) {
		return
	}
	switch d := attribution.Driver(l.text(fieldDriver)); d {
	case attribution.DriverAmount, attribution.DriverSharing, attribution.DriverSensor, attribution.DriverGap:
		c.Driver = d
	default:
		l.fail(fieldDriver, "not amount, sharing, sensor or gap")
	}
	if !c.EnergyKnown {
		l.fail(fieldDriver, "there without energy_joules")
	}
}
