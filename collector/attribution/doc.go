// Package attribution books measured energy to requests. It is pure: no I/O,
// no clock, no log, no goroutine.
package attribution
