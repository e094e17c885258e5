package main

import (
	"os"
	"path/filepath"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/requestlog/ollama"
)

// modelNames names the models of an Ollama by their digests: from the folder of
// manifests that the config names or, if it is there, the one beside the folder
// of logs. It is nil for servers without such a folder.
func modelNames(s config.Server) func(digest string) string {
	if s.Manifests != "" {
		return ollama.ModelNames(s.Manifests)
	}
	beside := filepath.Join(filepath.Dir(filepath.Dir(s.Log)), "models", "manifests")
	if info, err := os.Stat(beside); err != nil || !info.IsDir() {
		return nil
	}
	return ollama.ModelNames(beside)
}
