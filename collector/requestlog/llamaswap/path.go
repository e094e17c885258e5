package llamaswap

import (
	"strings"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// works is true for the paths that make a model work.
func works(path string) bool {
	for _, prefix := range []string{"/v1/", "/v/"} {
		if rest, ok := strings.CutPrefix(path, prefix); ok {
			path = "/" + rest
			break
		}
	}
	switch path {
	case "/chat/completions", "/completions", "/responses", "/messages", "/embeddings", "/rerank", "/reranking",
		"/audio/speech", "/audio/transcriptions", "/images/generations", "/images/edits",
		"/completion", "/embedding", "/infill", "/sdapi/v1/txt2img", "/sdapi/v1/img2img",
		"/api/chat", "/api/generate", "/api/embed", "/api/embeddings":
		return true
	}
	return false
}

// upstream splits /upstream/MODEL/PATH. A model may have slashes, so the path is
// the longest end of it that makes a model work.
func upstream(path string) (model, rest string) {
	name, ok := strings.CutPrefix(path, "/upstream/")
	if !ok {
		return "", path
	}
	for i := 1; i < len(name); i++ {
		if name[i] == '/' && works(name[i:]) {
			return requestlog.Model(name[:i]), name[i:]
		}
	}
	return "", path
}

// worksBehind is works for paths behind /upstream too.
func worksBehind(path string) bool {
	_, rest := upstream(path)
	return works(rest)
}

// uncached is true for the paths whose prompts no cache serves.
func uncached(path string) bool {
	return strings.HasSuffix(path, "/embeddings") || strings.HasSuffix(path, "/rerank") || strings.HasSuffix(path, "/reranking")
}

// refused is true for the statuses of requests that no model has seen.
func refused(status int) bool {
	switch status {
	case 401, 403, 404, 405, 429:
		return true
	}
	return false
}

// outcome is how a request with a status ended; 0 is one that was not told.
func outcome(status int) attribution.Outcome {
	switch {
	case status == 499: // the client went away, by the custom of nginx
		return attribution.OutcomeCancelled
	case status == 0, status >= 200 && status < 400:
		return attribution.OutcomeOK
	}
	return attribution.OutcomeError
}
