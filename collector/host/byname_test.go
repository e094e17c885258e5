package host_test

import (
	"testing"

	"github.com/sovmeter/sovmeter/collector/host"
)

func TestMatchesName(t *testing.T) {
	s := host.Server{Processes: []string{"llama-server", "/opt/ollama/bin/ollama", "LM Studio Helper (GPU)", "/opt/bin/"}}
	for name, want := range map[string]bool{
		"llama-server":               true,
		"llama-serve":                false,
		"llama-server2":              false,
		"Llama-Server":               false,
		"ollama":                     true,
		"LM Studio Helper (GPU)":     true,
		"LM Studio Helper":           true, // a kernel's cut
		"LM Studio Help":             false,
		"LM Studio Helper (Plugin)":  false,
		"LM Studio Helper (GPU) two": false,
		"":                           false,
	} {
		if got := s.MatchesName(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

func TestMatchesGroup(t *testing.T) {
	s := host.Server{Processes: []string{"/opt/bin/llama-server", "ollama", "LM Studio", "()"}}
	for label, want := range map[string]bool{
		"com.electron.ollama":     true,
		"homebrew.mxcl.ollama":    true,
		"ai.elementlabs.lmstudio": true,
		"local.llama-server":      true,
		"Ollama":                  true,
		"com.example.ollama-web":  false,
		"com.ollamas":             false,
		"com.apple.Terminal":      false,
		"kernel_coalition":        false,
		"com.optbinllamaserver":   false,
		"..":                      false,
		"":                        false,
	} {
		if got := s.MatchesGroup(label); got != want {
			t.Errorf("%q: %v, want %v", label, got, want)
		}
	}
}

func FuzzMatches(f *testing.F) {
	f.Add("LM Studio", "com.lmstudio", "LM Studio")
	f.Add("/a/b", "..", "")
	f.Fuzz(func(t *testing.T, process, label, name string) {
		s := host.Server{Processes: []string{process}}
		if s.MatchesName(name) && len(name) < 15 && len(name) > len(process) {
			t.Errorf("%q matches the longer name %q", process, name)
		}
		if s.MatchesGroup(label) && len(label) == 0 {
			t.Errorf("%q matches the empty label", process)
		}
	})
}
