package lmstudio_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/requestlog/lmstudio"
)

func TestFiles(t *testing.T) {
	root := t.TempDir()
	touch := func(path string) {
		t.Helper()
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"2025-12/2025-12-31.1.log", "2026-01/2026-01-02.1.log", "2026-01/2026-01-02.2.log",
		"2026-01/2026-01-02.10.log", "2026-01/2026-01-03.1.log", "2026-11/2026-11-24.1.log",
	}
	for _, i := range []int{5, 3, 1, 0, 4, 2} {
		touch(want[i])
	}
	for _, other := range []string{
		"2026-01/2026-02-01.1.log", "2026-01/2026-01-32.1.log", "2026-01/2026-01-02.log", "2026-01/2026-01-02.0.log",
		"2026-01/2026-01-02.01.log", "2026-01/2026-01-02.1.log.gz", "2026-01/x.1.log", "2026-13/2026-13-01.1.log", "2026-01-02.1.log",
	} {
		touch(other)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(root, "2026-01/2026-01-09.1.log")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "2026-01"), filepath.Join(root, "2026-02")); err != nil {
		t.Fatal(err)
	}
	got, err := lmstudio.Files(root)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i], _ = filepath.Rel(root, got[i])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNoFiles(t *testing.T) {
	if got, err := lmstudio.Files(t.TempDir()); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := lmstudio.Files(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
