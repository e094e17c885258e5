package reporttest

import (
	"math/big"
	"regexp"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// compareHeads holds the answers at the top of what people read against the JSON.
// The page has not all of them.
func (f *faults) compareHeads(doc object, out Renderings) {
	want := map[string]string{}
	call, _ := doc["one_more_call"].(object)
	add := func(label string, money any) {
		if amount, _ := plain(money); amount != "" {
			want[label] = amount
		}
	}
	add("One more call costs", call["cost"])
	for _, b := range list(doc, "costs") {
		add("Cost, "+text(b["basis"]), b["cost"])
	}
	for _, c := range list(doc, "comparisons") { // the last is the one that is told
		add("Bought elsewhere", c["capped_cost"])
	}
	for _, format := range []report.Format{report.Table, report.Markdown, report.HTML} {
		data, there := out[format]
		if !there {
			continue
		}
		for label, amount := range want {
			figure := regexp.MustCompile(`(?:^|\s)` + label + `[ :]+(-?[<\d][\d,.]*)`).FindStringSubmatch(plainHead(format, string(data)))
			switch {
			case figure == nil && format == report.HTML:
			case figure == nil:
				f.add("%s: the head has no %q", format, label)
			case !shows(figure[1], amount, big.NewRat(1, 1), false):
				f.add("%s: %s is %s, in json %s", format, label, figure[1], amount)
			}
		}
	}
}

// plainHead is the text of a head without what makes it bold.
func plainHead(format report.Format, data string) string {
	switch format {
	case report.HTML:
		return words(data)
	case report.Markdown:
		return regexp.MustCompile(`\*\*`).ReplaceAllString(unescaped(data), "")
	}
	return data
}
