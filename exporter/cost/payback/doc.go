// Package payback says what a machine costs besides electricity, and when it
// has paid for itself.
package payback
