package llamacpp

import "slices"

// relate tells the other processes when one began, once it is known: the router's
// stamps say when it started each server, so one line with a known arrival places
// them all. Without that an idle server's requests of yesterday would wait, and
// hold everything up, until it served again.
func (p *Parser) relate(c *process) {
	if c.Placed || !c.Run.Begun || !c.Run.Clock.best().Known {
		return
	}
	c.Placed = true
	router := p.main.Run.Clock.best()
	if !router.Known {
		if c.Child == nil || !c.Child.BaseKnown {
			return
		}
		own := c.Run.Clock.best()
		router = sample{Start: own.Start - int64(c.Child.Base), Spread: own.Spread + spawnSlack, Known: true}
		p.main.hint(router)
	}
	for _, x := range p.children {
		if x.Child.BaseKnown {
			x.hint(sample{Start: router.Start + int64(x.Child.Base), Spread: router.Spread + spawnSlack, Known: true})
		}
	}
	p.children = slices.DeleteFunc(p.children, func(x *process) bool { return x.Child.Gone && len(x.Waiting) == 0 })
}

// hint tells a process when it began, unless a line of its own does.
func (p *process) hint(s sample) {
	if p.Run.Clock.best().Known {
		return
	}
	p.Hint, p.Run.Clock.Hint = s, s
	p.settle()
}
