package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

func newTariffCheck(e env) *cobra.Command {
	var asJSON, ascii bool
	var width int
	c := &cobra.Command{
		Use:   "check",
		Short: "Explain holes, hidden windows and stale series of the tariff",
		Long: `Check looks at the tariff a year back and a year ahead, and says what you may not
have meant. Faults leave energy without a price or with a wrong one, or a part of
the tariff without effect: times without a price, windows that earlier ones hide,
series that end or have holes, tax that is counted twice. The rest is good to
know: windows that give way in part, and days on which a clock change makes one
shorter or longer.

Exit codes: 0 no faults, 1 faults, or a series that cannot be read, 2 wrong
arguments or config, or no tariff in it.`,
		Example: `  sovmeter tariff check
  sovmeter tariff check --config ./sovmeter.yaml --json`,
	}
	path := configFlag(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON (sovmeter.tariff-check/v1)")
	c.Flags().BoolVar(&ascii, "ascii", false, "use ASCII characters only")
	c.Flags().IntVar(&width, "width", 0, "columns to write in; default the terminal's, or 80")
	c.RunE = func(*cobra.Command, []string) error {
		cfg, t, err := loadSomeTariff(*path)
		if err != nil {
			return err
		}
		findings := t.Check(time.Now())
		if asJSON {
			err = writeFindingsJSON(e.stdout, findings)
		} else {
			err = writeFindings(e.stdout, cfg.Path+": "+cfg.Tariff.String(), findings, newCanvas(e, width, ascii))
		}
		if err != nil {
			return err
		}
		if n := faultsIn(findings); n > 0 {
			return &tariffFaultsError{n}
		}
		return nil
	}
	return c
}

// tariffFaultsError is returned after the faults themselves were printed.
type tariffFaultsError struct{ faults int }

func (e *tariffFaultsError) Error() string { return "tariff check: " + counted(e.faults, "fault") }

func counted(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

func faultsIn(findings []tariff.Finding) int {
	n := 0
	for _, f := range findings {
		if f.Fault {
			n++
		}
	}
	return n
}

// writeFindings prints a paragraph a finding.
func writeFindings(w io.Writer, head string, findings []tariff.Finding, c canvas) error {
	var b strings.Builder
	b.WriteString(c.wrap("", head, 2))
	for _, f := range findings {
		mark, code := "  - ", ""
		if f.Fault {
			mark, code = "  ! ", "\x1b[1m"
		}
		b.WriteString(c.paint(code, strings.TrimSuffix(c.wrap(mark, f.Text, 4), "\n")) + "\n")
		if f.Fix != "" {
			b.WriteString(c.wrap("    ", "fix: "+f.Fix, 4))
		}
	}
	faults := faultsIn(findings)
	switch notes := len(findings) - faults; {
	case len(findings) == 0:
		b.WriteString(c.wrap("  ", "nothing to say: every moment has a price, and nothing is in another's way", 2))
	case faults == 0:
		fmt.Fprintf(&b, "no faults, %s\n", counted(notes, "note"))
	default:
		fmt.Fprintf(&b, "%s, %s\n", counted(faults, "fault"), counted(notes, "note"))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("print findings: %w", err)
	}
	return nil
}

// findingsJSON is the JSON of sovmeter tariff check.
type findingsJSON struct {
	Schema   string        `json:"schema"`
	Faults   int           `json:"faults"`
	Findings []findingJSON `json:"findings"`
}

type findingJSON struct {
	Kind  tariff.Kind `json:"kind"`
	Fault bool        `json:"fault"`
	Text  string      `json:"text"`
	Fix   string      `json:"fix,omitempty"`
}

func writeFindingsJSON(w io.Writer, findings []tariff.Finding) error {
	out := findingsJSON{Schema: "sovmeter.tariff-check/v1", Faults: faultsIn(findings), Findings: []findingJSON{}}
	for _, f := range findings {
		out.Findings = append(out.Findings, findingJSON(f))
	}
	return writeTariffJSON(w, out)
}
