package jsonl

import _ "embed"

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of a line. A line that the
// schema refuses is refused by the reader; the reader alone sees what no
// schema can say, such as an end before its start.
func Schema() []byte { return []byte(schema) }
