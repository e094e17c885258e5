package usage

import "strings"

// API is one of the interfaces whose responses are understood.
type API struct {
	// Name is the API's path without what differs from server to server, such
	// as chat/completions.
	Name string
	// cachedApart is set where the count of prompt tokens leaves those from
	// the cache out.
	cachedApart bool
	// embeds is set where the whole prompt is computed and nothing generated.
	embeds bool
}

// Embeds reports whether answers are short and come in one piece, and requests
// in great numbers.
func (a API) Embeds() bool { return a.embeds }

// Match returns the API that a path belongs to. Servers offer OpenAI's below
// /v1 and many also without it; LM Studio below /api/v0 too.
func Match(path string) (API, bool) {
	for _, prefix := range []string{"/v1/", "/api/v0/", "/"} {
		rest, ok := strings.CutPrefix(path, prefix)
		if !ok {
			continue
		}
		switch rest {
		case "chat/completions", "completions", "responses":
			return API{Name: rest}, true
		case "embeddings":
			return API{Name: rest, embeds: true}, true
		}
	}
	switch name := strings.TrimPrefix(path, "/"); name {
	case "api/generate", "api/chat", "completion": // the last is llama-server's own
		return API{Name: name}, true
	case "api/embed", "api/embeddings":
		return API{Name: name, embeds: true}, true
	case "v1/messages":
		return API{Name: "messages", cachedApart: true}, true
	}
	return API{}, false
}
