package prices_test

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

func TestWriteAndRead(t *testing.T) {
	full := sonnet(t)
	full.From, full.Until, full.Checked, full.Published = on(t, "2025-09-29"), on(t, "2026-03-13T12:30:00Z"), on(t, "2026-01-02"), on(t, "2026-02-02")
	full.Hours = prices.Hours{Start: 16*time.Hour + 30*time.Minute, End: 30 * time.Minute}
	full.Source = "genai-prices 2026-08-21"
	late := entry(t, "x", "y", "qwen3-32b", "0.000000001", "600")
	late.Hours = prices.Hours{Start: 12 * time.Hour, End: 24 * time.Hour}
	tab := table(t, full, late)
	var b bytes.Buffer
	if err := tab.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := prices.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tab.Entries(), got.Entries()); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

func TestReadText(t *testing.T) {
	tab, err := prices.Read(strings.NewReader(`{"schema": "sovmeter.prices/v1", "entries": [
		{"provider": "local utility", "model": "m", "currency": "EUR", "input": "0.10", "output": "1", "hours_utc": "08:00-24:00"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	e := tab.Entries()[0]
	if e.Currency() != "EUR" || e.Rates.Input.Decimal() != "0.1" || e.Rates.Cached.Decimal() != "" || e.Hours.End != 24*time.Hour {
		t.Errorf("got %+v", e)
	}
}

func TestReadRefuses(t *testing.T) {
	wrap := func(entry string) string { return `{"schema":"sovmeter.prices/v1","entries":[` + entry + `]}` }
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "line 1: the text ends before the table does"},
		{"cut", "{\n\"schema\": \"sovmeter", "line 2: the text ends"},
		{"another format", `[{"id":"openai"}]`, "a JSON array is no table of this format"},
		{"another schema", `{"schema":"v9","entries":[]}`, `schema is "v9", want sovmeter.prices/v1`},
		{"unknown key", wrap(`{"provider":"a","model":"b","inptu":"1"}`), `unknown field "inptu"`},
		{"number", "{\"schema\":\"sovmeter.prices/v1\",\n\"entries\":[{\"provider\":\"a\",\n\"model\":\"b\",\"input\":1.5}]}", "line 3: entry 1: input is a number, want a string (prices are decimals in quotes)"},
		{"no entry", "{\"schema\":\"sovmeter.prices/v1\",\"entries\":[\n0]}", "line 2: entry 1: a JSON number is no entry"},
		{"long", wrap(`{"provider":"a","model":"b","input":"1","output":"1","long":[{"above":1}]}`), `entry 1: long: json: unknown field "above"`},
		{"long number", wrap(`{"provider":"a","model":"b","input":"1","output":"1","long":[{"above_tokens":1,"input":2}]}`), `entry 1: long: input is a number, want a string`},
		{"long no list", wrap(`{"provider":"a","model":"b","input":"1","output":"1","long":{}}`), `entry 1: long is "{}", want a list`},
		{"names that a terminal obeys", wrap(`{"provider":"a","model":"b\u001b[31m","input":"0","output":"1"}`), `entry 1, "a" "b\x1b[31m": input: got "0"`},
		{"names that a terminal obeys, priced", wrap(`{"provider":"a","model":"b\u001b[31m","input":"1","output":"1"}`), `entry 1, "a" "b\x1b[31m": name`},
		{"price", wrap(`{"provider":"a","model":"b","input":"1e-3","output":"1"}`), `entry 1, a b: input: got "1e-3", want a price per million tokens such as 0.25`},
		{"free", wrap(`{"provider":"a","model":"b","input":"0","output":"1"}`), "0 is no price; leave the field out"},
		{"date", wrap(`{"provider":"a","model":"b","input":"1","output":"1","from":"1.2.2026"}`), `from: got "1.2.2026", want a day such as 2026-08-21`},
		{"hours", wrap(`{"provider":"a","model":"b","input":"1","output":"1","hours_utc":"night"}`), "hours_utc: got \"night\""},
		{"currency", wrap(`{"provider":"a","model":"b","input":"1","output":"1","currency":"usd"}`), "write it as USD"},
		{"weights", wrap(`{"provider":"a","model":"b","input":"1","output":"1","weights":"Qwen/Qwen3-32B"}`), "want a name in lower case"},
		{"tail", `{"schema":"sovmeter.prices/v1","entries":[]} {}`, "more text after the table"},
		{"twice", wrap(`{"provider":"a","model":"b","input":"1","output":"1"},{"provider":"A","model":"b","input":"1","output":"1"}`), "end the first with until"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := prices.Read(strings.NewReader(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q in it", err, tt.want)
			}
			if tt.name != "currency" && !errors.Is(err, prices.ErrTable) {
				t.Errorf("%v is no ErrTable", err)
			}
		})
	}
}

// A small file of brackets, or what is unpacked from a smaller one, takes little
// more memory than it has bytes.
func TestReadIsBounded(t *testing.T) {
	for _, entry := range []string{"{}", "0", `{"provider":"a"}`, `{"long":[` + strings.Repeat("0,", 1<<18) + `0]}`} {
		text := `{"schema":"sovmeter.prices/v1","entries":[` + strings.Repeat(entry+",", (1<<19)/(len(entry)+1)) + entry + "]}"
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := prices.Read(strings.NewReader(text)); !errors.Is(err, prices.ErrTable) {
			t.Errorf("%.10s: %v", entry, err)
		}
		runtime.ReadMemStats(&after)
		if used, most := after.TotalAlloc-before.TotalAlloc, uint64(120*len(text)); used > most {
			t.Errorf("%.10s: %d MB for %d MB", entry, used>>20, len(text)>>20)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"schema":"sovmeter.prices/v1","entries":[{"provider":"a","model":"b","input":"1","output":"1","long":[{"above_tokens":1,"input":"2","output":"3"}],"hours_utc":"01:00-24:00","from":"2026-01-02","batch_ratio":0.5}]}`)
	f.Add(`{"schema":"sovmeter.prices/v1","entries":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		tab, err := prices.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := tab.Write(&b); err != nil {
			t.Fatal(err)
		}
		again, err := prices.Read(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatalf("%v in what was written:\n%s", err, b.Bytes())
		}
		var c bytes.Buffer
		if err := again.Write(&c); err != nil || !bytes.Equal(b.Bytes(), c.Bytes()) {
			t.Errorf("%v; written again it is another table:\n%s\n%s", err, b.Bytes(), c.Bytes())
		}
	})
}
