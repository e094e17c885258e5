// Package calibration tells what a whole machine draws by what its chip draws, for
// the time without a meter. It fits
//
//	whole = base + CPU·cpu + GPU·gpu + ANE·ane
//
// to stretches of time (Block) in which both were measured. It is pure: blocks,
// windows and readings in, lines and bands out; no clock is read.
//
// # A worked example
//
// A Mac mini idles at 6.2 W at the wall with 0.1 W in the chip. While it decodes,
// the CPU draws 2 W, the GPU 10 W, and the plug shows 27.5 W; with 14 W in the GPU
// 35.1 W. While ten cores compile, the CPU draws 24 W and the plug shows 36 W. Then
// the line is 6 + 1.25·cpu + 1.9·gpu: 6 + 1.25·2 + 1.9·10 = 27.5. A decoding hour of
// 2 and 12 W, without the meter, is told as 31.3 Wh, where the chip's rails alone
// show 14. A month later the band of it is 2.5 % for drift, and what the fit itself
// leaves open.
//
// # Ways to a line
//
// Ladder is the plan of sovmeter calibrate: some eight minutes of idling, decoding,
// prompts and compute. FindLag finds how late the meter is, Plateaus makes a block of
// each step that was steady, and Fit draws the line.
//
// A Learner does the same in passing while a meter is there. It keeps decayed sums
// in 21 cells by power and kind of load, each of which counts for 16 minutes of
// independent measurement at most. So weeks of idling tell the base no better than
// it can be known, and a minute of load is not lost in them. It forgets half in 14
// days of covered time. FindDrift compares any line with the last day or so.
//
// Pick chooses among what is stored and what is learned; Error is the band of what
// the chosen line tells.
//
// # The fit
//
// Points are weighed by 0.25 W and 1.5 % of their power together, so that an idle
// day is told as well as a busy one in per cent; outliers by Huber's rule. The slopes
// of CPU and GPU are kept apart where the standard error of their difference is at most 0.2,
// else there is one, and the covariance says that they may differ by 0.4: a load
// of another kind than those seen has a wide band. A slope at 0.9 to 4, a base of 0
// to 300 W, an R² of 0.9 and a scatter within 1.5 W and 6 % are asked for; all else is a
// RefusedError with its reason and what to do about it.
//
// # What is assumed
//
//   - A line is off by 1 % on the next day, and by 1.5 % more in every 30 days, up
//     to 15 %: displays, ports, rooms. A machine whose ports change by watts is off
//     by more until it is calibrated anew.
//   - The meter's own accuracy is what its config says. Users who compared common
//     plugs with better meters found 2 % (homeassistant-powercalc, pull request
//     254), and more under some watts. Nothing here can see an error of the meter
//     that is always the same.
//   - Beyond the powers that were fitted the slope is off by 25 % at most. A supply
//     loses a fixed part, a linear and a quadratic one; within the fit a line through
//     that is off by less than its scatter.
//   - The ANE goes with the GPU where its slope was not seen, give or take 30 %.
//
// # Limits
//
// On a laptop the plug must be read less what the battery takes: a Block's Whole is
// the machine's own. A meter that averages over a minute is too slow for the ladder,
// and fine for learning in passing. A load that repeats with a period has no lag that can
// be told; neither has one that never changes.
package calibration
