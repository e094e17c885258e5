package lmstudio

import (
	"bytes"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// load is a model load that has begun.
type load struct {
	Model string `cbor:"1,keyasint"`
	Begin mark   `cbor:"2,keyasint"`
}

// loadMax is the longest that a model may load. The log does not always say when
// one is ready.
const loadMax = int64(600e9)

// loading notes that a model at a path begins to load.
func (p *Parser) loading(path []byte) requestlog.Verdict {
	return p.loadingID(modelID(path))
}

// loadingID notes that a model begins to load: which is told up to three times.
func (p *Parser) loadingID(model string) requestlog.Verdict {
	if p.s.Load == nil {
		p.s.Load = &load{Begin: p.now}
		p.s.Era++
	}
	if p.s.Load.Model == "" {
		p.s.Load.Model = model
	}
	return requestlog.Used
}

// loaded ends the load under way.
func (p *Parser) loaded(end mark) bool {
	if p.s.Load == nil {
		return false
	}
	l := attribution.ModelLoad{Server: p.opt.Server, Model: p.model(p.s.Load.Model), Start: p.s.Load.Begin.time(), End: end.time()}
	if l.End.Before(l.Start) {
		l.End = l.Start
	}
	p.loads = append(p.loads, l)
	p.s.Load = nil
	return true
}

// forgetLoad drops a load that has gone on for longer than any does.
func (p *Parser) forgetLoad() {
	if p.s.Load != nil && p.now.At > p.s.Load.Begin.At+loadMax {
		p.s.Load = nil
	}
}

// modelID turns a tag or a path into a model's id: of a path the base name,
// without .gguf.
func modelID(b []byte) string {
	if len(b) > 0 && (b[0] == '/' || b[0] == '~' || bytes.IndexByte(b, '\\') >= 0) {
		b = b[bytes.LastIndexAny(b, `/\`)+1:]
	}
	return requestlog.Model(string(bytes.TrimSuffix(b, []byte(".gguf"))))
}
