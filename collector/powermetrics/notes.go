package powermetrics

import (
	"bytes"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

const (
	maxNote   = 200 // bytes of a line that are kept
	noteBurst = 5   // lines that are logged at once
	noteEvery = time.Minute
)

// notes takes what the tool prints beside its stream. Noise is normal there
// ("Second underflow occured." once a sample), so it is counted and looked
// through, and only a few lines are logged.
type notes struct {
	log    zerolog.Logger
	now    func() time.Time
	onLine func()

	mu         sync.Mutex
	part       []byte // of the line that is not complete
	last       string
	refused    string // the first sampler or option that was refused
	superuser  bool
	allowance  int
	suppressed int
	refilled   time.Time
}

// Write takes the next bytes; it never fails.
func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for rest := p; len(rest) > 0; {
		line, after, complete := bytes.Cut(rest, []byte("\n"))
		rest = after
		n.part = append(n.part, line[:min(len(line), maxNote-len(n.part))]...)
		if complete {
			n.line(string(n.part))
			n.part = n.part[:0]
		}
	}
	return len(p), nil
}

// close takes a last line without an end.
func (n *notes) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.part) > 0 {
		n.line(string(n.part))
		n.part = nil
	}
}

func (n *notes) line(raw string) {
	line := strings.TrimSpace(strings.ToValidUTF8(raw, "?"))
	if line == "" {
		return
	}
	n.onLine()
	n.last = line
	n.understand(line)
	if now := n.now(); now.Sub(n.refilled) >= noteEvery {
		n.refilled, n.allowance = now, noteBurst
	}
	if n.allowance == 0 {
		n.suppressed++
		return
	}
	n.allowance--
	n.log.Warn().Str("line", line).Int("suppressed", n.suppressed).Msg("powermetrics wrote to stderr")
	n.suppressed = 0
}

// understand looks for the lines that say why the tool will not run.
func (n *notes) understand(line string) {
	if strings.Contains(line, "superuser") {
		n.superuser = true
	}
	if name, ok := refusal(line); ok && n.refused == "" {
		n.refused = name
	}
}

// understandHead looks through the beginning of stdout as well: some versions
// complain there.
func (n *notes) understandHead(head []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for line := range strings.Lines(string(head)) {
		n.understand(line)
	}
}

// head keeps the first bytes written to it.
type head struct{ b []byte }

// foreign reports whether something was printed that is no property list.
func (h *head) foreign() bool {
	return len(bytes.TrimLeft(h.b, "\x00 \t\r\n")) > 0 && !bytes.Contains(h.b, []byte("<plist"))
}

func (h *head) Write(p []byte) (int, error) {
	const most = 1 << 10
	h.b = append(h.b, p[:min(len(p), most-len(h.b))]...)
	return len(p), nil
}
