package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

// stderr is where a running command writes; others may read it meanwhile.
type stderr struct {
	mu  sync.Mutex
	buf bytes.Buffer
	// line gets each line once it is there.
	line chan string
}

func (s *stderr) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buf.Write(p)
	s.line <- string(p)
	return len(p), nil
}

// TestProxyCommand runs the command as a user does, with a request through it,
// and reads its log as the daemon does.
func TestProxyCommand(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		_, _ = io.WriteString(w, `{"model":"qwen3:8b","message":{"content":"hello"},"done":false}`+"\n"+
			`{"model":"qwen3:8b","message":{"content":""},"done":true,"prompt_eval_count":26,"prompt_eval_cached_count":6,"eval_count":9}`+"\n")
	}))
	defer upstream.Close()
	log := filepath.Join(t.TempDir(), "ollama.jsonl")
	ctx, cancel := context.WithCancel(t.Context())
	errs := &stderr{line: make(chan string, 100)}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"proxy", "--listen", "127.0.0.1:0", "--upstream", upstream.URL, "--log", log, "--server", "ollama"}, io.Discard, errs)
	}()
	var address string
	select {
	case line := <-errs.line:
		address = regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(line)
	case <-time.After(20 * time.Second):
		t.Fatal("it does not begin")
	}
	client := http.Client{Timeout: 20 * time.Second}
	res, err := client.Post("http://"+address+"/api/chat?token=secret", "application/json", strings.NewReader(`{"model":"qwen3:8b"}`))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(res.Body); err != nil || !bytes.HasSuffix(body, []byte("\"eval_count\":9}\n")) {
		t.Errorf("%s, %v", body, err)
	}
	res.Body.Close()
	client.CloseIdleConnections()
	cancel()
	if c := <-code; c != exitOK {
		t.Errorf("code %d: %s", c, errs.buf.String())
	}
	if out := errs.buf.String(); strings.Contains(out, "secret") || !strings.Contains(out, "stopped") {
		t.Errorf("its own log: %s", out)
	}
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	p := jsonl.New(requestlog.Options{Server: "mine"})
	if v := p.Parse(requestlog.Line{Data: data}); v != requestlog.Used {
		t.Fatalf("%s: verdict %v", data, v)
	}
	q := p.Take().Requests[0]
	if q.Server != "mine" || q.Model != "qwen3:8b" || q.Input != attribution.Known(20) || q.Cached != attribution.Known(6) || q.Output != attribution.Known(9) {
		t.Errorf("%+v", q)
	}
}

// TestProxyMistakes: each ends with the code for wrong usage, and the way out.
func TestProxyMistakes(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	log := filepath.Join(t.TempDir(), "log")
	for _, tt := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"no log", nil, exitUsage, "--log is missing"},
		{"upstream", []string{"--log", log, "--upstream", "localhost:11434"}, exitUsage, "hint: write it as a URL, such as http://127.0.0.1:11434"},
		{"listen", []string{"--log", log, "--listen", "11435"}, exitUsage, "hint: write it as host:port"},
		{"server", []string{"--log", log, "--server", "my server"}, exitUsage, "hint: use letters"},
		{"drain", []string{"--log", log, "--drain", "0s"}, exitUsage, "--drain: got 0s"},
		{"log is a folder", []string{"--log", t.TempDir(), "--listen", "127.0.0.1:0"}, exitUsage, "hint: name a file in it"},
		{"argument", []string{"--log", log, "http://127.0.0.1:11434"}, exitUsage, "unknown command"},
		{"port in use", []string{"--log", log, "--listen", busy.Addr().String()}, exitRuntime, "hint: another program has the port"},
		{"log in no folder", []string{"--log", filepath.Join(log, "a", "b"), "--listen", "127.0.0.1:0"}, exitRuntime, "log: open"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var errs bytes.Buffer
			code := run(t.Context(), append([]string{"proxy"}, tt.args...), io.Discard, &errs)
			if code != tt.code || !strings.Contains(errs.String(), tt.says) {
				t.Errorf("code %d: %s", code, errs.String())
			}
		})
	}
}
