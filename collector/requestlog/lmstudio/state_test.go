package lmstudio_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/lmstudio"
	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
)

func contract(opt requestlog.Options) parsertest.Contract {
	return parsertest.Contract{Format: lmstudio.Format(), Options: opt, MostState: 512 << 10}
}

// TestRestartAnywhere: a parser that is restarted after every line tells the same.
func TestRestartAnywhere(t *testing.T) {
	for _, path := range logs(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			f := contract(requestlog.Options{Server: "s"}).Agree(t, lines(read(t, path)), parsertest.Always)
			if len(f.Requests) == 0 {
				t.Error("no requests")
			}
		})
	}
}

func TestRestoreRefuses(t *testing.T) {
	for _, state := range [][]byte{nil, {0}, []byte("x"), {0xa1, 1, 9}, {0xa2, 1, 1, 4, 2}} {
		if err := lmstudio.New(requestlog.Options{}).Restore(state); !errors.Is(err, requestlog.ErrCheckpoint) {
			t.Errorf("%x: %v", state, err)
		}
	}
}

// TestPrivacy puts a marker into every field of every line, and looks for it in
// all that leaves the package. A model's id may have it: that is what is kept.
func TestPrivacy(t *testing.T) {
	const marker = parsertest.Marker
	for _, path := range logs(t) {
		section, head := map[string]string{}, "" // the entry that a line goes on
		for _, l := range lines(read(t, path)) {
			if bytes.HasPrefix(l.Data, []byte("[20")) {
				head = string(l.Data)
			}
			section[string(l.Data)] = head
		}
		for _, l := range lines(read(t, path)) {
			for _, place := range places(string(l.Data)) {
				p := lmstudio.New(requestlog.Options{Server: "s"})
				for _, before := range []string{ // long ago: every log comes after it
					"[2020-01-01 00:00:00][INFO][a] Running chat completion on conversation with 1 messages.",
					section[string(l.Data)],
				} {
					p.Parse(requestlog.Line{Data: []byte(before)})
				}
				p.Parse(requestlog.Line{Data: []byte(place[0] + marker + place[1])})
				p.Parse(requestlog.Line{Data: []byte(marker)})
				state, err := p.State()
				if err != nil && strings.Contains(err.Error(), "GEHEIM") || bytes.Contains(state, []byte("GEHEIM")) {
					t.Errorf("the state holds text of %q", place)
				}
				if f := fmt.Sprintf("%+v", p.Take()); strings.Contains(f, "GEHEIM") {
					t.Errorf("facts hold text of %q: %s", place, f)
				}
			}
		}
	}
	err := lmstudio.New(requestlog.Options{}).Restore([]byte(marker))
	if err == nil || strings.Contains(err.Error(), "GEHEIM") {
		t.Errorf("error %v", err)
	}
}

// places are the ways to cut a line in two where a field begins or ends.
func places(line string) [][2]string {
	all := [][2]string{{line, ""}, {"", line}}
	for i := 1; i < len(line); i++ {
		if strings.ContainsRune(" []\"':=/,(", rune(line[i-1])) || strings.ContainsRune(" []\"':=/,(", rune(line[i])) {
			all = append(all, [2]string{line[:i], line[i:]})
		}
	}
	return all
}

// FuzzParser: no input makes the parser panic, give a request that cannot be,
// or go on differently after a restart.
func FuzzParser(f *testing.F) {
	for _, path := range logs(f) { // in pieces: small inputs are worked on faster
		data := read(f, path)
		f.Add(data, uint8(11))
		for len(data) > 0 {
			n := min(len(data), 900)
			f.Add(data[:n], uint8(n%16))
			data = data[n:]
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		all := lines(data)
		for i := 1; i < len(all); i += 3 {
			all[i].Arrival, all[i].Spread = noon.Add(time.Duration(i)*time.Second), time.Second
		}
		contract(requestlog.Options{Server: "s", NoCache: cut%2 == 0}).Agree(t, all, int(cut))
	})
}

// FuzzRestore: no checkpoint makes the parser panic, then or later.
func FuzzRestore(f *testing.F) {
	var all [][]requestlog.Line
	for _, path := range logs(f) {
		all = append(all, lines(read(f, path)))
	}
	after := append(lines(read(f, "testdata/slots.log")), lines(read(f, "testdata/splash.log"))...)
	contract(requestlog.Options{Server: "s"}).FuzzRestore(f, 9, after, all...)
}

// TestBounded: what never ends is given up, oldest first, and the state stays small.
func TestBounded(t *testing.T) {
	p := lmstudio.New(requestlog.Options{Server: "s"})
	requests := 0
	for i := range 3000 {
		for _, text := range []string{
			"0 [INFO][a] Running chat completion on conversation with 1 messages.",
			fmt.Sprintf("0 [DEBUG] slot launch_slot_: id %2d | task %d | processing task, is_child = 0", i, i),
			"0 [DEBUG] Prompt cache: using 1/2 tokens from cache",
			"0 [DEBUG] Total prompt tokens: 5",
			"0 [INFO] Received request to embed multiple: [",
		} {
			p.Parse(requestlog.Line{Data: []byte(stamped(text)), Offset: int64(i)})
		}
		f := p.Take()
		requests += len(f.Requests)
		if len(f.InFlight) > 512 {
			t.Fatalf("%d requests in flight", len(f.InFlight))
		}
	}
	state, err := p.State()
	if err != nil || len(state) > 512<<10 {
		t.Errorf("a state of %d bytes, %v", len(state), err)
	}
	if want := 3000 - 256; requests != want {
		t.Errorf("%d requests, want %d", requests, want)
	}
}

func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	const days = 2000
	block := string(read(b, "testdata/slots.log")) + string(read(b, "testdata/info.log"))
	for d := range days {
		date := noon.AddDate(0, 0, d).Format(time.DateOnly)
		s := strings.ReplaceAll(block, "2026-04-24 18", date+" 08")
		text.WriteString(strings.ReplaceAll(s, "2026-03-02", date))
	}
	all := lines([]byte(text.String()))
	b.SetBytes(int64(text.Len()))
	requests := 0
	for b.Loop() {
		p := lmstudio.New(requestlog.Options{Server: "s", Zone: time.FixedZone("x", 3600)})
		requests = 0
		for _, l := range all {
			p.Parse(l)
			if l.Offset%64 == 0 {
				requests += len(p.Take().Requests)
			}
		}
		requests += len(p.Take().Requests)
	}
	if requests != days*6 {
		b.Fatalf("%d requests", requests)
	}
	b.ReportMetric(float64(len(all))*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
