package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// This file keeps the project's import table true. It parses the sources
// itself: "go list" inside a test is answered from the build cache and can be
// stale. Test files may cross the lines; what is built from them ships nowhere.

const module = "github.com/sovmeter/sovmeter"

// layer is the rule for one folder and those below it that have none of their own.
type layer struct {
	dir string
	// ours are the packages of this project that it may import. "x/..." means
	// x and all below; a layer's own folder must be named too.
	ours   []string
	bans   []string // other imports it must not have, with all below them
	std    bool     // nothing from outside the standard library
	pure   bool     // the clock is never read
	reason string
}

var (
	vocabulary = []string{"collector/attribution", "collector/energy"}
	outside    = []string{"os", "net", "log", "context", "syscall", "github.com/rs/zerolog", "go.etcd.io/bbolt", "github.com/prometheus"}
)

func with(dirs ...string) []string { return append(dirs, vocabulary...) }

func layers() []layer {
	return []layer{
		{
			dir: "cmd", ours: []string{"..."},
			reason: "the command is the only place that knows every package",
		},
		{
			dir: "collector", ours: with("collector/align", "collector/scope"),
			reason: "the loop takes interfaces: its adapters, the store and the exporter are handed in",
		},
		{
			dir: "collector/energy", std: true, pure: true, bans: outside,
			reason: "units are the bottom of everything",
		},
		{
			dir: "collector/attribution", ours: []string{"collector/energy"}, std: true, pure: true, bans: outside,
			reason: "the law is pure: same input, same booking, on any machine at any time",
		},
		{
			dir: "collector/align", ours: vocabulary, std: true, pure: true, bans: outside,
			reason: "an estimate is a function of what was measured and logged",
		},
		{
			dir: "collector/calibration", ours: vocabulary, std: true, pure: true, bans: outside,
			reason: "a fit is a function of its points",
		},
		{
			dir: "collector/scope", ours: with("collector/calibration"), pure: true, bans: outside,
			reason: "what a window held is a function of what was measured",
		},
		{
			dir: "collector/powermetrics", ours: with("collector/powermetrics/..."),
			reason: "an adapter knows the vocabulary and its own source, nothing else",
		},
		{
			dir: "collector/host", ours: with("collector/host/..."),
			reason: "an adapter knows the vocabulary and its own source, nothing else",
		},
		{
			dir: "collector/systemmeter", ours: with("collector/systemmeter/..."),
			reason: "an adapter knows the vocabulary and its own source, nothing else",
		},
		{
			dir: "collector/requestlog", ours: with("collector/requestlog/..."),
			reason: "an adapter knows the vocabulary and its own source, nothing else",
		},
		{
			dir: "collector/discovery", ours: with("collector/discovery/...", "collector/host"),
			reason: "what runs here is told by its processes and files, not by what they log",
		},
		{
			dir: "collector/proxy", ours: with("collector/proxy/...", "collector/requestlog/jsonl"),
			reason: "the proxy writes the interchange log and knows nothing else of the meter",
		},
		{
			dir: "collector/sim", ours: with("collector/sim/..."),
			reason: "a simulation that shared code with the decoders would share their mistakes",
		},
		{
			dir: "store", ours: with("store/..."), bans: []string{"github.com/prometheus"},
			reason: "the store keeps bookings and knows neither who measures nor who asks",
		},
		{
			dir: "exporter", ours: with("store", "exporter/..."), bans: []string{"go.etcd.io/bbolt"},
			reason: "the exporter draws what the store's types hold, wherever they came from",
		},
		{
			dir: "exporter/cost", ours: with("store", "exporter/cost/..."), bans: outside, pure: true,
			reason: "a price is a function of energy, time and tariff, and of nothing else",
		},
		{
			dir: "exporter/report", ours: with("store", "exporter/cost/...", "exporter/report/..."), bans: outside, pure: true,
			reason: "a report is a function of its rows, so that it can be compared to the byte",
		},
		{
			dir: "launchd", ours: []string{"launchd/..."},
			reason: "running as a service has nothing to do with energy",
		},
		{dir: "scripts", std: true, reason: "a tool of the tests shares nothing with what they test"},
	}
}

