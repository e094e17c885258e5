package ollama

import (
	"bytes"
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// event takes a line of Ollama's own log.
func (p *Parser) event(s slogLine, l requestlog.Line) requestlog.Verdict {
	ns := s.at.UnixNano()
	at := span{ns, ns + 999_999} // milliseconds, rounded down
	p.tell(at.within(arrived(l)))
	if s.source != fromOllama {
		return requestlog.Ignored
	}
	p.run.Stamp = ns
	_, offset := s.at.Zone()
	p.run.Zone, p.run.ZoneKnown = offset, true
	if s.began() {
		p.begin(l)
		return requestlog.Used
	}
	if p.runnerEvent(s, at) {
		return requestlog.Used
	}
	return requestlog.Ignored
}

// began is true for the line that a server begins its log with.
func (s slogLine) began() bool { return s.said("server config") }

// runnerEvent takes what Ollama says of its runners. It is false for anything
// else.
func (p *Parser) runnerEvent(s slogLine, at span) bool {
	switch {
	case s.said("starting llama-server"), s.said("starting llama server"), s.said("starting runner"):
		r, ok := started(s.attribute("cmd"))
		if !ok {
			return false
		}
		r.Mute = !s.said("starting llama-server")
		p.name(&r)
		p.start(r, at)
	case s.said("starting mlx runner subprocess"):
		r := runner{Model: shortName(string(s.attribute("model"))), Port: s.number("port"), Mute: true}
		p.name(&r)
		p.start(r, at)
	case s.begins("llama-server started in "):
		p.ready(p.loading(at, s.took(), false), at)
	case s.begins("llama runner started in "):
		p.ready(p.loading(at, s.took(), true), at)
	case s.said("mlx runner is ready"):
		p.readyOn(s.number("port"), at)
	case s.said("loaded runners"):
		p.counted(s.number("count"))
	case s.said("template selection"):
		p.selected(s.attribute("model"))
	case s.said("stopping mlx runner subprocess"):
		p.stopped()
	case s.said("shutting down runner"):
		return p.gone(digestOf(s.attribute("model")))
	case s.said("error loading llama server"):
		return p.failed()
	case s.said("cloud proxy response headers copied"):
		p.access.Remote = min(p.access.Remote+1, maxDone)
	default:
		return false
	}
	return true
}

// took returns the seconds in "… started in 0.25 seconds".
func (s slogLine) took() float64 {
	_, rest, _ := bytes.Cut(s.msg, []byte(" started in "))
	number, _, _ := bytes.Cut(rest, []byte(" "))
	if len(number) > 16 {
		return 0
	}
	v, err := strconv.ParseFloat(string(number), 64)
	if err != nil || v < 0 || v > maxDuration.Seconds() {
		return 0
	}
	return v
}

// readyOn takes in that the runner on a port has loaded its model.
func (p *Parser) readyOn(port int64, at span) {
	for i := range p.runners {
		if p.runners[i].Port == port && p.runners[i].Loading {
			p.ready(i, at)
			return
		}
	}
}

// stopped drops the one runner that can have been stopped: an MLX runner, of
// which the line gives nothing but a process id. It forgets none of several.
func (p *Parser) stopped() {
	which := p.which(func(r *runner) bool { return r.Mute && r.Digest == "" })
	if len(which) == 1 {
		p.drop(which[0])
	}
}

// failed drops the runner whose load has failed, if it is clear which.
func (p *Parser) failed() bool {
	which := p.which(func(r *runner) bool { return r.Loading })
	if len(which) == 1 {
		p.drop(which[0])
	}
	return len(which) == 1
}

// readOldBegin reads the first line of a server before the middle of 2025, which
// has another shape: 2025/03/05 06:19:02 routes.go:1215: INFO server config env=…
// Its time is local and serves as a name only.
func readOldBegin(b []byte) (time.Time, bool) {
	const layout = "2006/01/02 15:04:05"
	if len(b) < len(layout) || !bytes.HasPrefix(b[len(layout):], []byte(" routes.go:")) ||
		!bytes.Contains(b[:min(len(b), 64)], []byte(": INFO server config ")) {
		return time.Time{}, false
	}
	at, err := time.Parse(layout, string(b[:len(layout)]))
	return at, err == nil
}
