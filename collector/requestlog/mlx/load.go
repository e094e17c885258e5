package mlx

import (
	"slices"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// maxLoads bounds the model loads under way.
const maxLoads = 16

// load is a model load under way.
type load struct {
	Model string `cbor:"1,keyasint"`
	Begin moment `cbor:"2,keyasint"`
}

// load takes the lines about model loads. A server that serves has loaded what
// it was loading.
func (p *Parser) load(m message, at moment) requestlog.Verdict {
	if m.kind == loading {
		p.run.Model = m.text
		if i := p.findLoad(m.text); i >= 0 {
			p.loads[i].Begin = at
			return requestlog.Used
		}
		if len(p.loads) >= maxLoads {
			p.loads = p.loads[1:]
		}
		p.loads = append(p.loads, load{Model: m.text, Begin: at})
		return requestlog.Used
	}
	if len(p.loads) == 0 {
		return requestlog.Ignored
	}
	i := 0
	if m.kind == loaded {
		if i = p.findLoad(m.text); i < 0 {
			return requestlog.Ignored
		}
	}
	p.endLoad(i, at)
	return requestlog.Used
}

// endLoad completes load i.
func (p *Parser) endLoad(i int, at moment) {
	d := p.loads[i]
	p.loads = slices.Delete(p.loads, i, i+1)
	l := attribution.ModelLoad{Server: p.opt.Server, Model: p.model(d.Model)}
	if d.Begin.Known && at.Known {
		l.Start, l.End = d.Begin.time(), moment{Wall: max(d.Begin.Wall, at.Wall)}.time()
	}
	p.loaded = append(p.loaded, l)
}

func (p *Parser) findLoad(model string) int {
	return slices.IndexFunc(p.loads, func(d load) bool { return d.Model == model })
}
