package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
)

// goldenLogs are the logs in the formats' own testdata, by format.
func goldenLogs(t *testing.T) map[string][]string {
	t.Helper()
	logs := map[string][]string{}
	for _, f := range formats() {
		folder := filepath.Join("../../collector/requestlog", f.Name, "testdata")
		for _, pattern := range []string{"*.log", "*.lines", "builds/*.lines", "*.txt", "mixed.jsonl"} {
			files, err := filepath.Glob(filepath.Join(folder, pattern))
			if err != nil {
				t.Fatal(err)
			}
			logs[f.Name] = append(logs[f.Name], slices.DeleteFunc(files, func(p string) bool { return strings.HasSuffix(p, ".metrics.txt") })...)
		}
		if len(logs[f.Name]) == 0 {
			t.Errorf("format %s has no log to try", f.Name)
		}
	}
	return logs
}

// arrival is what stands before the lines of some golden logs: when they came.
var arrival = regexp.MustCompile(`(?m)^(-|@?[0-9.]+)[\t ]`)

func goldenLog(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(data, []byte("\n")); len(arrival.FindAll(data, -1)) == lines {
		data = arrival.ReplaceAll(data, nil)
	}
	return data
}

// Every format's logs are recognised as its own, before all other formats.
func TestFormatsAreToldApart(t *testing.T) {
	for name, files := range goldenLogs(t) {
		for _, file := range files {
			t.Run(name+"/"+filepath.Base(file), func(t *testing.T) {
				data := goldenLog(t, file)
				for _, crlf := range []bool{false, true} {
					if crlf {
						data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
					}
					if got, err := detect(bytes.NewReader(data)); err != nil || got != name {
						t.Errorf("recognised as %q, %v (CRLF %v)", got, err, crlf)
					}
				}
			})
		}
	}
}

// A checkpoint is taken up by the format that made it, and the log is not read
// again: also where others would take its lines, as llamacpp would Ollama's.
func TestCheckpointsOfRecognisedLogs(t *testing.T) {
	for name, files := range goldenLogs(t) {
		t.Run(name, func(t *testing.T) {
			data := goldenLog(t, files[0])
			log := filepath.Join(t.TempDir(), "server.log")
			if err := os.WriteFile(log, data, 0o600); err != nil {
				t.Fatal(err)
			}
			open := func(resume []byte) *serverLog {
				return &serverLog{
					server: config.Server{Name: "s", Log: log, Format: config.FormatAuto},
					zone:   time.UTC, resume: resume, logger: zerolog.Nop(),
				}
			}
			l := open(nil)
			u, err := l.Poll(time.Now())
			if err != nil || u.Lines.Used == 0 || u.Checkpoint == nil {
				t.Fatalf("%v, lines %+v, checkpoint of %d bytes", err, u.Lines, len(u.Checkpoint))
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			again := open(u.Checkpoint)
			defer again.Close()
			more, err := again.Poll(time.Now())
			if err != nil || more.Lines.Used+more.Lines.Ignored+more.Lines.Malformed != 0 || len(more.Requests) != 0 {
				t.Errorf("%v, lines %+v, %d requests again", err, more.Lines, len(more.Requests))
			}
			if again.resume == nil {
				t.Error("the checkpoint was not taken")
			}
		})
	}
}
