package jsonl_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

// beyondSchema are the reasons for refusing a line that no schema can state:
// they are about two fields at once, or about the calendar.
func beyondSchema(err error) bool {
	return slices.ContainsFunc([]string{
		"given twice", "before start", "not between start and end", "more than", "not input_tokens less", "not the same as", "there with energy",
	}, func(reason string) bool { return strings.Contains(err.Error(), reason) })
}

// agree holds the reader and the schema together over one line.
func agree(t *testing.T, schema *checker, line string) {
	t.Helper()
	_, err := jsonl.Decode([]byte(line))
	if errors.Is(err, jsonl.ErrNotRequest) {
		err = nil
	}
	switch ok := schema.line([]byte(line)); {
	case err == nil && !ok:
		t.Errorf("read, but refused by the schema: %s", line)
	case err != nil && ok && !beyondSchema(err):
		t.Errorf("%v, but fine for the schema: %s", err, line)
	}
}

// fieldsOf are the fields of the schema, by name.
func fieldsOf(t *testing.T) []string {
	t.Helper()
	var schema struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(jsonl.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range schema.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestSchemaAndReader puts values of every kind into every field.
func TestSchemaAndReader(t *testing.T) {
	schema := newChecker(t, jsonl.Schema())
	values := []string{
		`null`, `true`, `false`, `0`, `-0`, `-0.0`, `1`, `-1`, `0.5`, `1.5`, `1.0`, `1e0`, `10e-1`, `15e-1`, `1e3`, `1E+3`, `-1e-30`, `1e-400`, `0e999999999`,
		`1`, `1.000000000000000000001`, `1000000`, `1000000.0000000001`, `10000000`, `10000001`, `1e9`, `1000000000.0000000001`, `1e12`, `1000000000001`, `1000000000000.5`,
		`9007199254740993`, `1e15`, `1000000000000000.1`, `1e999`, `1e99999999999999999999`, `1e-99999999999999999999`,
		`""`, `"x"`, `"5"`, `"NaN"`, `"two words"`, `"ok"`, `"cancelled"`, `"measured"`, `"gap"`, `"\u006fk"`, `"chat"`, `"invoke_agent"`, `"api.example.com"`,
		`"2026-11-24T06:00:01Z"`, `"2026-11-24T06:00:01.123456789123+23:59"`, `"2026-11-24t06:00:01z"`, `"2026-11-24 06:00:01Z"`, `"2026-11-24T06:00:01,5Z"`,
		`"2026-11-24T6:00:01Z"`, `"2026-11-24T06:00:60Z"`, `"2026-11-24T24:00:00Z"`, `"2026-13-24T06:00:01Z"`, `"2026-11-24T06:00:01+24:00"`, `"2026-11-24T06:00:01.Z"`,
		`"1969-12-31T23:59:59Z"`, `"2200-01-01T00:00:00Z"`, `"2026-11-24T06:00:01Z\n"`, `"2026-11-24T06:00:01"`,
		`[]`, `["stop"]`, `["stop",null]`, `[1]`, `{}`, `{"a":[1,{"b":"]"}]}`,
	}
	for _, name := range fieldsOf(t) {
		for _, v := range values {
			agree(t, schema, line(name, v))
			agree(t, schema, line("energy_joules", "3", "prefill_joules", "1", "decode_joules", "2", "error_joules", "0", name, v))
			agree(t, schema, line("sovmeter.remote", "true", name, v))
		}
	}
	for _, l := range []string{``, `null`, `[]`, `{}`, `"x"`, `{"start":"2026-11-24T06:00:00Z"}`, `{"end":"2026-11-24T06:00:00Z"}`} {
		agree(t, schema, l)
	}
}

// line is a line with the given fields, each in the place of the one of the
// same name before it.
func line(fields ...string) string {
	all := append([]string{"start", `"2026-11-24T06:00:00.25Z"`, "end", `"2026-11-24T06:00:03Z"`}, fields...)
	at := map[string]int{}
	var parts []string
	for i := 0; i < len(all); i += 2 {
		part := fmt.Sprintf("%q:%s", all[i], all[i+1])
		if j, again := at[all[i]]; again {
			parts[j] = part
			continue
		}
		at[all[i]] = len(parts)
		parts = append(parts, part)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// TestSchemaKnowsTheFields: a field of the format that the schema lacks would
// pass it unchecked.
func TestSchemaKnowsTheFields(t *testing.T) {
	names := fieldsOf(t)
	for _, name := range names {
		_, err := jsonl.Decode([]byte(line(name, "1", name+"2", "1")))
		_, twice := jsonl.Decode([]byte(`{` + times + `,"` + name + `":null,"` + name + `":null}`))
		if twice == nil || !strings.Contains(twice.Error(), name) {
			t.Errorf("the reader does not know %s of the schema: %v, %v", name, err, twice)
		}
	}
	if len(names) != jsonl.Fields {
		t.Errorf("the schema has %d fields, the reader %d", len(names), jsonl.Fields)
	}
}

// FuzzSchema: what is read is fine for the schema, and what is fine for the
// schema is read, but for what no schema can say.
func FuzzSchema(f *testing.F) {
	f.Add(line("gen_ai.usage.input_tokens", "1e3", "first_token", `"2026-11-24T06:00:01+00:00"`))
	f.Add(line("sovmeter.remote", "true", "sovmeter.spend_usd", "1.25e-5", "gen_ai.provider.name", `"openai"`))
	f.Add(line("energy_joules", "3", "prefill_joules", "1", "decode_joules", "2", "error_joules", "0", "late", "true"))
	f.Add(`{"start":"2026-02-30T00:00:00Z","end":"2199-12-31T23:59:59-23:59"}`)
	schema := newChecker(f, jsonl.Schema())
	f.Fuzz(func(t *testing.T, line string) {
		_, err := jsonl.Decode([]byte(line))
		if err != nil && (strings.HasSuffix(err.Error(), "not an RFC 3339 time") || strings.HasSuffix(err.Error(), "not in the years 1970 to 2199")) {
			return // the calendar, and years at the edge in another zone
		}
		agree(t, schema, line)
	})
}
