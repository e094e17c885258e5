package main

import (
	"io"

	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/exporter/report/html"
)

// writeFormat writes a report in any format there is.
func writeFormat(w io.Writer, r report.Report, f report.Format, o report.Options) error {
	if f == report.HTML {
		return html.Write(w, r, html.Options{Generator: "sovmeter " + version()})
	}
	return report.Write(w, r, f, o)
}

// writeReport writes a report as a table, or as JSON.
func writeReport(w io.Writer, r report.Report, asJSON bool, o report.Options) error {
	if asJSON {
		return writeFormat(w, r, report.JSON, o)
	}
	return writeFormat(w, r, report.Table, o)
}
