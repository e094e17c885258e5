package config

import (
	"net/url"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// FormatAuto asks for the format that recognises the log when it is opened.
const FormatAuto = "auto"

// IsAddress tells an address from a path.
func IsAddress(log string) bool {
	return strings.HasPrefix(log, "http://") || strings.HasPrefix(log, "https://")
}

// logPlace reads where a log is: an absolute path or an address.
func (r *reader) logPlace(n ast.Node, key string) string {
	const want = "an absolute path, or an address such as http://127.0.0.1:8080/api/metrics"
	v, ok := r.text(n, key, want)
	if !ok {
		return ""
	}
	if !IsAddress(v) {
		var path string
		r.absolute(&path)(n, key)
		return path
	}
	u, err := url.Parse(v)
	if err != nil || u.Hostname() == "" || u.User != nil {
		r.problem(n, key, "got an address that cannot be used, want one such as http://127.0.0.1:8080/api/metrics, without a password")
		return ""
	}
	return v
}

// checkAddress refuses an address for a format that is read from files.
func (r *reader) checkAddress(e entry, formats []Format) {
	if !IsAddress(e.Log) || slices.ContainsFunc(formats, func(f Format) bool { return f.Address && (e.Format == FormatAuto || f.Name == e.Format) }) {
		return
	}
	r.problemAt(e.key+".log", "got an address, want the absolute path of a log of format %s", e.Format)
}

// takesFolder says whether a server's log may be a folder.
func (c *Config) takesFolder(s Server) bool {
	return slices.ContainsFunc(c.formats, func(f Format) bool { return f.Folder && (s.Format == FormatAuto || f.Name == s.Format) })
}

func formatNames(formats []Format) []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.Name)
	}
	return names
}
