package ollama

import (
	"bytes"
	"slices"
	"strings"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

const (
	// maxRunners bounds how many runners are followed at once.
	maxRunners = 32
	// maxHeld bounds for how many slots of a runner it is known what they hold.
	maxHeld = 64
)

// runner is a process that Ollama started to run one model.
type runner struct {
	Model string `cbor:"1,keyasint"` // as requests show it
	// Digest is that of the model's file; empty where the log has none.
	Digest string `cbor:"2,keyasint"`
	Named  bool   `cbor:"3,keyasint"` // Model is a name, not made of the digest
	Port   int64  `cbor:"4,keyasint"`
	// Slots and Context are its number of slots and the tokens each holds; 0:
	// not told.
	Slots   int64 `cbor:"5,keyasint"`
	Context int64 `cbor:"6,keyasint"`
	// Mute is true for a runner that tells nothing of its requests.
	Mute    bool       `cbor:"7,keyasint"`
	Loading bool       `cbor:"8,keyasint"`
	Begin   slots.Mark `cbor:"9,keyasint"`

	Tasks []slots.Task `cbor:"10,keyasint"` // what Table holds, in a checkpoint
	Table slots.Table  `cbor:"-"`

	// Launched is the highest number of a task launched, -1 before the first.
	Launched int64 `cbor:"11,keyasint"`
	// Next is the least number that its next task can have, and Slack by how much
	// it may be more while the runner has nothing to do.
	Next  int64 `cbor:"12,keyasint"`
	Slack int64 `cbor:"13,keyasint"`
	// Held is what slots hold; the others hold nothing, but when HeldDoubt says
	// that they may hold anything. Doubt says that Next may be more.
	Held      []held `cbor:"14,keyasint"`
	HeldDoubt bool   `cbor:"15,keyasint"`
	Doubt     bool   `cbor:"16,keyasint"`
}

// held is how many tokens a slot's cache holds.
type held struct {
	Slot   int64 `cbor:"1,keyasint"`
	Tokens int64 `cbor:"2,keyasint"`
}

// start takes in that a runner was started.
func (p *Parser) start(r runner, at span) {
	r.Launched, r.Loading, r.Begin = -1, true, at.mark()
	// The scheduler runs a model once: a runner of the same file has gone.
	for i := len(p.runners) - 1; i >= 0; i-- {
		if old := &p.runners[i]; r.Digest != "" && old.Digest == r.Digest {
			p.drop(i)
		}
	}
	if len(p.runners) == maxRunners {
		p.drop(0)
	}
	p.runners = append(p.runners, r)
}

// ready takes in that a runner has loaded its model, in the time told.
func (p *Parser) ready(i int, at span) {
	if i < 0 {
		return
	}
	r := &p.runners[i]
	r.Loading = false
	l := attribution.ModelLoad{Server: p.opt.Server, Model: p.modelOf(r)}
	if begin := spanOf(r.Begin); begin.known() && at.known() {
		l.Start, l.End = unix(min(begin.From, at.Until)), unix(at.Until)
		p.access.loaded(begin.From, at.Until)
	}
	p.loads = append(p.loads, l)
	p.newest = r.Port
}

// loading returns the runner that has been loading for the time that its line
// says, or the one that has been for the longest; -1 when there is none.
func (p *Parser) loading(at span, took float64, mute bool) int {
	best, least := -1, 0.0
	for i := range p.runners {
		r := &p.runners[i]
		if !r.Loading || r.Mute != mute {
			continue
		}
		off := float64(at.Until-r.Begin.Wall)/1e9 - took
		if off = max(off, -off); best < 0 || off < least-0.05 {
			best, least = i, off
		}
	}
	return best
}

// counted takes in how many runners are loaded, the newest included. When there
// is only that one, the others have gone; when there are more than are known, the
// log began after their start.
func (p *Parser) counted(n int64) {
	for n == 1 && len(p.runners) > 1 {
		p.drop(0)
	}
	if n > int64(len(p.runners)) && n <= maxRunners && p.onPort(0) == nil {
		p.unseen()
	}
}

// unseen adds a runner that the log does not tell of.
func (p *Parser) unseen() {
	p.runners = slices.Insert(p.runners, 0, runner{Launched: -1, Doubt: true, HeldDoubt: true})
}

// drop forgets runner i: its process has ended, and what it worked on with it.
func (p *Parser) drop(i int) {
	r := &p.runners[i]
	for len(r.Table.Tasks) > 0 {
		p.end(r.Table.Drop(0, p.last, p.lastLine), p.modelOf(r))
	}
	p.runners = slices.Delete(p.runners, i, i+1)
}

// gone drops the runner of a model's digest.
func (p *Parser) gone(digest string) bool {
	i := slices.IndexFunc(p.runners, func(r runner) bool { return digest != "" && r.Digest == digest })
	if i >= 0 {
		p.drop(i)
	}
	return i >= 0
}

func (p *Parser) modelOf(r *runner) string {
	if p.opt.Model != "" {
		return p.opt.Model
	}
	return r.Model
}

// name gives the runner the name of its model.
func (p *Parser) name(r *runner) {
	r.Model = requestlog.Model(r.Model)
	if r.Digest == "" {
		r.Named = r.Model != ""
		return
	}
	r.Model = "sha256-" + r.Digest[:12]
	if p.opt.ModelName == nil {
		return
	}
	if name := requestlog.Model(p.opt.ModelName(r.Digest)); name != "" {
		r.Model, r.Named = name, true
	}
}

// selected takes in the name of the model that was loaded last, for a digest that
// has none otherwise.
func (p *Parser) selected(name []byte) {
	i := slices.IndexFunc(p.runners, func(r runner) bool { return r.Port == p.newest })
	short := requestlog.Model(shortName(string(name)))
	if i < 0 || p.newest == 0 || p.runners[i].Named || short == "" {
		return
	}
	p.runners[i].Model, p.runners[i].Named = short, true
}

// shortName is a model's name as users write it: without the default registry,
// owner and tag.
func shortName(name string) string {
	name = strings.TrimPrefix(name, "registry.ollama.ai/")
	name = strings.TrimPrefix(name, "library/")
	return strings.TrimSuffix(name, ":latest")
}

// started reads the command line of a runner: which model, on which port, with
// how many slots. It is false for one without a model, as for the search of GPUs.
func started(cmd []byte) (runner, bool) {
	model, ok := argument(cmd, " --model ")
	if !ok {
		return runner{}, false
	}
	r := runner{Digest: digestOf(model), Port: wholeNumber(argumentWord(cmd, " --port "))}
	if r.Digest == "" {
		r.Model = baseName(string(model))
	}
	r.Slots = wholeNumber(argumentWord(cmd, " -np "))
	if r.Slots > 0 {
		r.Context = wholeNumber(argumentWord(cmd, " -c ")) / r.Slots
	}
	return r, true
}

// argument returns what follows a flag, up to the next one: paths hold spaces.
func argument(cmd []byte, flag string) ([]byte, bool) {
	_, v, ok := bytes.Cut(cmd, []byte(flag))
	if !ok {
		return nil, false
	}
	if i := bytes.Index(v, []byte(" -")); i >= 0 {
		v = v[:i]
	}
	return v, len(v) > 0
}

func argumentWord(cmd []byte, flag string) []byte {
	v, _ := argument(cmd, flag)
	v, _, _ = bytes.Cut(v, []byte(" "))
	return v
}

// digestOf returns the digest in the path of a model's file, or "".
func digestOf(path []byte) string {
	i := bytes.LastIndex(path, []byte("sha256-"))
	if i < 0 {
		return ""
	}
	digest := path[i+len("sha256-"):]
	if len(digest) != 64 || len(bytes.Trim(digest, "0123456789abcdef")) > 0 {
		return ""
	}
	return string(digest)
}

func baseName(path string) string {
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		path = path[i+1:]
	}
	return strings.TrimSuffix(path, ".gguf")
}
