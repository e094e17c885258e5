package config

import (
	"path/filepath"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// entry is a server with the key that it was read under, such as servers[0].
type entry struct {
	Server
	key string
}

func (c *Config) readServers(r *reader, n ast.Node, key string, formats []Format) {
	var entries []entry
	r.sequence(n, key, "a list of model servers", func(n ast.Node, key string) {
		e := entry{Server: Server{Format: FormatAuto}, key: key}
		ok := r.mapping(n, key, []field{
			{"name", func(n ast.Node, k string) { e.Name = r.label(n, k) }},
			{"log", func(n ast.Node, k string) { e.Log = r.logPlace(n, k) }},
			{"format", func(n ast.Node, k string) {
				e.Format = r.oneOf(n, k, append([]string{FormatAuto}, formatNames(formats)...))
			}},
			{"model", func(n ast.Node, k string) { e.Model, _ = r.text(n, k, "a model name") }},
			{"processes", func(n ast.Node, k string) { e.Processes = r.texts(n, k, "a list of executable names") }},
			{"port", func(n ast.Node, k string) { e.Port = r.port(n, k) }},
			{"no_cache", func(n ast.Node, k string) { e.NoCache, _ = r.boolean(n, k) }},
			{"manifests", r.absolute(&e.Manifests)},
			{"token_file", r.absolute(&e.TokenFile)},
		})
		if !ok {
			return
		}
		r.checkComplete(e)
		r.checkAddress(e, formats)
		r.checkUnique(e, entries)
		entries = append(entries, e)
	})
	r.checkSharedProcesses(entries)
	for _, e := range entries {
		c.Servers = append(c.Servers, e.Server)
		c.logKeys = append(c.logKeys, e.key+".log")
	}
}

// checkComplete demands what a server cannot be metered without.
func (r *reader) checkComplete(e entry) {
	if !r.given(e.key + ".name") {
		r.problemAt(e.key+".name", "missing, want a short name for metrics and reports, such as llama")
	}
	if !r.given(e.key + ".log") {
		r.problemAt(e.key+".log", "missing, want the absolute path of the server's request log")
	}
	if !r.given(e.key+".port") && !r.hasEntries(e.key+".processes") {
		r.problemAt(e.key, "has neither processes nor port, want at least one: without it nobody knows whose CPU and GPU time is the server's")
	}
}

// hasEntries says whether anything stands at key that is not an empty list.
func (r *reader) hasEntries(key string) bool {
	s, ok := r.places[key].node.(*ast.SequenceNode)
	return r.given(key) && (!ok || len(s.Values) > 0)
}

// checkUnique demands that e differs from the servers before it where two that
// are the same would be booked twice, or could not be told apart.
func (r *reader) checkUnique(e entry, before []entry) {
	first := func(same func(o entry) bool) (key string, found bool) {
		i := slices.IndexFunc(before, same)
		if i < 0 {
			return "", false
		}
		return before[i].key, true
	}
	if o, ok := first(func(o entry) bool { return e.Name != "" && e.Name == o.Name }); ok {
		r.problemAt(e.key+".name", "got %q, which %s has too, want a name of its own for each server", e.Name, o)
	}
	if o, ok := first(func(o entry) bool { return e.Log != "" && filepath.Clean(e.Log) == filepath.Clean(o.Log) }); ok {
		r.problemAt(e.key+".log", "got %q, which %s has too, want each log once: it would be booked twice", e.Log, o)
	}
	if o, ok := first(func(o entry) bool { return e.Port != 0 && e.Port == o.Port }); ok {
		r.problemAt(e.key+".port", "got \"%d\", which %s has too, want a port of its own for each server", e.Port, o)
	}
}

// checkSharedProcesses demands a port from servers that share the name of an
// executable: nothing else tells their processes apart.
func (r *reader) checkSharedProcesses(entries []entry) {
	users := map[string][]string{} // keys of the servers that have a name
	for _, e := range entries {
		for _, name := range e.Processes {
			users[name] = append(users[name], e.key)
		}
	}
	for _, e := range entries {
		if r.given(e.key + ".port") {
			continue
		}
		for _, name := range e.Processes {
			if keys := users[name]; len(keys) > 1 {
				r.problemAt(e.key+".processes", "got %q, which %s has too, want a port for each of them, to tell their processes apart", name, other(keys, e.key))
			}
		}
	}
}

// other is the first of keys that is not key.
func other(keys []string, key string) string {
	if keys[0] == key {
		return keys[1]
	}
	return keys[0]
}
