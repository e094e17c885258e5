package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Bys returns all groupings.
func Bys() []By { return []By{ByModel, ByServer, ByDay, ByHour, ByClient, ByProject} }

// ParseBy reads the name of a grouping. It is ErrBy for any other word.
func ParseBy(name string) (By, error) {
	if by := By(name); slices.Contains(Bys(), by) {
		return by, nil
	}
	var names []string
	for _, by := range Bys() {
		names = append(names, string(by))
	}
	return "", fmt.Errorf("%w %q: use one of %s", ErrBy, name, strings.Join(names, ", "))
}

// newGrouper books the rows that were asked for; nil for those by model, which
// every report has.
func newGrouper(in Inputs) (grouper, error) {
	switch in.By {
	case "", ByModel:
		return nil, nil
	case ByServer:
		return byServer(newRows[string]()), nil
	case ByDay, ByHour:
		return newCalendar(in)
	case ByClient, ByProject:
		return newByTag(in), nil
	}
	_, err := ParseBy(string(in.By))
	return nil, err
}

// byServer has a row for each server.
type byServer rows[string]

func (b byServer) whole(*ledger, *quarter) {}

func (b byServer) model(l *ledger, q *quarter, e entry) {
	rows[string](b).at(l, e.slot.Server).book(l, q, e)
}

func (b byServer) finish(*ledger) []Group { return groupsByName(rows[string](b)) }

// groupsByName are the rows, most energy first. The one without a name, which is
// what is left, comes last.
func groupsByName(r rows[string]) []Group {
	var groups []Group
	for _, name := range r.sorted(cmp.Compare[string]) {
		groups = append(groups, Group{Name: name, Sum: r[name].settle()})
	}
	if i := slices.IndexFunc(groups, func(g Group) bool { return g.Name == "" }); i >= 0 {
		rest := groups[i]
		groups = append(slices.Delete(groups, i, i+1), rest)
	}
	return groups
}
