package jsonl

import "errors"

// FieldError is returned when a line or a record cannot be used because of one
// of its fields. It never holds what the field contained.
type FieldError struct {
	Field  string // empty when the line as a whole is meant
	Reason string
}

// Error names the field and says what is wrong with it.
func (e *FieldError) Error() string {
	if e.Field == "" {
		return e.Reason
	}
	return e.Field + ": " + e.Reason
}

// ErrTime is wrapped by the error for a record whose time has no RFC 3339 form.
var ErrTime = errors.New("time outside the years 1 to 9999")
