// Package exporter publishes what sovmeter booked: as Prometheus metrics, and
// as a health answer.
//
// # How numbers get here
//
// A Ledger takes every batch that was committed to the store (Record) and how
// the meter itself is doing (SetHealth). Each call publishes a new immutable
// snapshot. A Collector only hands out the snapshot it finds, so a scrape does
// no I/O, waits for nobody and never sees half a batch:
//
//	ledger := exporter.NewLedger(exporter.Options{Tariff: tariff, Started: time.Now()})
//	server, err := exporter.NewServer(exporter.ServerConfig{}, ledger)
//	...
//	ledger.Record(batch)   // after each commit, every 10 s
//	ledger.SetHealth(now)  // as often as there is news
//
// # What the numbers promise
//
//   - Counters start at 0 with the process and never fall.
//   - sum(sovmeter_joules_total) is the metered energy that is booked, at every
//     scrape: each joule is in one sink. At the scope "soc" it equals
//     sum(sovmeter_rail_joules_total), because rails are counted when their
//     window is booked, not when it is measured. At the other scopes it is the
//     whole machine's, and the rails are a part of it.
//   - sovmeter_scope_seconds_total says for how long which scope was booked: an
//     increase of energy over a time with more than one mixes them.
//   - What a meter of the whole machine saw while powermetrics was away is in
//     the sink "gap" and in the cost on the basis dedicated, and in no other.
//   - Energy that is measured and not booked yet is in sovmeter_open_joules and
//     in no counter.
//   - What is unknown is an absent series, not a zero.
//   - How far energy may be off is exported beside it:
//     sovmeter_inference_error_joules_total bounds what may not be the
//     requests' at all, and grows as the energy does. Its increase over a day,
//     by that of sovmeter_inference_joules_total, is that error as a ratio.
//   - What is learned comes with its standard error and its age. It is absent
//     until enough was learned from, and outlives a restart.
//
// METRICS.md beside this file lists every metric. It is generated from the
// descriptors; a test fails when it is out of date.
//
// # Labels
//
// Labels are few and bounded. A process names at most 50 pairs of server and
// model, in the order it meets them; later models are "other" for as long as
// it runs. A model that the log does not name is "unknown". The basis
// "dedicated" counts the whole machine, so its server and model are "all".
//
// # Serving
//
// A Server listens on the loopback interface unless told otherwise, answers
// GET and HEAD only, and refuses requests whose Host header names somebody
// else: without that check any web page could read the metrics through DNS
// rebinding. Beyond the loopback it wants an exporter-toolkit web
// configuration file (TLS, basic auth) or an explicit permission.
package exporter
