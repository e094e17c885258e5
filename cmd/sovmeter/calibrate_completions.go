package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// meetTimeout is for questions about the server itself; firstTimeout for the
	// first answer, before which the model is loaded.
	meetTimeout  = 5 * time.Second
	firstTimeout = 10 * time.Minute
	// mostAnswered bounds what is read of an answer.
	mostAnswered = 4 << 20
)

// completions asks a model server for completions over the interface that
// OpenAI's has made usual: llama-server, Ollama, LM Studio, MLX's and vLLM all
// have it. What it answers is thrown away.
type completions struct {
	name  string
	base  string
	model string
	token string
	chat  bool // it has only chat completions
	slots int  // how many it answers at a time; 0: not known
	http  *http.Client
}

func newCompletions(name, base, token string) *completions {
	return &completions{
		name: name, base: strings.TrimSuffix(strings.TrimSuffix(base, "/"), "/v1"), token: token,
		// No proxy of the environment and no redirects: the server is on this machine.
		http: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// answerError is an answer that is no completion.
type answerError struct {
	path   string
	status int
}

func (e *answerError) Error() string {
	return fmt.Sprintf("%s: status %d %s", e.path, e.status, http.StatusText(e.status))
}

// Hint says what is likely.
func (e *answerError) Hint() string {
	switch e.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "it wants another token: name its file with token_file in the config, or with --token-file beside --url"
	case http.StatusNotFound:
		return "is this a model server with an interface like OpenAI's, and has it this model? Its own log says more"
	}
	return "the server's own log says more"
}

// modelChoiceError is returned when a server has several models, or not the one
// that is wanted.
type modelChoiceError struct {
	server, wanted string
	models         []string
}

func (e *modelChoiceError) Error() string {
	if e.wanted != "" {
		return fmt.Sprintf("server %s has no model %q", e.server, e.wanted)
	}
	return fmt.Sprintf("server %s has %d models", e.server, len(e.models))
}

// Hint lists the models.
func (e *modelChoiceError) Hint() string {
	const most = 12
	list := strings.Join(e.models[:min(most, len(e.models))], ", ")
	if len(e.models) > most {
		list += ", …"
	}
	return "name the one that is to work with --model: " + printable(list)
}

// meet finds out which model the server has, and how many requests it answers at
// a time.
func (c *completions) meet(ctx context.Context, wanted string) error {
	ctx, cancel := context.WithTimeout(ctx, meetTimeout)
	defer cancel()
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := c.ask(ctx, http.MethodGet, "/v1/models", nil, &list); err != nil {
		return err
	}
	var models []string
	for _, m := range list.Data {
		models = append(models, m.ID)
	}
	switch {
	case wanted != "" && (len(models) == 0 || slices.Contains(models, wanted) || len(models) == 1):
		c.model = wanted
	case wanted == "" && len(models) == 1:
		c.model = models[0]
	case wanted == "" && len(models) == 0:
		return &hintError{fmt.Errorf("server %s has no model", c.name), "load one into it"}
	default:
		return &modelChoiceError{c.name, wanted, models}
	}
	var props struct {
		Slots int `json:"total_slots"`
	}
	if c.ask(ctx, http.MethodGet, "/props", nil, &props) == nil { // llama-server alone has it
		c.slots = max(0, props.Slots)
	}
	return nil
}

// first has the server answer once, so that its model is loaded, and finds out
// which interface it has.
func (c *completions) first(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, firstTimeout)
	defer cancel()
	err := c.complete(ctx, numbers(8), 4)
	var answer *answerError
	if errors.As(err, &answer) && (answer.status == http.StatusNotFound || answer.status == http.StatusMethodNotAllowed || answer.status == http.StatusNotImplemented) {
		c.chat = true
		err = c.complete(ctx, numbers(8), 4)
	}
	return err
}

// complete asks for up to so many tokens after a prompt, and waits for them.
func (c *completions) complete(ctx context.Context, prompt string, tokens int) error {
	body := map[string]any{
		"model": c.model, "max_tokens": tokens, "stream": false, "temperature": 1,
		"ignore_eos": true, "cache_prompt": false, // llama-server and vLLM know them
	}
	path := "/v1/completions"
	if c.chat {
		path = "/v1/chat/completions"
		body["messages"] = []map[string]string{{"role": "user", "content": prompt}}
	} else {
		body["prompt"] = prompt
	}
	return c.ask(ctx, http.MethodPost, path, body, nil)
}

// ask asks once. Errors hold neither prompt nor answer nor token.
func (c *completions) ask(ctx context.Context, method, path string, body, into any) error {
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("ask server %s: %w", c.name, err)
		}
		payload = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, payload)
	if err != nil {
		return fmt.Errorf("ask server %s: %w", c.name, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		var asked *url.Error
		if errors.As(err, &asked) {
			err = asked.Err
		}
		return fmt.Errorf("ask server %s at %s: %w", c.name, c.base, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, mostAnswered))
	if err != nil {
		return fmt.Errorf("ask server %s: %w", c.name, err)
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("ask server %s at %s: %w", c.name, c.base, &answerError{path, res.StatusCode})
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("ask server %s at %s: %s: the answer is not understood", c.name, c.base, path)
	}
	return nil
}

func (c *completions) close() { c.http.CloseIdleConnections() }
