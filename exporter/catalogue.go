package exporter

// catalogue holds the descriptor of every metric, and all of them in the order
// of METRICS.md.
type catalogue struct {
	all []*descriptor

	rail, sink, inference, inferenceError                      *descriptor
	tokens, unknownTokens, estimatedTokens                     *descriptor
	requests, requestEnergy                                    *descriptor
	remoteCalls, remoteTokens, remoteCost, remoteUnpriced      *descriptor
	token, tokenError, step, batch, learnedRows, learnedAt     *descriptor
	cost, credit, perToken, price, unpriced                    *descriptor
	scope, scopeTime, scopeError                               *descriptor
	gaps, late, unmetered, unplaced                            *descriptor
	meterUp, meterReadings, meterWatts, meterLag               *descriptor
	lineBase, lineSlope, lineRMSE, lineMade, lineDrift         *descriptor
	baseline, baselineAssumed, baselineSeen, open, openTime    *descriptor
	clockOffset, clockError, clockApplied                      *descriptor
	samples, lines, restarts, stderrLines, selfCPU, lastSample *descriptor
	thermal, host, build                                       *descriptor
}

func (c *catalogue) counter(subject, unit, help string, labels ...string) *descriptor {
	return c.add(describe(kindCounter, subject, unit, help, labels))
}

func (c *catalogue) gauge(subject, unit, help string, labels ...string) *descriptor {
	return c.add(describe(kindGauge, subject, unit, help, labels))
}

func (c *catalogue) histogram(subject, unit, help string, labels ...string) *descriptor {
	return c.add(describe(kindHistogram, subject, unit, help, labels))
}

func (c *catalogue) add(d *descriptor) *descriptor {
	c.all = append(c.all, d)
	return d
}

func newCatalogue() *catalogue {
	c := &catalogue{}
	c.describeEnergy()
	c.describeLearned()
	c.describeMoney()
	c.describeRemote()
	c.describeCoverage()
	c.describeScope()
	c.describeMeter()
	return c
}

func (c *catalogue) describeEnergy() {
	c.sink = c.counter("", "joules",
		"Metered energy by where it went. The sinks sum to all booked energy, at the scopes of sovmeter_scope_seconds_total. gap is what a meter of the whole machine saw while nothing told who used it; absent until one was there.", "sink")
	c.rail = c.counter("rail", "joules",
		"Energy of a power rail as measured, counted when its window is booked. Absent for a rail that is not reported.", "rail")
	c.inference = c.counter("inference", "joules",
		"Energy booked to requests by phase. Sums to the sink inference.", "model", "server", "phase")
	c.inferenceError = c.counter("inference_error", "joules",
		"How far the energy booked to a model's requests may be off for what may not be the requests' at all: baseline, other processes, unexplained energy; made of bounds that 95 of 100 windows keep. Such errors add up, so the increase over a time is that time's. At the scopes of the whole machine the meter's error is in it. Not in it are powermetrics' own error, log times that are off, energy counters that lag, requests that no line tells of, and what simultaneous requests may owe each other.", "model", "server")
	c.tokens = c.counter("tokens", "",
		"Tokens of finished requests: input is prefilled, cached_input came from the cache. Requests whose count is unknown add nothing; absent while none is known.", "model", "server", "kind")
	c.unknownTokens = c.counter("unknown_token_requests", "",
		"Finished requests of which a token count is unknown: sovmeter_tokens_total lacks it.", "model", "server")
	c.estimatedTokens = c.counter("estimated_token_requests", "",
		"Finished requests of which a token count was not told by the server but counted from what passed by. sovmeter_tokens_total has it.", "model", "server")
	c.requests = c.counter("requests", "",
		"Finished requests by outcome, with those that are late or unmetered.", "model", "server", "outcome")
	c.requestEnergy = c.histogram("request", "joules",
		"Energy of finished requests whose energy is known, with at least 95 % of their time measured.", "model")
}

