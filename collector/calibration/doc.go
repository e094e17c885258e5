// Package calibration fits the power of the whole machine to that of the SoC's
// rails, so that the first can be told by the second while no meter is there.
// It is pure.
package calibration
