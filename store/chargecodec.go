package store

import (
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// The flags of a charge, before its request's.
const (
	chargeEnergyKnown = 1 << iota
	chargeLate
	chargeCovered // Covered is 1 and not written
)

const (
	tierShift   = 3 // two bits
	driverShift = 5 // three bits
)

// drivers by their code.
func drivers() [8]attribution.Driver {
	return [8]attribution.Driver{"", attribution.DriverAmount, attribution.DriverSharing, attribution.DriverSensor, attribution.DriverGap}
}

func driverCode(v attribution.Driver) byte {
	for i, known := range drivers() {
		if v == known {
			return byte(i)
		}
	}
	return 0
}

// tiers by their code.
func tiers() [4]attribution.Tier {
	return [4]attribution.Tier{"", attribution.TierMeasured, attribution.TierShared, attribution.TierEstimated}
}

func tierCode(t attribution.Tier) byte {
	for i, known := range tiers() {
		if t == known {
			return byte(i)
		}
	}
	return 0
}

// chargeScoped is the version of a charge that says at which scope it was
// measured. One of the SoC, or of unknown energy, is written as it always was,
// in version 1.
const chargeScoped = 2

// plainScope is the scope of a charge that is not written.
func plainScope(energyKnown bool) attribution.Scope {
	if energyKnown {
		return attribution.ScopeSoC
	}
	return ""
}

// encodeCharge writes everything but what requestKey holds.
func encodeCharge(c attribution.Charge, n *names) []byte {
	e := newEncoder(64)
	if c.Scope != plainScope(c.EnergyKnown) {
		e = newEncoderOf(chargeScoped, 65)
		e.scope(c.Scope)
	}
	flags := tierCode(c.Tier)<<tierShift | driverCode(c.Driver)<<driverShift
	if c.EnergyKnown {
		flags |= chargeEnergyKnown
	}
	if c.Late {
		flags |= chargeLate
	}
	if c.Covered == 1 {
		flags |= chargeCovered
	}
	e.byte(flags)
	e.request(c.Request, c.Request.End, true, n)
	if c.EnergyKnown {
		e.rounded(float64(c.Prefill))
		e.rounded(float64(c.Decode))
		e.rounded(float64(c.Error))
	}
	if c.Covered != 1 {
		e.rounded(c.Covered)
	}
	return e.b
}

func decodeCharge(key, value []byte, n *names) (attribution.Charge, error) {
	if len(key) < requestKeySize {
		return attribution.Charge{}, corrupt(nameRequests, key, "key has %d bytes, not %d", len(key), requestKeySize)
	}
	d, version := newDecoderUpTo(chargeScoped, value)
	var scope attribution.Scope
	if version == chargeScoped {
		scope = d.scope()
	}
	flags := d.byte()
	c := attribution.Charge{
		EnergyKnown: flags&chargeEnergyKnown != 0,
		Late:        flags&chargeLate != 0,
		Tier:        tiers()[flags>>tierShift&twoBits],
		Driver:      drivers()[flags>>driverShift],
	}
	if c.Scope = scope; version != chargeScoped {
		c.Scope = plainScope(c.EnergyKnown)
	}
	c.Request = d.request(keyTime(key, 0), true, n)
	c.Request.Position = requestPosition(key)
	if c.EnergyKnown {
		c.Prefill, c.Decode, c.Error = energy.Joules(d.rounded()), energy.Joules(d.rounded()), energy.Joules(d.rounded())
	}
	c.Covered = 1
	if flags&chargeCovered == 0 {
		c.Covered = d.rounded()
	}
	if err := d.done(); err != nil {
		return attribution.Charge{}, corrupt(nameRequests, key, "%v", err)
	}
	return c, nil
}
