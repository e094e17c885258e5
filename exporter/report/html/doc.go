// Package html writes a report as one page that stands alone: to be opened from
// a disk, mailed, printed or put on a server. It is pure, as package report is:
// no I/O but the writer, no clock, no environment, and the same report gives
// the same bytes.
//
//	err := html.Write(w, r, html.Options{Generator: "sovmeter 1.4"})
//
// # What is on it
//
// First what one more call costs, then the key figures, then three charts: the
// power over the period by where it went, the cost of each model, and what
// electricity cost so far against what the same answers would have cost
// elsewhere, with the break-even. Under them stand all tables of the report,
// and what the figures rest on. The figures are the texts of report.Grids, so
// they agree with every other format to the digit.
//
// # What it may do
//
// Nothing. There is no script. A policy in the page's head refuses all content
// but the one style sheet in it, named by its hash, so that a name out of a log
// could not load or run anything even if it got past the escaping. Colours
// follow the reader's light or dark scheme.
//
// # Charts
//
// Charts are inline SVG. Positions along the time axis are percentages, so a
// chart is as wide as the page while its text keeps its size: one drawing serves
// a phone and a wide screen. Each has a title, a description and a table of the
// same figures; layers differ in texture as well as in colour, and lines in
// their dashes.
//
// Time without a measurement is hatched: its power is unknown, and neither zero
// nor interpolated. Where a meter of the whole machine went on in a gap, its power
// is a layer of its own: nobody knows whose it was. A line of sums is broken on days that are not known.
//
// # Limits
//
// A chart draws at most 400 points; longer curves are merged to means. The table
// of a chart has fewer rows still. The chart of costs has the first twelve
// models; all are in the table.
package html
