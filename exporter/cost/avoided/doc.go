// Package avoided says what the tokens that were answered here would have cost
// at a provider.
package avoided
