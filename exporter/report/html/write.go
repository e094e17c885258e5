package html

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// Options says what a page tells besides the report.
type Options struct {
	// Generator names the program and its version in the foot of the page, such as
	// "sovmeter 1.4"; empty: it is not named.
	Generator string
}

//go:embed page.gohtml charts.gohtml style.css
var files embed.FS

// Write writes the report as one page that loads nothing and runs nothing.
func Write(w io.Writer, r report.Report, o Options) error {
	style, err := files.ReadFile("style.css")
	if err != nil {
		return fmt.Errorf("draw report as html: %w", err)
	}
	pages, err := template.ParseFS(files, "page.gohtml", "charts.gohtml")
	if err != nil {
		return fmt.Errorf("draw report as html: %w", err)
	}
	var out bytes.Buffer // nothing is written of a page that cannot be drawn whole
	if err := pages.ExecuteTemplate(&out, "page", newPage(r, o, style)); err != nil {
		return fmt.Errorf("draw report as html: %w", err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

// policy is the attribute that refuses all but the one style sheet. It is built
// from nothing but the hash.
func policy(style []byte) template.HTMLAttr {
	sum := sha256.Sum256(style)
	return template.HTMLAttr(`content="default-src 'none'; style-src 'sha256-` + base64.StdEncoding.EncodeToString(sum[:]) +
		`'; base-uri 'none'; form-action 'none'"`)
}
