package config

import _ "embed"

//go:embed example.yaml
var example string

// Example is a commented file that sets every key to its default or to a
// likely value.
func Example() string { return example }
