package api

import "github.com/sovmeter/sovmeter/store"

// Version is the version of the JSON that this package writes and reads.
const Version = 1

const (
	rangePath = "/v1/range"
	jsonType  = "application/json"
)

// answer is every answer of the daemon. Either Range or Error is set.
type answer struct {
	Version int          `json:"version"`
	Range   *store.Range `json:"range,omitempty"`
	Error   string       `json:"error,omitempty"`
	Hint    string       `json:"hint,omitempty"`
}
