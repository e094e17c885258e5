package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// print writes the diagnosis for people.
func (d *diagnosis) print(w io.Writer) error {
	var b strings.Builder
	switch {
	case d.Config == "":
		b.WriteString("No config yet: sovmeter check --example prints one.\n")
	case d.Finds:
		fmt.Fprintf(&b, "Config %s names no server: those found are metered.\n", d.Config)
	default:
		fmt.Fprintf(&b, "Config %s names the servers to meter.\n", d.Config)
	}
	if len(d.Servers) == 0 {
		b.WriteString("No model server that sovmeter knows runs here.\n")
	}
	for _, s := range d.Servers {
		b.WriteString("\n" + s.Name + "\n")
		s.print(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *serverReport) print(b *strings.Builder) {
	row := func(name, text string) { fmt.Fprintf(b, "  %-9s %s\n", name, printable(text)) }
	switch {
	case r.PID == 0:
		row("process", "does not run as a server that sovmeter knows; the config's processes and port are used")
	case r.Port == 0:
		row("process", fmt.Sprintf("%s, pid %d; it does not listen on a port that is known", r.Kind, r.PID))
	default:
		row("process", fmt.Sprintf("%s, pid %d, port %d", r.Kind, r.PID, r.Port))
	}
	if r.Log != "" {
		row("log", fmt.Sprintf("%s (%s)", r.Log, r.LogFrom))
	}
	if r.Sample != nil {
		row("requests", r.Sample.String())
	}
	for _, p := range r.Problems {
		row("problem", p.Text)
		row("fix", p.Fix)
	}
	if len(r.Problems) == 0 {
		row("state", "nothing to mend")
	}
}

// printable takes out what a path may hold to steer a terminal: another user's
// process chose it.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
