package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/attribution"
)

// poll polls a log until it gives a request, and returns that and the last
// checkpoint.
func poll(t *testing.T, l *serverLog) (attribution.Request, []byte) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		u, err := l.Poll(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if len(u.Requests) > 0 {
			return u.Requests[0], u.Checkpoint
		}
		select {
		case <-time.Tick(20 * time.Millisecond):
		case <-deadline:
			t.Fatal("no request came")
		}
	}
}

// A log that is an address is asked, and one request of it comes once, also
// over a restart.
func TestServerLogOfAnAddress(t *testing.T) {
	end := time.Now().UTC().Add(-time.Second)
	entries := fmt.Sprintf(`[{"id":0,"timestamp":%q,"model":"qwen3-8b","req_path":"/v1/chat/completions","resp_status_code":200,`+
		`"tokens":{"cache_tokens":10,"input_tokens":90,"output_tokens":40,"prompt_per_second":900,"tokens_per_second":80},"duration_ms":600}]`, end.Format(time.RFC3339Nano))
	var asked atomic.Int64
	swap := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, entries)
		asked.Add(1)
	}))
	defer swap.Close()
	open := func(resume []byte) *serverLog {
		return &serverLog{
			server: config.Server{Name: "swap", Log: swap.URL + "/api/metrics", Format: config.FormatAuto},
			since:  end.Add(-time.Minute), zone: time.UTC, resume: resume, logger: zerolog.Nop(),
		}
	}
	l := open(nil)
	r, checkpoint := poll(t, l)
	if r.Model != "qwen3-8b" || r.Server != "swap" || r.Output != attribution.Known(40) || r.Cached != attribution.Known(10) {
		t.Errorf("got %+v", r)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	asked.Store(0)
	again := open(checkpoint)
	defer again.Close()
	deadline := time.After(20 * time.Second)
	for looks := 0; asked.Load() < 3; looks++ { // the third look begins when the second is over
		u, err := again.Poll(time.Now().Add(time.Duration(looks) * 3 * time.Second))
		if err != nil || len(u.Requests) > 0 {
			t.Fatalf("after the restart: %v, %+v", err, u.Requests)
		}
		select {
		case <-time.Tick(10 * time.Millisecond):
		case <-deadline:
			t.Fatal("the address is not asked again")
		}
	}
}

// A folder of dated logs is followed from file to file.
func TestServerLogOfAFolder(t *testing.T) {
	folder := t.TempDir()
	day := time.Now().UTC()
	write := func(at time.Time, n int, lines string) {
		dir := filepath.Join(folder, at.Format("2006-01"))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, fmt.Sprintf("%s.%d.log", at.Format("2006-01-02"), n))
		if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stamp := day.Format("2006-01-02 15:04:05")
	write(day, 1, "["+stamp+"][INFO][LM STUDIO SERVER] Success! HTTP server listening on port 1234\n")
	l := &serverLog{
		server: config.Server{Name: "studio", Log: folder, Format: config.FormatAuto},
		since:  day.Add(-time.Minute), zone: time.UTC, logger: zerolog.Nop(),
	}
	defer l.Close()
	if _, err := l.Poll(day); err != nil {
		t.Fatal(err)
	}
	format, err := l.recognise()
	if err != nil || format != "lmstudio" {
		t.Errorf("format %q, %v", format, err)
	}
	write(day, 2, "["+stamp+"][INFO][LM STUDIO SERVER] Running chat completion on conversation with 2 messages.\n")
	u, err := l.Poll(day.Add(time.Second))
	if err != nil || u.Lines.Used == 0 {
		t.Errorf("the second file: %v, lines %+v", err, u.Lines)
	}
}

// A folder or file that is not there yet is waited for, also with a checkpoint:
// a home folder may be mounted after the daemon has started.
func TestServerLogWaitsForItsPlace(t *testing.T) {
	now := time.Now().UTC()
	line := func(n int) string {
		return fmt.Sprintf("[%s][INFO][LM STUDIO SERVER] Running chat completion on conversation with %d messages.\n", now.Format("2006-01-02 15:04:05"), n)
	}
	for _, inFolder := range []bool{true, false} {
		place := filepath.Join(t.TempDir(), "server-logs")
		write := func(n int) {
			file := place
			if inFolder {
				file = filepath.Join(place, now.Format("2006-01"), fmt.Sprintf("%s.%d.log", now.Format("2006-01-02"), n))
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteString(line(n)); err != nil {
				t.Fatal(err)
			}
		}
		open := func(resume []byte) *serverLog {
			return &serverLog{
				server: config.Server{Name: "studio", Log: place, Format: "lmstudio"},
				since:  now.Add(-time.Minute), zone: time.UTC, resume: resume, logger: zerolog.Nop(),
			}
		}
		l := open(nil)
		if _, err := l.Poll(now); err == nil {
			t.Error("a log that is not there is read")
		}
		write(1)
		u, err := l.Poll(now.Add(time.Second))
		if err != nil || u.Lines.Used != 1 {
			t.Errorf("folder %v: %v, lines %+v", inFolder, err, u.Lines)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}

		away := place + ".away"
		if err := os.Rename(place, away); err != nil {
			t.Fatal(err)
		}
		l = open(u.Checkpoint)
		defer l.Close()
		if _, err := l.Poll(now.Add(2 * time.Second)); err == nil {
			t.Error("a log that is away is read")
		}
		if err := os.Rename(away, place); err != nil {
			t.Fatal(err)
		}
		write(2)
		if u, err = l.Poll(now.Add(3 * time.Second)); err != nil || u.Lines.Used != 1 {
			t.Errorf("folder %v, resumed: %v, lines %+v", inFolder, err, u.Lines)
		}
	}
}

// A log of more than one poll's length is polled again at once.
func TestServerLogWithABacklog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "llama.log")
	line := "0.00.100.000 I srv  llama_server: initializing ...\n"
	if err := os.WriteFile(path, []byte(line+strings.Repeat("noise\n", 3_000_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	l := &serverLog{server: config.Server{Name: "s", Log: path, Format: "llamacpp"}, zone: time.UTC, logger: zerolog.Nop()}
	defer l.Close()
	for _, behind := range []bool{true, false} {
		if _, err := l.Poll(time.Now()); err != nil {
			t.Fatal(err)
		}
		if l.Behind() != behind {
			t.Errorf("behind %v, want %v", l.Behind(), behind)
		}
	}
}
