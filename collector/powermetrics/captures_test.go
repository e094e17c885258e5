package powermetrics_test

import (
	"os"
	"path/filepath"
	"testing"
)

// captures returns the recordings of real Macs that lie beside the project. They
// belong to other projects, so they are not part of this one.
func captures(tb testing.TB) []string {
	tb.Helper()
	dir := capturesDir(tb)
	var files []string
	for _, pattern := range []string{"plist/*.plist", "excerpts/*.plist"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			tb.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		tb.Skipf("no powermetrics recordings in %s", dir)
	}
	return files
}

func capturesDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "..", "shared", "captures", "powermetrics")
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		tb.Skip("no go.mod above the test: powermetrics recordings not found")
	}
}

func readFile(tb testing.TB, path string) []byte {
	tb.Helper()
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		tb.Skipf("no powermetrics recording %s", path)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
