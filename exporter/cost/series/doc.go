// Package series holds figures that change with time, such as spot prices and
// the carbon intensity of a grid, and reads and writes them as plain files.
//
// # A series
//
// A Series is a list of points: an exact value and the half-open time that it
// holds for. Points begin and end on 15-minute marks of UTC and do not overlap.
// What lies between two points is a hole: nothing is known there, and At says
// so. Nothing is interpolated and nothing is carried on.
//
// # The file format
//
// Read and Write speak a CSV file that people can write by hand and that every
// spreadsheet opens. Lines that begin with # say what the values are, one key
// each; then come the column names, then one line a point:
//
//		# sovmeter series v1
//		# quantity: price
//		# unit: EUR/kWh
//		# vat: excluded
//		# source: day-ahead market, DE-LU
//		start,end,value
//		2026-03-01T00:00:00Z,2026-03-01T00:15:00Z,0.0871
//		2026-03-01T00:15:00Z,2026-03-01T00:30:00Z,-0.00314
//
//	  - The first line is how the format is known; v1 is its version.
//	  - unit is needed: a currency's ISO 4217 code and /kWh for a price, g/kWh
//	    for carbon intensity, or ratio for a share of one.
//	  - quantity is price, carbon or ratio and must fit the unit; it may be left
//	    out.
//	  - vat is included or excluded; left out, it is not known. source is free
//	    text. An unknown key is an error, as a misspelt one would be lost.
//	  - Stamps are RFC 3339; Write prints UTC, Read takes any offset. They lie on
//	    15-minute marks.
//	  - Values are plain decimals with a point and at most nine decimals, which
//	    are kept exactly. They may be negative.
//	  - Lines may come in any order. Two lines that say different things of one
//	    time are an error.
//
// What is written reads back the same, to the last digit. Package foreign,
// below this one, reads the files of price and carbon services.
package series
