// Package prices knows what providers ask for tokens: dated prices, from
// tables as their publishers ship them.
package prices
