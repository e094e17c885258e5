package sim

import "time"

// suiteLog is what logs may be like.
func suiteLog() []Named {
	ahead := Log{Style: JSONLines, Offset: 800 * time.Millisecond, Drift: 3e-5}
	buffered := Log{Delay: always(0.8)}
	seconds := Log{Style: JSONLines, WholeSeconds: true}
	late := Log{Style: JSONLines, Delay: Dist{Median: 4, Spread: 1.3, Max: 240}, Drop: 0.03}
	return []Named{
		{Name: "clock-ahead", About: "one line a request, by a clock that is 0.8 s ahead and gains 0.1 s an hour", Scenario: logged(ahead)},
		{Name: "log-buffered", About: "llama-server's lines come 0.8 s late, all of them", Scenario: logged(buffered)},
		{Name: "whole-seconds", About: "one line a request, with whole seconds", Scenario: logged(seconds)},
		{Name: "late-lines", About: "one line a request, late, out of order, 3 % missing", Scenario: logged(late)},
	}
}

// logged is four hours of chat and single requests under a log.
func logged(l Log) Scenario {
	v := serving(4, pathCoder, chat(steady(15)), questions(25))
	v.Log = l
	return hours(4, v)
}