func (c *catalogue) describeLearned() {
	c.token = c.gauge("token", "joules",
		"Energy of one token above the baseline, as learned from power and log, at the scope of sovmeter_scope_info, or at soc while too little is known of what the whole machine draws for it: prefill of a prompt token that did not come from the cache, decode of an output token at the mean batch size. Absent until 30 rows of ten seconds of work were learned from, and for a phase that was not told apart.", "model", "server", "phase")
	c.tokenError = c.gauge("token_error", "joules",
		"Standard error of sovmeter_token_joules: how far chance may have moved the fit. What is off in all of the data alike is not in it.", "model", "server", "phase")
	c.step = c.gauge("decode_step", "joules",
		"Energy of a decode step however many sequences are in it, at the scope of sovmeter_token_joules. They share it, so it is a part of each output token in sovmeter_token_joules.", "model", "server")
	c.batch = c.gauge("decode_batch_size", "",
		"Mean number of sequences in a decode step, in the work that was learned from.", "model", "server")
	c.learnedRows = c.gauge("learned_rows", "",
		"Rows of ten seconds of work that sovmeter_token_joules rests on. A row counts half after an hour of work.", "model", "server")
	c.learnedAt = c.gauge("learned_timestamp", "seconds",
		"Unix time of the last row that sovmeter_token_joules rests on: its age is time() less this.", "model", "server")
}

func (c *catalogue) describeMoney() {
	c.cost = c.counter("cost", "",
		"Cost of booked energy. marginal: inference energy. active: also the baseline while a request was in flight, shared by busy time. dedicated: all energy of the machine, with model and server all. Never sum over basis. Energy used at a negative price adds nothing here.", "model", "server", "basis", "currency")
	c.credit = c.counter("cost_credit", "",
		"What energy booked while its price was negative brought in. A counter cannot fall, so that it is not in sovmeter_cost_total: subtract it. Absent until there was any.", "model", "server", "basis", "currency")
	c.perToken = c.gauge("marginal_cost_per_token", "",
		"Marginal cost of one token: cost of the prefill joules per fresh input token and of the decode joules per output token, over the requests that ended in the last closed 15-minute UTC slot in which a request of the model ended with known energy, at least 95 % of its time measured, and known token counts. Absent before the first such slot, and for a phase without tokens in it.", "model", "server", "phase", "currency")
	c.price = c.gauge("electricity_price_per_kwh", "",
		"Price of one kilowatt-hour at the last commit; negative when use is paid for. Absent when it is not known.", "currency")
	c.unpriced = c.counter("unpriced", "joules",
		"Booked energy whose price was not known, so that no cost has it. Absent without a tariff.")
}

// describeRemote is about calls that took no energy here.
func (c *catalogue) describeRemote() {
	c.remoteCalls = c.counter("remote_calls", "",
		"Calls that a gateway here passed on to a server elsewhere, by outcome. They took no energy here and are in no other metric.", "model", "provider", "server", "outcome")
	c.remoteTokens = c.counter("remote_tokens", "",
		"Tokens of these calls: cached_input was read from the provider's cache, cache_write_input written to it, input is the rest of the prompt. Calls whose count is unknown add nothing; absent while none is known.", "model", "provider", "server", "kind")
	c.remoteCost = c.counter("remote_cost", "",
		"What these calls cost as the gateway reckons. Absent while it gave no cost for any.", "model", "provider", "server", "currency")
	c.remoteUnpriced = c.counter("remote_unpriced_calls", "",
		"Calls of sovmeter_remote_calls_total that the gateway gives no cost for.", "model", "provider", "server")
}

