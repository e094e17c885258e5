// Package foreign reads prices and carbon intensities from the files of the
// services that publish them, as users download them, into a series.Series. It
// reads; nothing here goes to the network.
//
// # What is read
//
// Formats lists the formats; the function that reads one says where its service
// documents it, and which of its figures are taken. A file's format is told by how
// it begins. JSON is read by the objects in it, wherever they stand, so a file may
// hold a whole answer, a part of it, or several answers one after the other.
//
//	r, err := foreign.Import(file, foreign.Options{Load: time.LoadLocation})
//	// r.Series in r.Header.Unit, such as EUR/kWh; r.Left says what was left out
//
// # What becomes of the figures
//
//   - Units become a currency's unit, or grams, per kWh, exactly: 18.34 p/kWh is
//     0.1834 GBP/kWh, 880 lbs/MWh are 399.1612856 g/kWh. They are rounded once, half
//     to even, to a billionth.
//   - Figures for less than 15 minutes become the mean of each 15-minute slot, or of
//     the hour where that is what is billed (ComEd). A slot of which a part is
//     missing is not known.
//   - A format that tells only when a figure begins lets it hold until the next one
//     begins, and no longer than the one before it did.
//   - What is missing, null or said to be missing is a hole. It is not filled, save
//     where a format leaves out what repeats (ENTSO-E's curve type A03).
//   - What a file says twice must be the same both times, or it is an error.
//   - Times without a zone need Options.Zone. When a clock is put back it shows a
//     time twice: the first row of it is the earlier. Of a file that has only the
//     later one this is wrong; a file that has one row for both leaves a hole.
//   - Prices of a market are without tax. Where a file has prices with and without,
//     Options.VAT chooses.
//
// # Limits
//
// A file may have MaxBytes and series.MaxPoints figures; a single entry of it a
// megabyte. Memory grows with the figures, some hundred bytes each, not with the
// file around them. Errors name the line.
package foreign
