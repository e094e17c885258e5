package llamaswap

import (
	"errors"
	"fmt"
)

var (
	// ErrAddress is wrapped by the error of asking a server that is neither on
	// this machine nor on a private network, without being allowed to.
	ErrAddress = errors.New("neither a loopback nor a private address")
	// ErrResponse is wrapped by the error for an answer that is not a list of
	// entries. It never holds any of it.
	ErrResponse = errors.New("answer not understood")
	// ErrTooLarge is wrapped by the error for an answer of more than 8 MiB.
	ErrTooLarge = errors.New("answer larger than 8 MiB")
	// ErrStatus is wrapped by the error for an answer with another status than 200.
	ErrStatus = errors.New("refused")
	// ErrURL is wrapped by NewActivity's error for a URL that cannot be asked.
	ErrURL = errors.New("not a URL of a llama-swap")
	// ErrToken is wrapped by NewActivity's error for a token that no header can
	// hold. It never holds the token.
	ErrToken = errors.New("token with characters that a header cannot hold")
)

// errMissing is wrapped by the error for an address that the server does not have.
var errMissing = fmt.Errorf("%w: status 404", ErrStatus)

// ActivityError is returned when the activity of a llama-swap could not be read.
// It is worth trying again, which Activity does by itself.
type ActivityError struct {
	URL  string
	Err  error
	Hint string // what the operator can do about it; may be empty
}

// Error says what was asked, what went wrong, and the hint.
func (e *ActivityError) Error() string {
	s := "get activity of " + e.URL + ": " + e.Err.Error()
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Unwrap returns the cause.
func (e *ActivityError) Unwrap() error { return e.Err }
