package report

import (
	"fmt"
	"slices"
)

// maxRemoteRows is how many models elsewhere the table names; the sum has all.
const maxRemoteRows = 8

// remote tells of the calls that were answered elsewhere: all of them, and
// each model's when there are several.
func (t table) remote() []string {
	rows := t.report.Remote
	if len(rows) == 0 {
		return nil
	}
	by := ""
	if len(rows) == 1 {
		by = " by " + t.remoteName(rows[0])
	}
	lines := wrapWords("Answered elsewhere"+by+": "+t.remoteText(t.report.elsewhere(), " as the gateway reckons")+
		". They took no energy here that could be booked to them.", t.prose())
	lines = append(lines, t.splitText()...)
	if len(rows) == 1 {
		return lines
	}
	for _, r := range rows[:min(len(rows), maxRemoteRows)] {
		lines = append(lines, t.hanging(t.remoteName(r)+": "+t.remoteText(r, ""))...)
	}
	if more := len(rows) - maxRemoteRows; more > 0 {
		lines = append(lines, fmt.Sprintf("  and %s more", count(int64(more))))
	}
	return lines
}

// hanging sets a paragraph whose first line stands further left than the rest.
func (t table) hanging(text string) []string {
	lines := wrapWords(text, t.prose()-4)
	for i := range lines {
		if i == 0 {
			lines[i] = "  " + lines[i]
			continue
		}
		lines[i] = "    " + lines[i]
	}
	return lines
}

// remoteName is a model elsewhere and who served it.
func (s sheet) remoteName(r Remote) string {
	name := s.name("", r.Model, false)
	if r.Provider != "" {
		name += " of " + s.clean(r.Provider)
	}
	if s.report.multiGateway() {
		name += " through " + s.clean(r.Server)
	}
	return name
}

// multiGateway tells whether more than one gateway passed calls on.
func (r Report) multiGateway() bool {
	return slices.ContainsFunc(r.Remote, func(row Remote) bool { return row.Server != r.Remote[0].Server })
}

// remoteText is how many calls, with how many tokens and for how much, as whom
// reckons.
func (s sheet) remoteText(r Remote, whose string) string {
	text := calls(r.Calls)
	if r.Cancelled+r.Failed > 0 {
		text += fmt.Sprintf(" (%s cancelled, %s failed)", count(r.Cancelled), count(r.Failed))
	}
	text += ", " + FormatTokens(r.Prompt()) + " tokens in"
	if r.Cached.Known && r.Cached.N > 0 {
		text += " (" + FormatTokens(r.Cached) + " from a cache)"
	}
	text += ", " + FormatTokens(r.Output) + " out; "
	if !r.Spend.Known {
		return text + "cost unknown"
	}
	text += moneyWithCurrency(r.Spend) + whose
	if r.Unpriced > 0 {
		text += ", without " + calls(r.Unpriced) + " of unknown cost"
	}
	return text
}

// calls counts calls in words.
func calls(n int64) string {
	if n == 1 {
		return "1 call"
	}
	return count(n) + " calls"
}

// splitText says how much of the work was done here, and for how much of the
// spend.
func (t table) splitText() []string {
	p := t.report.Split
	if p == nil || p.LocalTokens <= 0 || p.RemoteTokens <= 0 {
		return nil
	}
	here := float64(p.LocalTokens) / (float64(p.LocalTokens) + float64(p.RemoteTokens))
	about := ""
	if p.LocalAtLeast || p.RemoteAtLeast {
		about = "about "
	}
	text := "Answered here: " + about + percent(here) + " of the tokens of all finished calls"
	if spend := t.spendShare(splitItem{spend: Saved{Amount: p.LocalSpend}}); spend.Raw != "" {
		most := ""
		if p.RemoteSpendAtLeast {
			most = "at most "
		}
		text += ", for " + most + spend.Text + " % of the spend (" + FormatMoney(p.LocalSpend) + " of electricity, " + savedWithCurrency(Saved{Amount: p.RemoteSpend, AtLeast: p.RemoteSpendAtLeast}) + " elsewhere)"
	}
	return wrapWords(text+".", t.prose())
}
