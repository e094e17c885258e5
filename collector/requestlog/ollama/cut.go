package ollama

import (
	"bytes"
	"strings"

	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
)

// Runners write their lines through pipes, and a line longer than what a write
// or a read takes comes in pieces: other processes' lines can stand between
// them. On Linux that is every line beyond 128 bytes; it is rare elsewhere.

const (
	// maxCut is the longest piece that is kept, in bytes.
	maxCut = 256
	// cutLines is for how many lines a piece is kept.
	cutLines = 64
)

// cut is the beginning of a runner's line whose end is still to come. It has
// nothing but the text of the allow-list and numbers.
type cut struct {
	Piece []byte `cbor:"1,keyasint"`
	Lines int    `cbor:"2,keyasint"` // for how many lines more it is kept
}

// split returns the first line in b, and what follows when another line begins in
// the middle of it.
func split(b []byte) (first, rest []byte) {
	if b[0] == 't' && bytes.HasPrefix(b, []byte("time=")) || b[0] == '[' {
		return b, nil // Ollama writes its own lines whole
	}
	at := len(b)
	for _, mark := range marks() {
		at = min(at, find(b[:at], b, mark))
	}
	return b[:at], b[at:]
}

// find returns where after its beginning a line with the given mark begins in
// part, which is the beginning of b; the length of part when none does.
func find(part, b, mark []byte) int {
	for from := 1; from < len(part); {
		i := bytes.Index(part[from:], mark)
		if i < 0 {
			break
		}
		if from += i; begins(b[from:]) {
			return from
		}
		from++
	}
	return len(part)
}

// marks are what another line in the middle of one begins with.
func marks() [4][]byte {
	return [4][]byte{[]byte(ginMark), []byte("time=2"), []byte("slot "), []byte("srv  ")}
}

// begins is true for the beginning of a line that is read.
func begins(b []byte) bool {
	switch {
	case bytes.HasPrefix(b, []byte("slot ")):
		return len(b) > 22 && string(b[17:22]) == ": id "
	case bytes.HasPrefix(b, []byte("srv  ")):
		return len(b) > 19 && string(b[17:19]) == ": "
	case b[0] == '[':
		_, ok := readGin(b)
		return ok
	}
	_, ok := readSlog(b)
	return ok
}

// whole is true for a message that has been read to its end, though the line
// stops short: one whose last number has text after it.
func whole(m message.Message) bool {
	switch m.Kind {
	case message.PromptTime, message.EvalTime, message.TotalTime, message.Cached:
		return true
	}
	return false
}

// keep keeps the beginning of a line when it is one of the allow-list.
func (c *cut) keep(b []byte) {
	if len(b) <= maxCut && isBeginning(b) {
		c.Piece, c.Lines = bytes.Clone(b), cutLines
	}
}

// join returns the kept piece and what follows as one line, when that makes one.
func (c *cut) join(b []byte) ([]byte, bool) {
	if len(c.Piece) == 0 {
		return nil, false
	}
	if c.Lines--; c.Lines == 0 {
		*c = cut{}
		return nil, false
	}
	if len(b) > maxCut {
		return nil, false
	}
	joined := append(bytes.Clone(c.Piece), b...)
	if message.Read(joined, false).Kind <= message.Broken || !isBeginning(joined) {
		return nil, false
	}
	*c = cut{}
	return joined, true
}

// isBeginning is true for the beginning of a line of the allow-list: text that
// cannot be of a prompt.
func isBeginning(b []byte) bool {
	bare := strip(b)
	for _, t := range templates() {
		if strings.HasPrefix(t, bare) {
			return true
		}
	}
	return false
}

// strip drops spaces and turns every number into a 0.
func strip(b []byte) string {
	var out strings.Builder
	number := false
	for _, c := range b {
		digit := c >= '0' && c <= '9' || c == '.' && number
		switch {
		case c == ' ', digit && number:
		case digit:
			out.WriteByte('0')
		default:
			out.WriteByte(c)
		}
		if c != ' ' {
			number = digit
		}
	}
	return out.String()
}

// templates are the lines of the allow-list as strip leaves them.
func templates() []string {
	const (
		timed = "=0ms/0tokens(0mspertoken,0tokenspersecond)"
		timer = "slotprint_timing:id0|task0|"
	)
	return []string{
		"slotget_availabl:id0|task-0|selectedslotbyLRU,n_tokens=0,t_last=0",
		"slotget_availabl:id0|task-0|selectedslotbyLRU,n_tokens=0,t_last=-0",
		"slotget_availabl:id0|task-0|selectedslotbyLCPsimilarity,f_sim_best=0(>0thold),f_keep=0",
		"slotlaunch_slot_:id0|task0|processingtask,is_child=0",
		"slotoperator():id0|task0|newprompt,n_ctx_slot=0,n_keep=0,task.n_tokens=0",
		"slotupdate_slots:id0|task0|newprompt,n_ctx_slot=0,n_keep=0,task.n_tokens=0",
		"slotoperator():id0|task0|cachedn_tokens=0,memory_seq_rm[0,end)",
		"slotupdate_slots:id0|task0|cachedn_tokens=0,memory_seq_rm[0,end)",
		timer + "promptevaltime" + timed, timer + "evaltime" + timed, timer + "totaltime=0ms/0tokens",
		"slotrelease:id0|task0|stopprocessing:n_tokens=0,truncated=0",
		"srvstop:canceltask,id_task=0", "srvsend_error:taskid=0,error:",
	}
}
