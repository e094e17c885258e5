// Package report turns what the store holds about a period into tables for
// people and data for programs. It is pure: no I/O but the writer it is given,
// no clock, no environment.
//
//	p, err := report.ParsePeriod(report.Spec{Day: "yesterday"}, now, time.Local)
//	held, err := source.Range(ctx, p.Since, p.Until)
//	r, err := report.Build(report.Inputs{Period: p, Range: held, Tariff: tariff, Now: now})
//	err = report.Write(os.Stdout, r, report.Table, report.Options{Width: 100})
//	err = report.Write(os.Stdout, r, report.JSON, report.Options{})
//
// A Report is the single source of all renderings. Its models' and sinks'
// energies and its Remainder sum to its Total; the remainder is what is left,
// never a second sum, and other than 0 only when the store is at fault.
//
// # Rows and totals
//
// Build books each slot once. An amount of money is rounded there, to a billionth,
// for each phase of each model and each sink, and all else is a sum of such
// amounts. So models and sinks cost together what the dedicated basis says, and
// rows by server, day, hour, client or project sum to the same totals, to the last
// digit. What a part with a tag cost is what all parts up to it cost together, less
// those before it; what has no tag is what is left.
//
// Days and hours are those of the user's calendar. A day has 23 to 25 hours, an
// hour that a clock change repeats has two rows, and a day without a measurement
// has a row that says so. Hours are refused for more than 31 days, and days for more
// than ten years.
//
// # Elsewhere and the hardware
//
// What the answered requests would have cost is always told with the comparator
// that it is with, and is at least so much where a request or a token count has no
// price. A subscription caps it. A break-even is reckoned from whole local days of
// Inputs.History; a day whose cost or avoided spend is not known is left out and
// counted. What the machine avoids is capped there too: when a flat fee for all of
// those days is less than their tokens, each of them avoids its part of the fee.
//
// # Scope
//
// An energy means nothing without what it covers: CPU, GPU and Neural Engine alone
// (soc), or the whole machine by a line (calibrated), behind its power supply
// (battery, smc) or at the plug (wall). ScopeUses tells for how much of the time and
// of the energy; a sum over several says that it mixes them. At the scopes of the
// whole machine the meter, or the line, has an error, and so has the total; at soc
// nobody says how far powermetrics is off, so that no total with a part of it has
// one. Report.WeakerThan tells what was measured at less than a wanted scope.
//
// In a gap nothing tells who used the machine. Where a meter of the whole machine
// went on, its energy is known all the same: it is in the total, in the basis
// dedicated and in a sink of its own, and in nothing else. Measured and the coverage
// are without it.
//
// # Unknown is not zero
//
// A figure that is not known is n/a in the table, "?" for tokens, and null in
// JSON. Time without a measurement is listed with its reason, and its energy
// stays unknown unless a meter saw it: nothing is interpolated. Gaps of which a
// part was seen have at least that. Where a meter saw all that was measured, what
// requests took, or anything else, is unknown. + behind a number of tokens or an amount
// says that it is at least so much.
//
// Figures per token and per call are exact means over the requests of which
// both parts are known, and leave the others out altogether, as their tokens
// would stand there without their energy, or the reverse:
//
//   - per output token: requests with a known number of output tokens that were
//     measured whole (not late, not unmetered, at least 95 % of their time),
//   - one more call: requests that ended well and were measured whole.
//
// They are therefore not the quotient of the energy and the tokens in the same
// row. In the row of all models, only those that generate tokens are in the
// figures per token.
//
// # The table
//
// First what one more call costs (the mean of the model with the most such
// requests, on the marginal basis), the energy and the costs, what the tokens would
// have cost elsewhere, and when the machine has paid for itself; then the power
// over the period, a row for each model or what else the report is by, what was
// compared with what, where the energy went, what was answered elsewhere, what was
// not measured, and what the figures rest on. A block that has nothing to say is
// not there. It is made for 80 columns and reads well from 60 up. Where room is
// short, columns drop in this order: cancelled, failed and late (a note counts
// them), server (the name says it), coverage, active time, speed, carbon, cached
// input, fresh input, error (the footer then has it), cost per million output
// tokens, joules per output token, the machine's cost and its energy, requests,
// same weights, substitute. Names wrap; numbers are never cut, so that a table of
// enormous numbers may be wider than was asked for.
//
// Energies have three significant digits. Where the energy went has as many
// decimals in each line as give its total four, so that the lines can be
// compared; each is rounded by itself. A cost that is less than half a billionth
// and not zero reads <0.000000001 in the table and 0 in JSON; an energy that is
// nearer to 0 than a millionth of its unit, as sums of floats leave over, reads
// <0.000001.
//
// # The other formats
//
// All of them, and the table, are drawn from the cells of Grids: each has a text for
// people and an exact value. Package reporttest reads every format back and holds
// them against each other, and against the JSON, which is written from the Report
// itself.
//
//	json      everything; see below
//	jsonl     the rows, one object a line, with the names that JSON has
//	csv       the rows as RFC 4180 has it, with a heading
//	markdown  all tables, for GitHub
//	html      one page that stands alone; package html writes it
//	prom      gauges named sovmeter_report_..., for a textfile collector
//	oneline   energy, cost (marginal, or its basis is named), calls, what was avoided, the coverage and,
//	          unless all of it is soc, the scopes
//
// CSV and JSONL have no total, so that a column can be summed, and say in each row
// which time it is about, so that files can be appended to each other: in since and
// until, or, of days and hours, in start and end. Each row says in scopes what its
// energy covers, of other rows than days and hours as far as the whole report
// tells: "calibrated wall" is both, mixed. Their columns are the same whatever
// was configured; empty is unknown, and an amount of money is in the currency of the
// column currency, or comparison_currency for what others would have asked for.
//
// Names come out of logs and may be forged. In a terminal, in CSV, Markdown and
// Prometheus text, what cannot be seen becomes a question mark. In CSV a name that a
// spreadsheet would take for a formula, as it begins with =, +, - or @, narrow or
// wide, gets a ' before it, so that @cf/model is '@cf/model there; numbers are left
// alone. In Markdown it is no link, and on GitHub nobody is notified of it. JSON and
// JSONL have names as they were logged.
//
// # Answered elsewhere
//
// Calls that a gateway passed on to a server on another machine took no energy
// here and are in no figure of energy, tokens or cost above. They have a block of
// their own, with what the gateway reckons they cost. That is in US dollars, as
// gateways reckon, and is added to no other money.
//
// # How far off
//
// The error of a model, and of all requests, is half the width of a band: in 95
// of 100 cases the energy is off by less. It covers what may not be the
// requests' at all, because the baseline, other programs and unexplained energy
// are not known better. Such errors point the same way from window to window
// and from model to model, so they add up. At the scope of a whole machine the
// error of its meter is part of it. What simultaneous requests may owe
// each other is not in it: sharing moves energy between them and changes no sum
// of them all. The band of a single request, which has both and the sensor's
// noise, is in what replay --requests writes.
//
// Under the models stands what a token takes, as learned by the time of the
// report, whatever its period, with the standard error of the fit and how long
// ago it was learned from last. What is off in all of the data alike, such as
// when a prompt was read, is not in that error, so it is no band as the others
// are. Models that are not in the report, or of which too little is learned, are
// left out.
//
// # JSON: sovmeter.report/v1
//
// Schema returns the JSON Schema of the output. Units are in the names:
// _joules, _seconds, _watts, _tokens, _ratio (0 to 1). Times are RFC 3339 in
// the user's time zone. Money is {"amount": "0.0579", "currency": "EUR"} with
// the amount as a decimal to the billionth; null is an unknown amount.
//
//	schema          always "sovmeter.report/v1"; fields may be added, none changes
//	generated_at    when the report was made
//	period          title, since, until (exclusive), time_zone, rounded, elapsed_seconds,
//	                measured_seconds, coverage_ratio
//	scopes          what the energies cover: ["soc"]
//	scope_seconds   {"wall": 83520, "calibrated": 2700}: booked time at each scope; scope_joules is the
//	                energy, scope_error_joules how far it may be off (null at soc: not known)
//	rails[]         name (cpu, gpu, ane), reported_seconds: which rails soc is the sum of
//	energy          measured_joules, of it inference_joules, gap_joules, remainder_joules; error_joules
//	models[]        server, model, requests by outcome, tokens, energy_joules (prefill and decode),
//	                error_joules (95 of 100 cases), joules_per_output_token (metered_output_joules over
//	                metered_output_tokens), marginal_cost, active_cost, saved[], ...
//	sinks[]         name (model_load, server_other, baseline, other_processes, unexplained, gap, open),
//	                energy_joules (of gap null when no meter saw any), cost
//	gaps[]          reason, seconds, metered_seconds, energy_joules (of metered_seconds; null without any)
//	tariff          currency, lowest_ and highest_price_per_kwh, unpriced_joules; null without one
//	costs[]         basis (marginal, active, dedicated, and loaded with hardware), energy_joules, cost
//	one_more_call   mean of the model with the most such requests; null when there is none
//	assumptions     what part rests on assumptions, and the error of the requests' energy
//	calibration     the line in force: made_at, kind, meter, scope, base_watts, slopes, rmse_watts, r_squared,
//	                points, drift_ratio, ...; null when none is stored
//	learned[]       server, model, energy of a prompt and of an output token with standard errors,
//	                mean_batch_size, rows, last_row_at, age_seconds
//	remote[]        server (the gateway), provider, model, calls by outcome, tokens, at_least, spend, unpriced_calls
//	power[]         start, seconds, measured_seconds (with gaps that a meter saw), mean_watts (null: not measured)
//	by, basis       what groups are, and the basis that was asked for
//	groups[]        name, start, end, the figures of a model, machine (of days and hours: elapsed_seconds,
//	                measured_seconds, coverage_ratio, measured_joules, scopes, dedicated_cost, carbon_grams)
//	comparisons[]   comparator (same_weights, substitute), total_cost, total_at_least, unpriced_requests,
//	                subscription_cost, capped_cost, quotes[], break_even (null without hardware)
//	price_table     what the cloud prices are from and of when
//	carbon          source, grams, requests_grams, one_more_call_grams, unknown_joules
//	hardware        price, capital, residual, purchased_at, life_seconds, ratios, charge
//	local_cloud_split  calls, tokens and spend here and elsewhere
//	curve           basis, days[] with what each cost and avoided
//
// # Limits
//
// The store books energy to the slot in which it was drawn, and requests and
// tokens to the slot of their end. A request across an end of the period
// therefore has a part of its energy in the period next door. Figures per token
// and per call have the whole energy of a request where it ended, at the price
// of that slot. Energy that is
// not booked yet lies in no slot: it is part of the total and of the dedicated
// cost, at the price of the newest measurement, and not of the power curve.
package report
