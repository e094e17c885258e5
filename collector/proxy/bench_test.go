package proxy_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/proxy"
)

// BenchmarkFirstByte measures how long the first byte of a streamed answer
// takes directly and through the proxy, in turns, so that both see the same
// machine. The server answers at once: what is added is all the proxy's.
func BenchmarkFirstByte(b *testing.B) {
	prompt := `{"model":"m1","stream":true,"messages":[{"role":"user","content":"` + strings.Repeat("a word of the prompt, ", 400) + `"}]}`
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, firstPart)
		flush(w)
		_, _ = io.WriteString(w, lastPart)
	}))
	defer upstream.Close()
	p, err := proxy.New(proxy.Config{Upstream: upstream.URL, Log: filepath.Join(b.TempDir(), "log"), Logger: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	if err := p.Open(); err != nil {
		b.Fatal(err)
	}
	front := httptest.NewServer(p)
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	firstByte := func(url string) time.Duration {
		begun := time.Now()
		res, err := client.Post(url+chat, "application/json", strings.NewReader(prompt))
		if err != nil {
			b.Fatal(err)
		}
		defer res.Body.Close()
		var one [1]byte
		if _, err := io.ReadFull(res.Body, one[:]); err != nil {
			b.Fatal(err)
		}
		took := time.Since(begun)
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			b.Fatal(err)
		}
		return took
	}
	for range 100 { // connections are made
		firstByte(upstream.URL)
		firstByte(front.URL)
	}
	var direct, proxied []time.Duration
	for b.Loop() {
		direct = append(direct, firstByte(upstream.URL))
		proxied = append(proxied, firstByte(front.URL))
	}
	b.StopTimer()
	front.Close()
	if err := p.Close(); err != nil {
		b.Fatal(err)
	}
	at := func(all []time.Duration, quantile float64) float64 {
		slices.Sort(all)
		return float64(all[int(quantile*float64(len(all)-1))]) / 1e3
	}
	for name, q := range map[string]float64{"p50": 0.5, "p99": 0.99} {
		d, x := at(direct, q), at(proxied, q)
		b.ReportMetric(d, name+"-direct-µs")
		b.ReportMetric(x, name+"-proxied-µs")
		b.ReportMetric(x-d, name+"-added-µs")
	}
	b.ReportMetric(0, "ns/op") // of both together: no number of interest
}

// BenchmarkThroughput measures a large answer on its way.
func BenchmarkThroughput(b *testing.B) {
	body := []byte(`{"data":[{"embedding":[` + strings.Repeat("0.0123456789,", 1<<20) + `0]}],"usage":{"prompt_tokens":8}}`)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // closing with unread bytes would break the answer off
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	defer upstream.Close()
	p, err := proxy.New(proxy.Config{Upstream: upstream.URL, Log: filepath.Join(b.TempDir(), "log"), Logger: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	if err := p.Open(); err != nil {
		b.Fatal(err)
	}
	front := httptest.NewServer(p)
	for _, path := range []struct{ name, path string }{{"read", "/v1/embeddings"}, {"passed", "/other"}} {
		b.Run(path.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				res, err := front.Client().Post(front.URL+path.path, "application/json", strings.NewReader("{}"))
				if err != nil {
					b.Fatal(err)
				}
				if n, err := io.Copy(io.Discard, res.Body); err != nil || n != int64(len(body)) {
					b.Fatal(n, err)
				}
				res.Body.Close()
			}
		})
	}
	front.Close()
	if err := p.Close(); err != nil {
		b.Fatal(err)
	}
}
