package exporter

import (
	"strings"
	"unicode/utf8"
)

const (
	maxModels = 50  // pairs of server and model that a process names
	maxLabel  = 128 // bytes of a label value

	otherModel   = "other"
	unknownModel = "unknown"
	allLabel     = "all"
)

// label makes any text a label value: valid UTF-8 and of bounded length. A
// value that is not valid would fail the whole scrape.
func label(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxLabel {
		return s
	}
	cut := maxLabel
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}

// modelKey is a pair of label values.
type modelKey struct{ server, model string }

// labelsOf is the pair as it is named when there is room.
func labelsOf(server, model string) modelKey {
	k := modelKey{label(server), label(model)}
	if k.model == "" {
		k.model = unknownModel
	}
	return k
}

// key returns the labels for a server's model. Once maxModels pairs are named,
// a new model is "other"; a pair keeps its labels for as long as the process
// runs. Servers come from the configuration and are not bounded here.
func (b *books) key(server, model string) modelKey {
	k := labelsOf(server, model)
	if _, named := b.models[k]; named || len(b.models) < maxModels {
		return k
	}
	k.model = otherModel
	return k
}
