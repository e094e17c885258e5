package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/proxy"
)

// llamaServer is the address of a running llama-server, for the tests that
// hold the proxy against a real one.
func llamaServer(t *testing.T) string {
	t.Helper()
	u := os.Getenv("SOVMETER_LLAMA_SERVER")
	if u == "" {
		t.Skip("needs a llama-server: run one and set SOVMETER_LLAMA_SERVER to its URL, such as http://127.0.0.1:8080")
	}
	return u
}

// tee is a TCP relay that keeps what the server sent on each connection.
type tee struct {
	mu    sync.Mutex
	sent  []*bytes.Buffer
	conns sync.WaitGroup
}

func newTee(t *testing.T, server string) (*tee, string) {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &tee{}
	w.conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.conns.Go(func() { w.relay(c, u.Host) })
		}
	})
	t.Cleanup(func() { l.Close(); w.conns.Wait() })
	return w, "http://" + l.Addr().String()
}

func (w *tee) relay(c net.Conn, server string) {
	defer c.Close()
	s, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer s.Close()
	kept := &bytes.Buffer{}
	w.mu.Lock()
	w.sent = append(w.sent, kept)
	w.mu.Unlock()
	var up sync.WaitGroup
	up.Go(func() {
		_, _ = io.Copy(s, c)
		s.Close()
	})
	_, _ = io.Copy(io.MultiWriter(kept, c), s)
	c.Close()
	up.Wait()
}

// answers are the responses that the server sent, by their id. The connections
// must have ended. A body that broke off is there as far as it went.
func (w *tee) answers(t *testing.T) map[string]answer {
	t.Helper()
	out := map[string]answer{}
	for _, conn := range w.sent {
		r := bufio.NewReader(conn)
		for {
			res, err := http.ReadResponse(r, &http.Request{Method: http.MethodPost})
			if err != nil {
				break
			}
			body, err := io.ReadAll(res.Body)
			out[idOf(body)] = answer{res.Header, string(body)}
			if err != nil {
				break
			}
		}
	}
	return out
}

type answer struct {
	header http.Header
	body   string
}

func idOf(body []byte) string {
	return string(regexp.MustCompile(`chatcmpl-\w+`).Find(body))
}

// ask is one request of the load.
type ask struct {
	body   string
	stream bool
	stopAt int // events after which the client goes; 0: it stays
}

func load(n int, seed uint64) []ask {
	rnd := rand.New(rand.NewPCG(seed, 0))
	words := strings.Fields("abide hello machine model token energy power joule watt prompt answer river cloud local owned server kilo meter")
	all := make([]ask, n)
	for i := range all {
		var prompt []string
		for range []int{5, 20, 80}[rnd.IntN(3)] {
			prompt = append(prompt, words[rnd.IntN(len(words))])
		}
		a := ask{stream: i%2 == 0}
		limit := []int{8, 40, 120}[rnd.IntN(3)]
		doc := map[string]any{
			"model": "tiny", "messages": []any{map[string]any{"role": "user", "content": strings.Join(prompt, " ")}},
			"max_tokens": limit, "seed": i, "temperature": 0.8, "cache_prompt": i%3 == 0, "stream": a.stream,
		}
		if a.stream && i%4 == 0 {
			doc["stream_options"] = map[string]any{"include_usage": true}
		}
		if a.stream && rnd.IntN(5) == 0 {
			a.stopAt = 1 + limit/3
		}
		text, err := json.Marshal(doc)
		if err != nil {
			panic(err)
		}
		a.body = string(text)
		all[i] = a
	}
	return all
}

// send sends the request and returns what came, whole or until the client went.
func (a ask) send(ctx context.Context, client *http.Client, base, name string) (answer, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, base+chat, strings.NewReader(a.body))
	if err != nil {
		return answer{}, err
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set(proxy.ClientHeader, name)
	res, err := client.Do(q)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	var got bytes.Buffer
	r := bufio.NewReader(res.Body)
	for events := 0; a.stopAt == 0 || events < a.stopAt; {
		line, err := r.ReadString('\n')
		got.WriteString(line)
		if line == "\n" {
			events++
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return answer{}, err
		}
	}
	return answer{res.Header, got.String()}, nil
}

