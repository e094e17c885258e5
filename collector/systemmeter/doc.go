// Package systemmeter reads meters of the whole machine: smart plugs at the
// wall, the Mac's own management controller, and a laptop's battery telemetry.
// One file a device; all of them answer as a Reading.
package systemmeter
