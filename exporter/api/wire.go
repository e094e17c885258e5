package api

// Version is the version of the interface that this package speaks.
const Version = 3

const (
	rangePath       = "/v3/range"
	calibrationPath = "/v3/calibration"
	// streamType is what store.WriteRange writes.
	streamType = "application/vnd.sovmeter.range"
	jsonType   = "application/json"
)

// answer is every answer that is not a range.
type answer struct {
	Version int    `json:"version"`
	Error   string `json:"error,omitempty"`
	Hint    string `json:"hint,omitempty"`
}
