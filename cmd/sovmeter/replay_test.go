package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// recordedMac is a simulated machine as two files and its truth.
type recordedMac struct {
	power, log, started string
	truth               []sim.Truth
	totals              sim.Totals
}

func recordMac(t *testing.T) recordedMac {
	t.Helper()
	s := sim.Live()
	s.Length, s.Servers[0].Runs = 10*time.Minute, s.Servers[0].Runs[:1]
	s.Servers[0].Traffic[0].At = []time.Duration{20 * time.Second, 3 * time.Minute}
	folder := t.TempDir()
	r := recordedMac{power: filepath.Join(folder, "power.plist"), log: filepath.Join(folder, "server.log")}
	var power, log bytes.Buffer
	mac, err := sim.New(s, sim.Streams{Power: &power, Logs: map[string]io.Writer{"llama": &log}})
	if err != nil {
		t.Fatal(err)
	}
	if err := mac.Run(); err != nil {
		t.Fatal(err)
	}
	for path, data := range map[string][]byte{r.power: power.Bytes(), r.log: log.Bytes()} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.truth, r.totals, r.started = mac.TakeTruth(), mac.Totals(), mac.Runs("llama")[0].Start.Format(time.RFC3339Nano)
	return r
}

// replayed is what one replay printed and wrote.
type replayed struct {
	report   string
	requests []byte
}

func (r recordedMac) replay(t *testing.T) replayed {
	t.Helper()
	out := filepath.Join(t.TempDir(), "requests.jsonl")
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{
		"replay", "--powermetrics", r.power, "--log", r.log, "--started", r.started, "--requests", out, "--json", "--price", "0.3",
	}, &stdout, &stderr)
	if code != 0 {
		t.Fatalf("replay: code %d: %s", code, stderr.String())
	}
	requests, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return replayed{stdout.String(), requests}
}

func TestReplayBooksARecording(t *testing.T) {
	mac := recordMac(t)
	got := mac.replay(t)
	if again := mac.replay(t); again.report != got.report || !bytes.Equal(again.requests, got.requests) {
		t.Error("two replays of the same files differ")
	}
	var r struct {
		Energy struct {
			Measured  float64 `json:"measured_joules"`
			Inference float64 `json:"inference_joules"`
		} `json:"energy"`
	}
	if err := json.Unmarshal([]byte(got.report), &r); err != nil {
		t.Fatal(err)
	}
	if printed := float64(mac.totals.Printed); math.Abs(r.Energy.Measured-printed) > 1e-9*printed {
		t.Errorf("%v J reported of %v J in the recording", r.Energy.Measured, printed)
	}
	checkRequests(t, got.requests, mac.truth, r.Energy.Inference)
}

// checkRequests holds the written requests against the truth and the report.
func checkRequests(t *testing.T, lines []byte, truth []sim.Truth, inference float64) {
	t.Helper()
	var output, wantOutput, sum float64
	n := 0
	for sc := bufio.NewScanner(bytes.NewReader(lines)); sc.Scan(); n++ {
		var q struct{ Energy, Prefill, Decode, Error float64 }
		var fields map[string]any
		if err := json.Unmarshal(sc.Bytes(), &fields); err != nil {
			t.Fatal(err)
		}
		for name, to := range map[string]*float64{
			"energy_joules": &q.Energy, "prefill_joules": &q.Prefill, "decode_joules": &q.Decode, "error_joules": &q.Error,
		} {
			v, ok := fields[name].(float64)
			if !ok {
				t.Fatalf("request %d has no %s: %s", n, name, sc.Text())
			}
			*to = v
		}
		if d := q.Energy - q.Prefill - q.Decode; d > 1e-6 || d < -1e-6 || q.Energy <= 0 {
			t.Errorf("request %d: %v J is not %v and %v J", n, q.Energy, q.Prefill, q.Decode)
		}
		if fields["tier"] != "estimated" { // a recording has no process stats
			t.Errorf("request %d has tier %v", n, fields["tier"])
		}
		if v, ok := fields["gen_ai.usage.output_tokens"].(float64); ok {
			output += v
		}
		sum += q.Energy
	}
	for _, tr := range truth {
		if tr.Outcome == attribution.OutcomeOK {
			wantOutput += float64(tr.Output)
		}
	}
	if n != len(truth) || output != wantOutput {
		t.Errorf("%d requests with %v output tokens, there were %d with %v", n, output, len(truth), wantOutput)
	}
	if math.Abs(sum-inference) > 1e-6*inference {
		t.Errorf("requests sum to %v J, the report says %v J", sum, inference)
	}
}

// TestReplayByClient follows tags from the log to the report: what the clients'
// rows say is what the requests of each took.
func TestReplayByClient(t *testing.T) {
	mac := recordMac(t)
	plain := mac.replay(t)
	tagged, byClient := tagRequests(t, plain.requests)
	path := filepath.Join(t.TempDir(), "tagged.jsonl")
	if err := os.WriteFile(path, tagged, 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), []string{
		"replay", "--powermetrics", mac.power, "--log", path, "--price", "0.3", "--by", "client", "--json",
	}, &stdout, &stderr); code != 0 {
		t.Fatalf("replay: code %d: %s", code, stderr.String())
	}
	var r struct {
		Energy struct {
			Inference float64 `json:"inference_joules"`
		} `json:"energy"`
		Groups []struct {
			Name     *string  `json:"name"`
			Requests int      `json:"requests"`
			Energy   *float64 `json:"energy_joules"`
		} `json:"groups"`
	}
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, g := range r.Groups {
		name := ""
		if g.Name != nil {
			name = *g.Name
		}
		if g.Energy == nil || g.Requests != byClient[name] {
			t.Errorf("client %q: %d requests, energy %v; want %d requests", name, g.Requests, g.Energy, byClient[name])
			continue
		}
		sum += *g.Energy
	}
	if len(r.Groups) != len(byClient) || r.Energy.Inference <= 0 || math.Abs(sum-r.Energy.Inference) > 1e-9*r.Energy.Inference {
		t.Errorf("%d clients have %v J, want %d with %v", len(r.Groups), sum, len(byClient), r.Energy.Inference)
	}
}

// tagRequests gives two of three requests a client, and counts them by client.
func tagRequests(t *testing.T, lines []byte) (tagged []byte, byClient map[string]int) {
	t.Helper()
	byClient = map[string]int{}
	names := []string{"", "editor", "agents"}
	for i, line := range bytes.Split(bytes.TrimSpace(lines), []byte("\n")) {
		var fields map[string]any
		if err := json.Unmarshal(line, &fields); err != nil {
			t.Fatal(err)
		}
		name := names[i%len(names)]
		if name != "" {
			fields["client"] = name
		}
		byClient[name]++
		out, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		tagged = append(append(tagged, out...), '\n')
	}
	return tagged, byClient
}
