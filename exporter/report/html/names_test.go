package html_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// named is the golden day with names as a log may hold them.
func named(t testing.TB, name string) report.Report {
	in := goldenInputs(t)
	for i := range in.Range.Models {
		if in.Range.Models[i].Server == "mlx" {
			in.Range.Models[i].Server, in.Range.Models[i].Model = name+"/server", name
		}
	}
	in.Range.Remote[0].Provider, in.Range.Remote[0].Model, in.Range.Remote[0].Server = name, name, name
	in.Range.Learned[0].Model = name
	in.Period.Title = name
	return build(t, in)
}

func TestNamesOutOfLogsAreText(t *testing.T) {
	names := map[string]string{
		"script":     `<script>alert(1)</script>`,
		"quotes":     `"'><img src=x onerror=alert(1)>`,
		"cdata":      `]]></style></title></svg><svg onload=alert(1)>`,
		"template":   "{{.Policy}} ${1} &lt;b&gt;",
		"long":       strings.Repeat("0123456789-abcdef/", 20)[:300],
		"one word":   strings.Repeat("x", 300),
		"arabic":     "نموذج-٧٠",
		"hebrew":     "דגם-70",
		"emoji":      "🧮 model 👩‍🔬",
		"not a name": "http://example.com/a?b=c&d=e",
	}
	for title, name := range names {
		t.Run(title, func(t *testing.T) {
			root := parse(t, draw(t, named(t, name)))
			want := strings.Join(strings.Fields(report.Clean(name)), " ")
			if !strings.Contains(root.text, want) {
				t.Errorf("the page does not name %q", want)
			}
			root.walk(func(e *element) {
				if e.name == "script" || e.name == "img" || e.attr["onload"] != "" || e.attr["onerror"] != "" {
					t.Errorf("a name became an element: %v", e)
				}
			})
			if n := len(root.all("style")); n != 1 {
				t.Errorf("%d styles, want 1", n)
			}
		})
	}
}

func TestControlCharactersAreNotOnThePage(t *testing.T) {
	page := draw(t, named(t, "a\x00b\x1b[31m\u202egnp\u2066x\ufffe\u0085\xff\ue000"))
	for _, r := range string(page) {
		if r != '\n' && r != '\t' && r != ' ' && !unicode.IsPrint(r) {
			t.Errorf("the page has %U", r)
		}
	}
	parse(t, page)
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"", "a", "<b>", `"`, "'", "&amp;", "]]>", "<!--", "\u2028", "\x7f", "-", "/-_", "١"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		root := parse(t, draw(t, named(t, name)))
		if n := len(root.all("figure")); n != 2 {
			t.Errorf("%d charts, want 2", n)
		}
	})
}
