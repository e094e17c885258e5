// Package scope raises windows of the SoC to what the whole machine drew, as far
// as a meter or a calibration tells. It is pure: measurements and readings come
// in, measurements go out, and times are arguments.
//
//	s, err := scope.New(scope.Config{Meters: meters, Model: "Mac16,11", OS: "26.1"}, resume.Scoping, resume.Calibrations)
//	s.Add(m)                  // each window and gap of the SoC
//	s.Read("plug", reading)   // each reading of a meter
//	for _, m := range s.Settle(until) { … }
//
// A window waits until a meter's readings reach past it, for some seconds mostly.
// What comes out is what came in, in order, with more known of it: Energy, Scope
// and Error of a window, and the energy of a gap that a meter saw. Nothing is
// dropped and nothing made up.
//
// # A meter's account
//
// Each meter has an account. Two readings that follow closely make a segment. Its
// energy lies among the windows in it by the line of a calibration, moved so that
// it meets the power that was read at both ends. As long as no line is known, what
// the machine draws more for each watt that the chip does stands in for it. A line
// knows when the load changed, a plug how high it was.
//
// Where the meter counts energy, the account follows its counter. A counter moves
// in steps, and some are brought up to date once a minute only: when it has just
// moved to C, what was truly drawn lies between C, at some time since the last
// reading, and one step above. As long as what was booked lies within that, the
// powers stand; what it lies outside is owed, and added to the segments that follow
// or taken off them, by a third of their energy at most, so that no window is bent
// out of shape. So missed readings and a power that is read a little wrong cost
// nothing, and over any time what is booked differs from the counter by less than
// one step, one segment and what is still owed (MeterStatus.Owed). A drop-out
// forgets what was owed, and a counter that falls begins a new account: what it
// lost is not known.
//
// A segment that is longer than a meter's usual pause is a drop-out. Its windows
// have the next best source, and the account begins anew. But where the machine
// slept, or sovmeter was not running, the difference of the counter is the energy
// of that gap, less what its few waking windows took.
//
// # What is refused
//
// A segment that shows less than the chip drew is of something else: a plug that
// a laptop was pulled from, a wrong channel, a wrong unit. So is one above what
// the machine can draw. Such segments count as drop-outs, and Status tells how
// many there were.
//
// # Laptops
//
// What charges a battery is drawn at the wall and not yet used. A reading at the
// wall is lessened by what goes into the battery, which its telemetry tells on
// the DC side, and that is booked when it is drawn again, at the battery's scope:
// plug and drained = booked and charged. The supply's loss on it counts as the
// machine's. While the telemetry is silent, it is taken for what it last was, for
// five minutes. A sleep in which the battery may have been charged has no energy.
//
// # Calibration
//
// Stretches of 30 s that are known from the readings alone teach the account's
// line. While meters on both sides of the power supply are there, what the supply
// takes is learned too. When the plug drops out, a meter behind the supply and
// what is known of the supply tell the energy at the wall, at ScopeCalibrated: it
// sees a display that no line by the chip can see. While the machine runs from its
// battery, the battery's scope stands. Windows that no meter covers have the line
// that calibration.Pick chooses.
package scope
