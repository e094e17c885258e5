// Package fake answers as real meters do: smart plugs over HTTP, and what other
// systems hold of them. A fake measures whatever it is given, in the resolution
// and at the pace of the real device, with all the keys that the real device
// answers with, and has the real one's faults on demand. The demo uses it, and so
// do tests.
//
// Where the shapes come from stands beside each: the makers' API pages, and
// answers of real devices in the tests of evcc (evcc-io/evcc meter/shelly,
// meter/tasmota) and Home Assistant (home-assistant/core
// tests/components/homewizard). A test holds them against captures of real ones.
package fake
