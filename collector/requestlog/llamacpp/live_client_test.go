package llamacpp_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// call is one request to a running server, and then the client's account of it.
type call struct {
	words, limit int
	stream       bool
	// The client goes after this many events of the prompt's progress, or of
	// the answer; 0: it stays.
	progressed, answered int

	sent, ended           time.Time
	prompt, cached        int64
	processed             int64 // of a prompt that the client left
	output                int64 // at least, where the client left
	promptTime, evalTime  time.Duration
	leftPrompt, leftReply bool
}

func (c *call) left() bool { return c.leftPrompt || c.leftReply }

// calls are 40 requests, half of them streamed, some of which have a beginning
// in common. The last ten are left by the client.
func calls() (stayed, left []*call) {
	for i := range 30 {
		stayed = append(stayed, &call{words: []int{5, 20, 80, 200}[i%4], limit: 8 + i*7%90, stream: i%3 == 0})
	}
	for i := range 10 {
		c := &call{words: 30 + i, limit: 2000, stream: true, answered: 5 + 10*i}
		if i%2 == 0 {
			// Long, and of its own: the server is to notice before it is through.
			*c = call{words: 2000 + i, limit: 20, stream: true, progressed: 2 + i/4}
		}
		left = append(left, c)
	}
	return stayed, left
}

// body is the request as the server takes it.
func (c *call) body(name int) io.Reader {
	words := strings.Fields("joule watt hour model token server prompt answer river cloud")
	text := []string{fmt.Sprint("q", name%7)}
	if c.progressed > 0 {
		text[0] = fmt.Sprint(name, " alone")
	}
	for i := range c.words {
		text = append(text, words[i*(name%7+1)%len(words)])
	}
	doc, err := json.Marshal(map[string]any{
		"messages":   []any{map[string]any{"role": "user", "content": strings.Join(text, " ")}},
		"max_tokens": c.limit, "seed": name, "ignore_eos": true, "stream": c.stream, "return_progress": c.stream,
		"stream_options": map[string]any{"include_usage": c.stream},
	})
	if err != nil {
		panic(err)
	}
	return bytes.NewReader(doc)
}

// event is what one event of a streamed answer, or a whole answer, says.
type event struct {
	Progress *struct {
		Total, Cache, Processed int64
	} `json:"prompt_progress"`
	Choices []struct {
		Delta struct{ Content string }
	}
	Usage *struct {
		Prompt  int64 `json:"prompt_tokens"`
		Output  int64 `json:"completion_tokens"`
		Details struct {
			Cached int64 `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	}
	Timings struct {
		Prompt float64 `json:"prompt_ms"`
		Eval   float64 `json:"predicted_ms"`
	}
}

// take adds an event to the account, and is false when the client goes.
func (c *call) take(e event) bool {
	switch {
	case e.Usage != nil:
		c.prompt, c.cached, c.output = e.Usage.Prompt, e.Usage.Details.Cached, e.Usage.Output
		c.promptTime = time.Duration(e.Timings.Prompt * float64(time.Millisecond))
		c.evalTime = time.Duration(e.Timings.Eval * float64(time.Millisecond))
	case e.Progress != nil:
		c.prompt, c.cached, c.processed = e.Progress.Total, e.Progress.Cache, e.Progress.Processed
		c.progressed--
		c.leftPrompt = c.progressed == 0
	case len(e.Choices) > 0 && e.Choices[0].Delta.Content != "":
		c.output++
		c.answered--
		c.leftReply = c.answered == 0
	}
	return !c.left()
}

// send sends the request and follows the answer.
func (c *call) send(ctx context.Context, url string, name int) error {
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/chat/completions", c.body(name))
	if err != nil {
		return err
	}
	q.Close = true // who goes takes the connection along
	c.sent = time.Now()
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", res.Status)
	}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		text := strings.TrimPrefix(lines.Text(), "data: ")
		if text == "" || text == "[DONE]" {
			continue
		}
		var e event
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			return err
		}
		if !c.take(e) {
			c.ended = time.Now()
			return nil
		}
	}
	c.ended = time.Now()
	return lines.Err()
}

// sendAll sends the requests: four clients at a time those they stay with, and
// one after the other those that are left.
func sendAll(t *testing.T, url string, stayed, left []*call) {
	next := make(chan int, len(stayed))
	for i := range stayed {
		next <- i
	}
	close(next)
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for i := range next {
				if err := stayed[i].send(t.Context(), url, i); err != nil {
					t.Errorf("request %d: %v", i, err)
				}
			}
		})
	}
	for i, c := range left {
		if err := c.send(t.Context(), url, i); err != nil || !c.left() {
			t.Errorf("request %d, to be left: %v, left: %v", i, err, c.left())
		}
	}
	clients.Wait()
}
