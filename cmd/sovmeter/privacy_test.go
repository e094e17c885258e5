package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// secret stands for what somebody asked a model.
const secret = "the-secret-question"

// spoil puts the secret into every kind of line that a log may hold, and into
// lines of its own, as debug levels print prompts.
func spoil(log []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(log) {
		out.Write(line)
		text := strings.TrimRight(string(line), "\n")
		fmt.Fprintf(&out, "%s %s\n", text, secret)
		fmt.Fprintf(&out, "%s\n", secret)
		fmt.Fprintf(&out, "{\"type\":\"log\",\"time\":1,\"msg\":\"%s\"}\n", secret)
		fmt.Fprintf(&out, "{\"prompt\":\"%s\",\"gen_ai.request.model\":\"%s ?\"}\n", secret, secret)
	}
	return out.Bytes()
}

// TestPromptsAreKeptNowhere follows a log full of prompts through the whole
// pipeline and looks for them in everything that comes out and stays.
func TestPromptsAreKeptNowhere(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	s := sim.Live()
	s.Length, s.Servers[0].Traffic[0].At = 3*time.Minute, []time.Duration{20 * time.Second}
	var power, log bytes.Buffer
	mac, err := sim.New(s, sim.Streams{Power: &power, Logs: map[string]io.Writer{"llama": &log}})
	if err != nil {
		t.Fatal(err)
	}
	if err := mac.Run(); err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	powerPath, logPath := write("power.plist", power.Bytes()), write("server.log", spoil(log.Bytes()))
	out := filepath.Join(folder, "requests.jsonl")

	var stdout, stderr bytes.Buffer
	args := []string{"replay", "--powermetrics", powerPath, "--log", logPath, "--requests", out,
		"--started", mac.Runs("llama")[0].Start.Format(time.RFC3339Nano)}
	if code := run(context.Background(), args, &stdout, &stderr); code != 0 {
		t.Fatalf("replay: code %d: %s", code, stderr.String())
	}
	booked, err := os.ReadFile(out)
	if err != nil || len(booked) == 0 {
		t.Fatalf("nothing was booked, so nothing is shown: %v; %s", err, stderr.String())
	}
	for name, text := range map[string]string{"report": stdout.String(), "messages": stderr.String(), "requests": string(booked)} {
		if strings.Contains(text, secret) {
			t.Errorf("the %s hold what somebody asked", name)
		}
	}
}

// spoiled is a log into which every write goes with the secret around it.
type spoiled struct{ io.Writer }

func (s spoiled) Write(p []byte) (int, error) {
	_, err := s.Writer.Write(spoil(p))
	return len(p), err
}

// TestStoreHoldsNoPrompt looks into the bytes of the store itself.
func TestStoreHoldsNoPrompt(t *testing.T) {
	c := &crashing{T: t, folder: t.TempDir(), server: "llama"}
	s := sim.Live()
	s.Length, s.Servers[0].Traffic[0].At = 3*time.Minute, []time.Duration{20 * time.Second}
	log, err := os.Create(logPath(c.folder, c.server))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	mac, err := sim.New(s, sim.Streams{Logs: map[string]io.Writer{"llama": spoiled{log}}})
	if err != nil {
		t.Fatal(err)
	}
	c.boot()
	for at := s.Start; at.Before(s.Start.Add(s.Length)); at = at.Add(time.Second) {
		if err := mac.AdvanceTo(at); err != nil {
			t.Fatal(err)
		}
		c.collector.Poll(at)
	}
	c.collector.Finish()
	c.commit(s.Start.Add(2 * s.Length))
	stored := 0
	err = c.store.Requests(t.Context(), s.Start, s.Start.Add(time.Hour), func(attribution.Charge) error { stored++; return nil })
	if err != nil || stored == 0 {
		t.Fatalf("%d requests are stored, so nothing is shown: %v", stored, err)
	}
	c.die()
	err = filepath.WalkDir(c.folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == logPath(c.folder, c.server) {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(secret)) {
			t.Errorf("%s holds what somebody asked", path)
		}
		if len(data) == 0 {
			t.Errorf("%s is empty, so it shows nothing", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
