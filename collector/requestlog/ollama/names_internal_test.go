package ollama

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestNamesAreReadAgain: a digest that is not known makes the folder be read again
// once the last reading is ten seconds old.
func TestNamesAreReadAgain(t *testing.T) {
	dir, digest := t.TempDir(), strings.Repeat("7", 64)
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	n := &names{folder: dir, now: func() time.Time { return now }}
	if got := n.of(digest); got != "" {
		t.Fatalf("%q", got)
	}
	if err := os.MkdirAll(filepath.Join(dir, "m"), 0o755); err != nil {
		t.Fatal(err)
	}
	text := `{"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:` + digest + `"}]}`
	if err := os.WriteFile(filepath.Join(dir, "m", "8b"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{9 * time.Second, ""}, {time.Second, "m:8b"}, {0, "m:8b"}} {
		now = now.Add(step.after)
		if got := n.of(digest); got != step.want {
			t.Errorf("at %v: %q, want %q", now, got, step.want)
		}
	}
}
