// Package series holds figures that change with time, such as spot prices and
// the carbon intensity of a grid, and reads them from files.
package series
