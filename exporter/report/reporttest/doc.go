// Package reporttest holds the renderings of one report against each other. All
// formats draw the same figures, so each is read back and compared: programs'
// formats to the last digit, people's to the digits that they show.
//
//	out, err := reporttest.Render(r, report.Options{Width: 240})
//	out[report.HTML] = page
//	for _, fault := range out.Disagreements() {
//		t.Error(fault)
//	}
//
// The rows of CSV are what the others are held against. JSON is not drawn from
// the same cells, so that a slip in the cells shows there. A format that is
// missing is not compared; HTML comes from a package of its own and is added by
// whoever has it.
//
// Tables for people are read by their headings, as a person would; a heading
// that this package does not know is a fault, so that no column goes unchecked.
// The table must have been drawn wide enough that no name wraps.
package reporttest
