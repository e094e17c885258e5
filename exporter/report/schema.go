package report

import _ "embed"

//go:embed report.v1.schema.json
var schemaText string

// Schema returns the JSON Schema (draft 2020-12) of what WriteJSON writes.
func Schema() string { return schemaText }
