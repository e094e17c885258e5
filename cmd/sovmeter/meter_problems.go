package main

import (
	"fmt"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// leastMac is less than any Mac draws that is awake: a Mac mini at rest draws
// some 3 W at the wall.
const leastMac energy.Watts = 1.5

// findProblems says what is wrong with a meter, with the fix.
func (t *meterTrial) findProblems(first, last *systemmeter.Reading) {
	seen := map[systemmeter.Result]bool{}
	for _, a := range t.Readings {
		if a.Error == "" || seen[a.Result] {
			continue
		}
		seen[a.Result] = true
		t.problem(a.Error, fixOf(a))
	}
	if t.Summary.Readings == 0 {
		return
	}
	if w := t.Summary.MedianWatts; w != nil && energy.Watts(*w) < leastMac {
		t.problem(fmt.Sprintf("it shows %.1f W, which is less than a Mac draws that is awake", *w),
			"check that the Mac is plugged into it, and its unit: 0.03 may be kW")
	}
	t.compareCounter(first, last)
	t.findMissing(first)
}

func (t *meterTrial) problem(text, fix string) {
	t.Summary.Problems = append(t.Summary.Problems, finding{text, fix})
}

// compareCounter holds what the counter counted against the power, where it
// moved far enough to tell.
func (t *meterTrial) compareCounter(first, last *systemmeter.Reading) {
	if t.ranBackwards() {
		t.problem("its counter ran backwards", "the device began to count anew, or two devices answer at this address: test again")
		return
	}
	by, ok := countedPower(first, last)
	s := &t.Summary
	if !ok || s.MedianWatts == nil || *s.MedianWatts <= 0 {
		return
	}
	power := energy.Watts(*s.MedianWatts)
	over := last.At.Sub(first.At)
	step := max(last.Resolution, t.leastStep())
	expected := power.For(over)
	switch {
	case by > 2*power && last.Energy-first.Energy > expected+3*step:
		t.problem(fmt.Sprintf("its counter counts %.1f W, and its power is %.1f W", by, power), "one of their units is wrong: W and kWh are usual")
	case by < power/2 && expected > 3*step && step > 0:
		t.problem(fmt.Sprintf("its counter counts %.1f W, and its power is %.1f W", by, power), "one of their units is wrong: W and kWh are usual")
	}
}

// ranBackwards reports whether the counter fell from one reading to the next.
func (t *meterTrial) ranBackwards() bool {
	var before energy.Joules
	for _, a := range t.Readings {
		if a.reading == nil || !a.reading.HasEnergy {
			continue
		}
		if a.reading.Energy < before {
			return true
		}
		before = a.reading.Energy
	}
	return false
}

// leastStep is the smallest rise of the counter that was seen; 0: none.
func (t *meterTrial) leastStep() energy.Joules {
	var least, before energy.Joules
	known := false
	for _, a := range t.Readings {
		if a.reading == nil || !a.reading.HasEnergy {
			continue
		}
		if rise := a.reading.Energy - before; known && rise > 0 && (least == 0 || rise < least) {
			least = rise
		}
		before, known = a.reading.Energy, true
	}
	return least
}

// findMissing says what a better config would bring.
func (t *meterTrial) findMissing(first *systemmeter.Reading) {
	switch {
	case t.Summary.MedianWatts == nil:
		t.problem("it tells no power", "name its power too if it has one: what a request took is told better with it")
	case first == nil && t.Meter.Scope == scopeOf(systemmeter.KindHTTP):
		t.problem("it has no energy counter", "name its counter too if it has one: nothing is lost then when an answer is missed")
	}
}

// fixOf is what the error itself advises, with the keys of the config that a
// secret goes into.
func fixOf(a meterAnswer) string {
	switch {
	case a.hint == "":
		return usualFix(a.Result)
	case a.Result == systemmeter.ResultUnauthorized:
		return a.hint + ": " + secretKeys
	case a.Result == systemmeter.ResultRemote:
		return a.hint + " (here --allow-remote)"
	}
	return a.hint
}

// secretKeys are where a secret goes.
const secretKeys = "password_file with user, or token_file, as it wants them (here --password-file, --token-file)"

// usualFix is what to do about a result whose error does not say.
func usualFix(r systemmeter.Result) string {
	switch r {
	case systemmeter.ResultUnauthorized:
		return "give " + secretKeys
	case systemmeter.ResultUnavailable:
		return "the device is there and knows no value: wait until it measures, or look at it in its own app"
	case systemmeter.ResultStale:
		return "the device answers with an old value: is it still connected? If it is just slow, raise max_age"
	case systemmeter.ResultImplausible:
		return "check the unit, and that it is this Mac's meter"
	case systemmeter.ResultTimeout:
		return "check that it is on, in the same network, and near enough to its Wi-Fi"
	case systemmeter.ResultUnreachable:
		return "check its address and port, and that it is on and in the same network"
	case systemmeter.ResultRemote:
		return "give its address in the local network, or set allow_remote: true (here --allow-remote)"
	}
	return "check that its kind is right, and that it is up to date"
}
