package ollama

import (
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

const (
	// maxManifests bounds how many manifests are read, and maxManifest how many
	// bytes of each; a real one has about a thousand.
	maxManifests, maxManifest = 4096, 1 << 16
	// namesRest is the least time between two readings of the folder.
	namesRest = 10 * time.Second
)

// ModelNames returns a function for requestlog.Options.ModelName that knows the
// names of the models in Ollama's folder of manifests, such as
// ~/.ollama/models/manifests. The folder is read when a digest is asked for that
// is not known, once in ten seconds at most; what cannot be read is passed over.
// Of several names for one model it is the shortest, and of those the first in
// the alphabet. The function is safe for concurrent use.
func ModelNames(manifests string) func(digest string) string {
	n := &names{folder: manifests, now: time.Now}
	return n.of
}

type names struct {
	folder string
	now    func() time.Time

	mu       sync.Mutex
	read     time.Time // when the folder was read last
	byDigest map[string]string
}

func (n *names) of(digest string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if name, ok := n.byDigest[digest]; ok {
		return name
	}
	now := n.now()
	if since := now.Sub(n.read); since >= 0 && since < namesRest {
		return ""
	}
	n.read, n.byDigest = now, readManifests(n.folder)
	return n.byDigest[digest]
}

// readManifests returns the names of the models in a folder, by digest.
func readManifests(folder string) map[string]string {
	found, seen := map[string]string{}, 0
	filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error { //nolint:errcheck // what cannot be read has no names
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		if seen++; seen > maxManifests {
			return fs.SkipAll
		}
		name, ok := manifestName(folder, path)
		if !ok {
			return nil
		}
		for _, digest := range modelDigests(path) {
			if old, ok := found[digest]; !ok || before(name, old) {
				found[digest] = name
			}
		}
		return nil
	})
	return found
}

func before(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// manifestName makes a model's name of the path of its manifest, which is
// REGISTRY/OWNER/MODEL/TAG below the folder; the folder may be one further down.
func manifestName(folder, path string) (string, bool) {
	rel, err := filepath.Rel(folder, path)
	if err != nil {
		return "", false
	}
	parts := strings.Split(filepath.ToSlash(rel), "/")
	if len(parts) < 2 || len(parts) > 4 || strings.HasPrefix(parts[len(parts)-1], ".") {
		return "", false
	}
	tag := parts[len(parts)-1]
	name := requestlog.Model(shortName(strings.Join(parts[:len(parts)-1], "/") + ":" + tag))
	return name, name != ""
}

// modelDigests returns the digests of the model files that a manifest names.
func modelDigests(path string) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	var m struct {
		Layers []struct {
			MediaType string `json:"mediaType"`
			Digest    string `json:"digest"`
		} `json:"layers"`
	}
	if json.NewDecoder(io.LimitReader(f, maxManifest)).Decode(&m) != nil {
		return nil
	}
	var out []string
	for _, l := range m.Layers {
		digest, ok := strings.CutPrefix(l.Digest, "sha256:")
		if ok && len(digest) == 64 && l.MediaType == "application/vnd.ollama.image.model" {
			out = append(out, digest)
		}
	}
	return out
}
