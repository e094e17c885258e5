package fake

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Plug is what a device measures.
type Plug interface {
	// Plug returns the power that is drawn now, and the energy that was drawn so far.
	Plug() (energy.Watts, energy.Joules)
}

// PlugFunc is a function as a Plug.
type PlugFunc func() (energy.Watts, energy.Joules)

// Plug calls the function.
func (f PlugFunc) Plug() (energy.Watts, energy.Joules) { return f() }

// Kind is a device that answers over HTTP.
type Kind string

// The kinds of devices.
const (
	ShellyGen1   Kind = "shelly-gen1"    // Plug S: watt-minutes, by the minute, from 0 at each start
	ShellyGen1EM Kind = "shelly-gen1-em" // EM: watt-hours
	Shelly       Kind = "shelly"         // Plus Plug S, of the second generation
	ShellyPM     Kind = "shelly-pm"      // PM Mini of the third generation, which counts both ways
	ShellyEM1    Kind = "shelly-em1"     // Pro EM: counter apart, by the minute
	ShellyEM     Kind = "shelly-em"      // Pro 3EM with three phases
	Tasmota      Kind = "tasmota"        // one channel
	TasmotaStrip Kind = "tasmota-strip"  // two channels, one counter for both
	TasmotaSplit Kind = "tasmota-split"  // two channels, a counter each
	HomeWizard   Kind = "homewizard"     // Energy Socket
	HomeWizardP1 Kind = "homewizard-p1"  // P1 meter with tariffs
	JSON         Kind = "http"           // any JSON: power in W, counter as text in Wh
)

// Kinds lists all kinds of devices that answer over HTTP.
func Kinds() []Kind {
	return []Kind{
		ShellyGen1, ShellyGen1EM, Shelly, ShellyPM, ShellyEM1, ShellyEM,
		Tasmota, TasmotaStrip, TasmotaSplit, HomeWizard, HomeWizardP1, JSON,
	}
}

// Options is what a device is set to.
type Options struct {
	Now  func() time.Time // the device's clock; nil means time.Now
	User string           // empty means admin
	// Password is what the device asks for; empty: it asks for none. HomeWizard
	// and JSON have none.
	Password string
}

// Device is a device on the network. It may be asked from several goroutines.
type Device struct {
	kind    Kind
	options Options
	digest  *digestAuth
	routes  map[string]func(*http.Request) (any, error)

	mu    sync.Mutex
	meter meter
	fault Fault
	asked int
}

// New returns a device that measures a plug. The device has just been started:
// its counter begins at what the plug has drawn, and on a first-generation
// Shelly at 0.
func New(kind Kind, plug Plug, o Options) (*Device, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.User == "" {
		o.User = "admin"
	}
	d := &Device{kind: kind, options: o, meter: newMeter(plug, o.Now)}
	switch kind {
	case ShellyGen1, ShellyGen1EM:
		d.routes = d.shellyGen1()
		d.meter.restart(kind == ShellyGen1)
	case Shelly, ShellyPM, ShellyEM1, ShellyEM:
		d.routes = d.shellyGen2()
		d.digest = newDigestAuth(shellyID(kind), o.User, o.Password)
	case Tasmota, TasmotaStrip, TasmotaSplit:
		d.routes = map[string]func(*http.Request) (any, error){"/cm": d.tasmota}
	case HomeWizard, HomeWizardP1:
		d.routes = map[string]func(*http.Request) (any, error){"/api/v1/data": d.homeWizard}
	case JSON:
		d.routes = map[string]func(*http.Request) (any, error){"/state": d.anyJSON}
	default:
		return nil, fmt.Errorf("fake device: kind %q is not known", kind)
	}
	return d, nil
}

// SetFault gives the device a fault, and takes it away with NoFault.
func (d *Device) SetFault(f Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = f
}

// Reboot starts the device anew. The counter of a first-generation plug begins
// at 0 again; all others keep theirs.
func (d *Device) Reboot() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.meter.restart(d.kind == ShellyGen1)
}

// ResetCounter sets the counter to 0, as a user can on every device.
func (d *Device) ResetCounter() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.meter.restart(true)
}

// Asked returns how many questions came so far.
func (d *Device) Asked() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked
}
