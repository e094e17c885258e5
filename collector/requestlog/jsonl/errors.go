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

var (
	// ErrTime is wrapped by the error for a record whose time has no RFC 3339 form.
	ErrTime = errors.New("time outside the years 1 to 9999")
	// ErrNotRequest is returned for a line whose gen_ai.operation.name is that of
	// an agent, a tool or a workflow: the inferences within have lines of their own.
	ErrNotRequest = errors.New("an operation that is no inference")
	// ErrNegative is wrapped by the error for a record with an amount below 0.
	ErrNegative = errors.New("negative amount")
)