// sendAll sends a load from four clients at a time.
func sendAll(t *testing.T, all []ask, client *http.Client, base string) []answer {
	t.Helper()
	got := make([]answer, len(all))
	next := make(chan int)
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for i := range next {
				var err error
				if got[i], err = all[i].send(t.Context(), client, base, fmt.Sprint("c", i)); err != nil {
					t.Errorf("request %d: %v", i, err)
				}
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	clients.Wait()
	return got
}

// account is what the client knows of its own request.
type account struct {
	Usage *struct {
		Prompt  int64 `json:"prompt_tokens"`
		Output  int64 `json:"completion_tokens"`
		Details struct {
			Cached int64 `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	} `json:"usage"`
	Timings *struct {
		Cached int64 `json:"cache_n"`
		Prompt int64 `json:"prompt_n"`
		Output int64 `json:"predicted_n"`
	} `json:"timings"`
}

// tokens are the fresh, cached and output tokens by the client's account.
func (a answer) tokens(t *testing.T) (out [3]int64, told bool) {
	t.Helper()
	for line := range strings.Lines(a.body) {
		var doc account
		if json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &doc) != nil {
			continue
		}
		if u := doc.Usage; u != nil {
			return [3]int64{u.Prompt - u.Details.Cached, u.Details.Cached, u.Output}, true
		}
		if u := doc.Timings; u != nil {
			out, told = [3]int64{u.Prompt, u.Cached, u.Output}, true
		}
	}
	return out, told
}

// TestLlamaServer sends 200 requests through the proxy to a real llama-server,
// half of them streamed, some of which the client leaves. What clients got is
// what the server sent, to the byte, and the log has their tokens.
func TestLlamaServer(t *testing.T) {
	w, through := newTee(t, llamaServer(t))
	r := newRig(t, nil, withUpstream(through))
	r.client.Timeout = 0
	all := load(200, 1)
	got := sendAll(t, all, r.client, r.url)
	records := map[string]attribution.Request{}
	for _, rec := range r.records() {
		records[rec.Request.Client] = rec.Request
	}
	r.client.CloseIdleConnections()
	eventually(t, "the last connection to the server ends", func() bool {
		return goroutinesOf("(*tee).relay") == 0
	})
	sent := w.answers(t)
	cancelled, estimated := 0, 0
	for i, a := range all {
		from, ok := sent[idOf([]byte(got[i].body))]
		switch {
		case !ok:
			t.Errorf("request %d: the server sent no such answer", i)
		case a.stopAt == 0 && from.body != got[i].body, !strings.HasPrefix(from.body, got[i].body):
			t.Errorf("request %d: (-sent +got)\n%s", i, cmp.Diff(from.body, got[i].body))
		}
		from.header.Del("Keep-Alive")
		if diff := cmp.Diff(from.header, got[i].header); diff != "" {
			t.Errorf("request %d: headers (-sent +got)\n%s", i, diff)
		}
		q, ok := records[fmt.Sprint("c", i)]
		if !ok {
			t.Errorf("request %d is not in the log", i)
			continue
		}
		tokens, told := got[i].tokens(t)
		switch want := (attribution.Count{N: tokens[2], Known: true}); {
		case told && (q.Outcome != attribution.OutcomeOK || q.Output != want || q.Input != known(tokens[0]) || q.Cached != known(tokens[1]) || q.TokensEstimated):
			t.Errorf("request %d: %+v, the client's account: %v", i, q, tokens)
		case !told && a.stopAt == 0:
			t.Errorf("request %d: the client was told of no tokens", i)
		case !told && (q.Outcome != attribution.OutcomeCancelled || !q.TokensEstimated):
			t.Errorf("request %d, left by the client: %+v", i, q)
		}
		if !told {
			cancelled++
		}
		if q.TokensEstimated {
			estimated++
		}
	}
	t.Logf("%d requests, %d cancelled, %d estimated; %+v", len(all), cancelled, estimated, r.proxy.Stats())
}

// TestLlamaServerDirectly compares with what the server answers without the
// proxy to the same request with the same seed, one after the other: with
// others at the same time the server's own arithmetic is not the same.
func TestLlamaServerDirectly(t *testing.T) {
	server := llamaServer(t)
	r := newRig(t, nil, withUpstream(server))
	r.client.Timeout = 0
	plain := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	// What differs from one answer to the next by its nature.
	own := regexp.MustCompile(`"(id|created)":("chatcmpl-\w+"|\d+)|"timings":\{[^}]*\}`)
	same := 0
	for i, a := range load(200, 2) {
		a.stopAt = 0
		a.body = strings.Replace(a.body, `"cache_prompt":true`, `"cache_prompt":false`, 1)
		direct, err := a.send(t.Context(), plain, server, "direct")
		if err != nil {
			t.Fatal(err)
		}
		proxied, err := a.send(t.Context(), r.client, r.url, "proxied")
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range []string{"Keep-Alive", "Content-Length"} { // the latter counts the digits of timings
			direct.header.Del(h)
			proxied.header.Del(h)
		}
		diff := cmp.Diff(direct.header, proxied.header) + cmp.Diff(own.ReplaceAllString(direct.body, "$1"), own.ReplaceAllString(proxied.body, "$1"))
		if diff != "" {
			t.Errorf("request %d (-direct +proxied):\n%s", i, diff)
			continue
		}
		same++
	}
	t.Logf("%d answers are the same", same)
}
