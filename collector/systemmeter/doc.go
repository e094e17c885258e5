// Package systemmeter reads meters of the whole machine: smart plugs at the
// wall, asked themselves or through what else knows of them, the Mac's own
// management controller, and a laptop's battery telemetry. One file a device; all
// of them answer as a Reading.
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
// unknown. At is by this machine's clock, less the lag of the config: no clock of
// a plug is used, so it does not matter whether it is right. What At is depends
// on who is asked:
//
//	kind                               At is
//	shelly, tasmota, homewizard, http  the middle of the time between question and answer
//	homeassistant                      the last report of the entity, by the age that Home Assistant tells
//	prometheus                         the oldest sample in the query, by the age that the server tells
//	mqtt                               when the message came; what a broker kept is of unknown age, and refused
//	smc                                when the key was read
//	battery                            when the telemetry was brought up to date, as far as it tells
//
// So a slow device is off by half of its answer at most, which is less than a
// second, and Lag says by how much; what it takes to connect is not counted.
// Home Assistant, Prometheus and MQTT may have power and counter of different
// times: then they are given as readings of their own.
//
// Resolution says how far the counter may be behind At:
//
//	device                       counter             moves on        when the device starts
//	Shelly, first generation     1 Wmin              by the minute   begins at 0
//	Shelly EM, first generation  0.1 Wh              by the minute   goes on
//	Shelly, second and later     0.001 Wh            all the time    goes on
//	Shelly EM, second and later  0.01 Wh             by the minute   goes on
//	Tasmota                      its last digit      each second     goes on
//	HomeWizard                   0.001 kWh           each second     goes on
//	SMC, battery                 sums of our own     each reading    begins at 0, after a sleep too
//
// A counter that moves on by the minute has what a minute draws as its step. A
// Tasmota power strip counts all of its sockets together, which says nothing of
// one: its counter is left out until SetOption129 splits it.
//
// The SMC and the battery are on the DC side of the power supply: they do not
// have its loss. No Mac was at hand to hold the SMC against.
//
// # What is asked, and how
//
// A question is over within two seconds, whatever happens, and there is one at a
// time. No more than 256 KiB of an answer are read. Meters are on this machine or
// in its local network: loopback, private (RFC 1918, RFC 4193), link-local, and
// carrier-grade NAT addresses (RFC 6598); the address is checked when it is
// dialed, after the name was resolved. Redirects to other hosts are not followed,
// and the environment's proxy is not used. Brokers are listened to, and never
// published to.
//
// Secrets are sent as the device wants them, and are in no error, log line or
// status: errors hold an address and a path of this package's own, never a
// query, a header, or what the device said.
//
// # What can go wrong
//
// Validate finds all faults of a config without asking anybody. Errors of a Meter
// wrap a sentinel of this package and carry a HintError where a user can do
// something. The Poller sorts them into Results, refuses what is stale or
// cannot be true, asks a failing device less often (30 s apart at most), and logs
// when a meter begins to fail and when it answers again.
//
// A counter that rises by more than Config.MaxWatts allows, and ten minutes of it
// besides, is refused: once where it jumped, and again and again where its unit is
// wrong. The Poller does not bend counters: it hands on what the device says, and
// who takes differences has to expect that a counter falls, or goes on from
// elsewhere after a refusal.
package systemmeter
