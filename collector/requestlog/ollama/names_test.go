package ollama_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog/ollama"
)

// manifest writes a manifest of a model's file below dir.
func manifest(t *testing.T, dir, name, digest string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`{"schemaVersion":2,"config":{"digest":"sha256:%s"},"layers":[
		{"mediaType":"application/vnd.ollama.image.template","digest":"sha256:%s","size":1},
		{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:%s","size":2}]}`,
		strings.Repeat("c", 64), strings.Repeat("d", 64), digest)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestModelNames(t *testing.T) {
	dir := t.TempDir()
	digest := func(c string) string { return strings.Repeat(c, 64) }
	manifest(t, dir, "registry.ollama.ai/library/gemma3/4b", digest("1"))
	manifest(t, dir, "registry.ollama.ai/library/tiny/latest", digest("2"))
	manifest(t, dir, "registry.ollama.ai/library/tiny2/latest", digest("2"))
	manifest(t, dir, "registry.ollama.ai/joe/own/q4", digest("3"))
	manifest(t, dir, "hf.co/bartowski/Llama-GGUF/Q4_K_M", digest("4"))
	manifest(t, dir, "registry.ollama.ai/library/tell me a secret/latest", digest("5"))
	if err := os.WriteFile(filepath.Join(dir, "registry.ollama.ai/library/tiny/broken"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	names := ollama.ModelNames(dir)
	for d, want := range map[string]string{
		digest("1"): "gemma3:4b", digest("2"): "tiny", digest("3"): "joe/own:q4", digest("4"): "hf.co/bartowski/Llama-GGUF:Q4_K_M",
		digest("5"): "", digest("c"): "", digest("d"): "", digest("e"): "", "": "",
	} {
		if got := names(d); got != want {
			t.Errorf("%.8s…: %q, want %q", d, got, want)
		}
	}
	// A model that comes later is known when its time comes, not at every question.
	manifest(t, dir, "registry.ollama.ai/library/later/latest", digest("e"))
	if got := names(digest("e")); got != "" {
		t.Errorf("the folder was read again at once: %q", got)
	}
}

func TestModelNamesFurtherDown(t *testing.T) {
	dir := t.TempDir()
	manifest(t, dir, "registry.ollama.ai/library/gemma3/4b", digestA)
	if got := ollama.ModelNames(filepath.Join(dir, "registry.ollama.ai", "library"))(digestA); got != "gemma3:4b" {
		t.Errorf("%q", got)
	}
	if got := ollama.ModelNames(filepath.Join(dir, "nowhere"))(digestA); got != "" {
		t.Errorf("a folder that is not there gives %q", got)
	}
}
