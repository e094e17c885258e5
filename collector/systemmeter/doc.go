// Package systemmeter reads meters of the whole machine: smart plugs at the
// wall, the Mac's own management controller, and a laptop's battery telemetry.
// One file a device; all of them answer as a Reading.
//
//	c := systemmeter.Config{Name: "desk", Kind: systemmeter.KindShelly, URL: "http://192.168.1.20"}
//	m, err := systemmeter.Open(c, systemmeter.Options{})
//	p := systemmeter.NewPoller(m, c, systemmeter.PollerOptions{Hand: take})
//	err = p.Run(ctx)
//
// # What a Reading says
//
// Power is live. Energy is the device's counter, in joules, and only ever
// rises, from an origin that may change: a plug that begins anew says less than
// before. What was fed back to the mains is not taken off. Either may be
// unknown. At is the middle of the time between question and answer, by this
// machine's clock, less the lag of the config; the clocks of devices are not
// used, so it does not matter whether they are right. Resolution says how far the
// counter may be behind At:
//
//	device                       counter           moves on        when the device starts
//	Shelly, first generation     1 Wmin            by the minute   begins at 0
//	Shelly EM, first generation  0.1 Wh            by the minute   goes on
//	Shelly, second and later     0.001 Wh          all the time    goes on
//	Shelly EM, second and later  0.01 Wh           by the minute   goes on
//	Tasmota                      its last digit    each second     goes on
//	HomeWizard                   0.001 kWh         each second     goes on
//
// A counter that moves on by the minute has what a minute draws as its step. A
// Tasmota power strip counts all of its sockets together, which says nothing of
// one: its counter is left out until SetOption129 splits it.
//
// # What is asked, and how
//
// A question is over within two seconds, whatever happens, and there is one at a
// time. No more than 256 KiB of an answer are read. Meters are on this machine or
// in its local network: loopback, private (RFC 1918, RFC 4193), link-local, and
// carrier-grade NAT addresses (RFC 6598); the address is checked when it is
// dialed, after the name was resolved. Redirects to other hosts are not followed,
// and the environment's proxy is not used.
//
// Secrets are sent as the device wants them, and are in no error, log line or
// status: errors hold an address and a path of this package's own, never a
// query, a header, or what the device said.
//
// # What can go wrong
//
// Errors wrap a sentinel of this package and carry a HintError where a user can
// do something. The Poller sorts them into Results, refuses what is stale or
// cannot be true, asks a failing device less often (30 s apart at most), and logs
// when a meter begins to fail and when it answers again. A counter that jumps by
// more than Config.MaxWatts allows goes on from where it was.
package systemmeter