func (c *catalogue) describeCoverage() {
	c.gaps = c.counter("gap", "seconds",
		"Time without a usable power measurement. Its energy is unknown, not zero, but for what a meter saw of it: sink gap of sovmeter_joules_total.", "reason")
	c.late = c.counter("late_requests", "",
		"Requests that became known after their time was booked: their energy is in other sinks.")
	c.unmetered = c.counter("unmetered_requests", "",
		"Requests, not late, that no measured window covers: their energy is unknown.")
	c.unplaced = c.counter("unplaced_requests", "",
		"Requests whose log does not tell when they were, or puts their end in the future. They are in no other metric.")
	c.open = c.gauge("open", "joules",
		"Energy that is measured and not booked yet, because a request that touches it may still arrive. In no counter.")
	c.openTime = c.gauge("open", "seconds",
		"Time that is measured and not booked yet.")
	c.baseline = c.gauge("baseline", "watts",
		"Power of the machine with no request in flight. Absent while it is neither observed nor assumed.")
	c.baselineAssumed = c.gauge("baseline_assumed", "",
		"1 while sovmeter_baseline_watts is assumed because no quiet time was seen yet, else 0.")
	c.baselineSeen = c.gauge("baseline_timestamp", "seconds",
		"Unix time of the newest quiet minute, from which the baseline is observed: its age is time() less this. Absent before the first. When it is old, the baseline may be what a model at work shows it to be.")
	c.clockOffset = c.gauge("log_clock_offset", "seconds",
		"How far the clock of a server's log is ahead of the power samples, as estimated from when power rises and falls. Absent while that is not known.", "server")
	c.clockError = c.gauge("log_clock_offset_error", "seconds",
		"Standard error of sovmeter_log_clock_offset_seconds.", "server")
	c.clockApplied = c.gauge("log_clock_applied", "seconds",
		"What is taken off the times of a server's log now; 0 while no offset was told from none.", "server")
}

// describeScope is about what the energy covers, and what tells.
func (c *catalogue) describeScope() {
	c.scope = c.gauge("scope_info", "",
		"Always 1; the label names the part of the machine that the last booked energy covers: soc (CPU, GPU and ANE), calibrated (the whole machine by a line), battery or smc (behind its power supply), wall (at the plug).", "scope")
	c.scopeTime = c.counter("scope", "seconds",
		"Time of booked energy by what it covers, with gaps that a meter saw.", "scope")
	c.scopeError = c.counter("scope_error", "joules",
		"How far that energy may be off what its scope names in 95 of 100 cases. Such errors add up, so the increase over a time is that time's. Absent at soc: nobody says how far powermetrics is off.", "scope")
	c.meterUp = c.gauge("meter_up", "",
		"1 while a meter of the whole machine answers, else 0.", "meter")
	c.meterReadings = c.counter("meter_readings", "",
		"Answers of a meter of the whole machine by what became of them.", "meter", "result")
	c.meterWatts = c.gauge("meter", "watts",
		"Power by the newest reading of a meter. Absent while it is away or does not tell.", "meter")
	c.meterLag = c.gauge("meter_lag", "seconds",
		"How late a meter's values are. Absent while that is not known.", "meter")
	c.lineBase = c.gauge("calibration_base", "watts",
		"Power of the whole machine while the SoC draws nothing, by the line that stands in for a meter that is away. Absent without one.")
	c.lineSlope = c.gauge("calibration_slope", "",
		"Watts of the whole machine for each watt of a rail, by that line; the same for all where they could not be told apart.", "rail")
	c.lineRMSE = c.gauge("calibration_rmse", "watts",
		"Root mean square of what the points of that line are off it.")
	c.lineMade = c.gauge("calibration_timestamp", "seconds",
		"Unix time at which that line was fitted: its age is time() less this.")
	c.lineDrift = c.gauge("calibration_drift", "ratio",
		"What was measured lately by what a user's calibration says for it: 1.05 is a twentieth more. Absent while that is not known.")
}

func (c *catalogue) describeMeter() {
	c.samples = c.counter("samples", "",
		"Power samples by what became of them.", "result")
	c.lines = c.counter("log_lines", "",
		"Lines of the request logs by what became of them.", "result")
	c.restarts = c.counter("powermetrics_restarts", "",
		"How often powermetrics was started again.")
	c.stderrLines = c.counter("powermetrics_stderr_lines", "",
		"Lines that powermetrics wrote to its standard error.")
	c.selfCPU = c.counter("self_cpu", "seconds",
		"CPU time that sovmeter and the tools it runs have used.")
	c.lastSample = c.gauge("last_sample_timestamp", "seconds",
		"Unix time at which the last usable power sample ended.")
	c.thermal = c.gauge("thermal_pressure_info", "",
		"Always 1; the label is the thermal pressure that powermetrics reported last.", "pressure")
	c.host = c.gauge("host_info", "",
		"Always 1; the labels name the machine.", "hw_model", "os_build")
	c.build = c.gauge("build_info", "",
		"Always 1; the labels name this build of sovmeter.", "version", "revision", "goversion")
}