// confined are imports that belong to a few folders only.
var confined = []struct {
	path, reason string
	dirs         []string // those folders, with all below them
}{
	{"os/exec", "only what runs a system tool starts processes", []string{"cmd", "collector/powermetrics", "collector/host", "collector/systemmeter", "launchd"}},
	{"go.etcd.io/bbolt", "only the store knows how it stores", []string{"store"}},
	{"github.com/prometheus", "only the exporter speaks Prometheus", []string{"cmd", "exporter", "collector/systemmeter"}},
	{"github.com/kardianos/service", "only launchd runs under a service manager", []string{"launchd"}},
	{"github.com/spf13/cobra", "only the command has flags", []string{"cmd"}},
	{"github.com/shirou/gopsutil", "gopsutil forks ps and lsof on a Mac: one package decides when", []string{"collector/host", "cmd"}},
	{"C", "users build for a Mac without a C compiler", nil},
}

// clock are the names in package time that read it.
var clock = []string{"Now", "Since", "Until"}

func TestImports(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // an editor's file, gone since its folder was read
		}
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == "testdata" || (strings.HasPrefix(d.Name(), ".") && name != root) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		file, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		file = filepath.ToSlash(file)
		seen[path.Dir(file)] = true
		for _, fault := range faults(file, src) {
			t.Error(fault)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"collector/energy", "collector/attribution", "store"} {
		if !seen[dir] {
			t.Errorf("no source found in %s: the check saw %d folders", dir, len(seen))
		}
	}
}

// faults returns what in one source file breaks a rule. file is its path from
// the project's root, with slashes.
func faults(file string, src []byte) []string {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	dir := path.Dir(file)
	rule, ok := layerOf(dir)
	if !ok {
		return []string{fmt.Sprintf("%s: no import rule for folder %q: add one to this test", file, dir)}
	}
	var out []string
	fault := func(at token.Pos, what, reason string) {
		out = append(out, fmt.Sprintf("%s: %s: %s", fset.Position(at), what, reason))
	}
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return append(out, err.Error())
		}
		if reason := rule.refuses(imported); reason != "" {
			fault(spec.Pos(), "imports "+imported, reason)
		}
		for _, c := range confined {
			if within(imported, c.path) && !slices.ContainsFunc(c.dirs, func(d string) bool { return within(dir, d) }) {
				fault(spec.Pos(), "imports "+imported, c.reason)
			}
		}
	}
	if rule.pure {
		for _, use := range clockUses(parsed) {
			fault(use.pos, use.what, rule.reason)
		}
	}
	return out
}

// refuses returns the reason why the layer may not import a package, or "".
func (l layer) refuses(imported string) string {
	if pkg, ok := strings.CutPrefix(imported, module); ok {
		pkg = strings.TrimPrefix(pkg, "/")
		if slices.ContainsFunc(l.ours, func(pattern string) bool { return matches(pattern, pkg) }) {
			return ""
		}
		return l.reason
	}
	first, _, _ := strings.Cut(imported, "/")
	if l.std && strings.Contains(first, ".") {
		return l.reason
	}
	if slices.ContainsFunc(l.bans, func(ban string) bool { return within(imported, ban) }) {
		return l.reason
	}
	return ""
}

type use struct {
	pos  token.Pos
	what string
}

// clockUses finds the names that read the clock, called or merely passed on,
// under whatever name package time was imported.
func clockUses(file *ast.File) []use {
	var uses []use
	name := ""
	for _, spec := range file.Imports {
		if spec.Path.Value != `"time"` {
			continue
		}
		name = "time"
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			uses = append(uses, use{spec.Pos(), `imports time as "."`})
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && name != "" && id.Name == name && slices.Contains(clock, sel.Sel.Name) {
			uses = append(uses, use{sel.Pos(), "uses time." + sel.Sel.Name})
		}
		return true
	})
	return uses
}

// layerOf returns the rule whose folder is the nearest above dir.
func layerOf(dir string) (layer, bool) {
	var best layer
	for _, l := range layers() {
		if within(dir, l.dir) && len(l.dir) > len(best.dir) {
			best = l
		}
	}
	return best, best.dir != ""
}

