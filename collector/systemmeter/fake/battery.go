package fake

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"text/template"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Battery is a laptop's battery telemetry, which ioreg prints for the class
// AppleSmartBattery. It adds up what the laptop draws in ticks of a second, as
// macOS seems to. It is safe for concurrent use.
type Battery struct {
	mu        sync.Mutex
	now       BatteryState
	at        time.Time     // up to when it is added up
	open      time.Duration // of the tick that is not over
	openLoad  energy.Joules // what was drawn in it
	sum       energy.Joules // what was drawn in whole ticks
	ticks     int64
	refreshed time.Time // the end of the last tick
}

// BatteryState is what a laptop does.
type BatteryState struct {
	System   energy.Watts // what it draws on the DC side
	Charging energy.Watts // what goes into its battery; below 0 what comes out of it
	External bool         // an adapter is plugged in
}

// NewBattery returns the telemetry of a laptop that has drawn nothing yet.
func NewBattery(at time.Time) *Battery { return &Battery{at: at, refreshed: at} }

// Draw keeps a state up to a time. Time before what is added up is passed over.
func (b *Battery) Draw(until time.Time, s BatteryState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = s
	d := until.Sub(b.at)
	if d <= 0 {
		return
	}
	b.at = until
	b.open, b.openLoad = b.open+d, b.openLoad+s.System.For(d)
	if b.open < time.Second {
		return
	}
	rest := b.open % time.Second
	over := s.System.For(rest)
	b.sum += b.openLoad - over
	b.ticks += int64(b.open / time.Second)
	b.open, b.openLoad = rest, over
	b.refreshed = until.Add(-rest)
}

// Sleep lets time pass in which nothing is added up.
func (b *Battery) Sleep(until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = until
}

// Command answers as ioreg does. It is for systemmeter.Options.Command.
func (b *Battery) Command(ctx context.Context, name string, args ...string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if name != "/usr/sbin/ioreg" || !slices.Equal(args, []string{"-a", "-rw0", "-c", "AppleSmartBattery"}) {
		return nil, fmt.Errorf("run %s: the fake knows the battery alone", name)
	}
	return b.PropertyList()
}

// PropertyList is what ioreg prints now.
func (b *Battery) PropertyList() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out bytes.Buffer
	const volts = 20
	in := int64(0)
	if b.now.External {
		in = milliwatts(b.now.System + b.now.Charging)
	}
	err := batteryTemplate().Execute(&out, map[string]any{
		"Update": b.refreshed.Unix(), "External": b.now.External, "Charging": b.now.External && b.now.Charging > 0,
		"Load": milliwatts(b.now.System), "In": in, "Battery": milliwatts(b.now.Charging),
		"Consumed": int64(math.Round(float64(in) / 3.6)), "Volts": volts * 1000, "Amps": in / volts,
		"Sum": thousandths(float64(b.sum)), "Ticks": b.ticks,
	})
	if err != nil {
		return nil, fmt.Errorf("print the battery: %w", err)
	}
	return out.Bytes(), nil
}

func milliwatts(w energy.Watts) int64 { return thousandths(float64(w)) }

func thousandths(v float64) int64 { return int64(math.Round(v * 1e3)) }

// batteryTemplate holds the keys that matter, and some that do not, in the order
// and form of ioreg -a.
func batteryTemplate() *template.Template {
	return template.Must(template.New("battery").Parse(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<array>
	<dict>
		<key>BatteryData</key>
		<dict>
			<key>AdapterPower</key>
			<string></string>
			<key>SystemPower</key>
			<string></string>
		</dict>
		<key>BatteryInstalled</key>
		<true/>
		<key>ExternalConnected</key>
		<{{.External}}/>
		<key>IOObjectClass</key>
		<string>AppleSmartBattery</string>
		<key>IsCharging</key>
		<{{.Charging}}/>
		<key>PowerTelemetryData</key>
		<dict>
			<key>AccumulatedSystemLoad</key>
			<integer>{{.Sum}}</integer>
			<key>BatteryPower</key>
			<integer>{{.Battery}}</integer>
			<key>PowerTelemetryErrorCount</key>
			<integer>0</integer>
			<key>SystemCurrentIn</key>
			<integer>{{.Amps}}</integer>
			<key>SystemEnergyConsumed</key>
			<integer>{{.Consumed}}</integer>
			<key>SystemLoad</key>
			<integer>{{.Load}}</integer>
			<key>SystemLoadAccumulatorCount</key>
			<integer>{{.Ticks}}</integer>
			<key>SystemPowerIn</key>
			<integer>{{.In}}</integer>
			<key>SystemVoltageIn</key>
			<integer>{{.Volts}}</integer>
		</dict>
		<key>UpdateTime</key>
		<integer>{{.Update}}</integer>
		<key>built-in</key>
		<true/>
	</dict>
</array>
</plist>
`))
}