// within reports whether name is base or lies below it.
func within(name, base string) bool { return name == base || strings.HasPrefix(name, base+"/") }

func matches(pattern, pkg string) bool {
	if pattern == "..." {
		return true
	}
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return within(pkg, base)
	}
	return pattern == pkg
}

func TestImportRulesCatch(t *testing.T) {
	imports := func(paths ...string) string {
		src := "package x\n"
		for _, p := range paths {
			src += "import _ " + strconv.Quote(p) + "\n"
		}
		return src
	}
	const ours = module + "/"
	tests := []struct {
		name, file, src string
		want            string // part of the only fault; empty: none
	}{
		{"vocabulary", "collector/host/x.go", imports(ours+"collector/energy", ours+"collector/attribution", "os/exec"), ""},
		{"own subfolder", "collector/requestlog/x.go", imports(ours + "collector/requestlog/llamacpp"), ""},
		{"neighbour with a like name", "collector/host/x.go", imports(ours + "collector/hostile"), "own source"},
		{"adapter to adapter", "collector/powermetrics/x.go", imports(ours + "collector/requestlog"), "own source"},
		{"adapter to store", "collector/requestlog/ollama/x.go", imports(ours + "store"), "own source"},
		{"loop to its adapter", "collector/x.go", imports(ours + "collector/host"), "handed in"},
		{"new adapter without a rule", "collector/wallmeter/x.go", imports(ours + "store"), "handed in"},
		{"energy with a library", "collector/energy/x.go", imports("golang.org/x/sync/errgroup"), "bottom"},
		{"attribution with os", "collector/attribution/x.go", imports("os"), "pure"},
		{"attribution with net/http", "collector/attribution/x.go", imports("net/http"), "pure"},
		{"attribution with slog", "collector/attribution/x.go", imports("log/slog"), "pure"},
		{"attribution with context", "collector/attribution/x.go", imports("context"), "pure"},
		{"attribution reads the clock", "collector/attribution/x.go", "package x\nimport \"time\"\nvar at = time.Now()", "uses time.Now"},
		{"attribution passes the clock on", "collector/attribution/x.go", "package x\nimport clock \"time\"\nvar now = clock.Now", "uses time.Now"},
		{"attribution hides the clock", "collector/attribution/x.go", "package x\nimport . \"time\"\nvar at = Now()", `as "."`},
		{"attribution uses times", "collector/attribution/x.go", "package x\nimport \"time\"\nvar d = time.Second", ""},
		{"sim with a decoder", "collector/sim/x.go", imports(ours + "collector/powermetrics"), "mistakes"},
		{"store asks the exporter", "store/x.go", imports(ours + "exporter"), "neither who measures"},
		{"store speaks Prometheus", "store/x.go", imports("github.com/prometheus/common/model"), "neither who measures"},
		{"exporter opens the store", "exporter/x.go", imports("go.etcd.io/bbolt"), "wherever they came from"},
		{"exporter runs a tool", "exporter/x.go", imports("os/exec"), "starts processes"},
		{"exporter reaches a sensor", "exporter/web/x.go", imports(ours + "collector/host"), "wherever they came from"},
		{"report writes a file", "exporter/report/x.go", imports("os"), "compared to the byte"},
		{"report reads the clock", "exporter/report/x.go", "package x\nimport \"time\"\nvar d = time.Since(time.Time{})", "uses time.Since"},
		{"cost fetches prices", "exporter/cost/x.go", imports("net/http"), "tariff"},
		{"launchd knows energy", "launchd/x.go", imports(ours + "collector/energy"), "nothing to do with energy"},
		{"another service package", "cmd/sovmeter/x.go", imports("github.com/kardianos/service"), "service manager"},
		{"cgo", "collector/host/x.go", imports("C"), "C compiler"},
		{"the command knows all", "cmd/sovmeter/x.go", imports(ours+"store", ours+"collector/host", "os/exec"), ""},
		{"new folder at the top", "util/x.go", imports("fmt"), "no import rule"},
		{"broken source", "store/x.go", "package", "expected"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(faults(tt.file, []byte(tt.src)), "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("faults %q, want %q among them", got, tt.want)
			}
		})
	}
}
