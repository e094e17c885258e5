package powermetrics_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// emptyIsNil compares slices that are empty and nil as equal.
func emptyIsNil() cmp.Option { return cmpopts.EquateEmpty() }

// randomCuts reads data in pieces of up to 5 kB, with many tiny ones.
func randomCuts(data []byte, seed uint64) io.Reader {
	return &cutReader{data: bytes.NewReader(data), random: rand.New(rand.NewPCG(seed, 1))}
}

type cutReader struct {
	data   io.Reader
	random *rand.Rand
}

func (c *cutReader) Read(p []byte) (int, error) {
	most := 1 + c.random.IntN(8)
	if c.random.IntN(4) > 0 {
		most = 1 + c.random.IntN(5000)
	}
	return c.data.Read(p[:min(len(p), most)])
}

// doc is a small document for tests; what is left empty is not written.
type doc struct {
	delta                 string // true, false
	elapsed               time.Duration
	stamp                 time.Time
	boot                  int64
	cpu, gpu, ane, gpuOwn string // energies, as <integer>
	idle                  []string
	gpuIdle               string
	extra                 string // raw rows at the top level
}

// usual is a document as an idle Mac prints it.
func usual() doc {
	return doc{
		elapsed: time.Second, stamp: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		cpu: "500", gpu: "100", ane: "0", idle: []string{"0.5", "0.75"}, gpuIdle: "0.9",
	}
}

func (d doc) String() string {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n")
	row := func(key, kind, value string) {
		if value != "" {
			fmt.Fprintf(&b, "<key>%s</key><%s>%s</%s>\n", key, kind, value, kind)
		}
	}
	if d.delta != "" {
		fmt.Fprintf(&b, "<key>is_delta</key><%s/>\n", d.delta)
	}
	if d.elapsed != 0 {
		row("elapsed_ns", "integer", fmt.Sprint(d.elapsed.Nanoseconds()))
	}
	row("hw_model", "string", "Mac16,8")
	row("kern_osversion", "string", "24F74")
	if d.boot != 0 {
		row("kern_boottime", "integer", fmt.Sprint(d.boot))
	}
	if !d.stamp.IsZero() {
		row("timestamp", "date", d.stamp.UTC().Format(time.RFC3339))
	}
	b.WriteString(d.extra)
	b.WriteString("<key>processor</key>\n<dict>\n")
	if len(d.idle) > 0 {
		b.WriteString("<key>clusters</key>\n<array>\n<dict>\n<key>name</key><string>Q9-Cluster</string>\n<key>cpus</key>\n<array>\n")
		for i, idle := range d.idle {
			fmt.Fprintf(&b, "<dict>\n<key>cpu</key><integer>%d</integer>\n<key>idle_ratio</key><real>%s</real>\n</dict>\n", i, idle)
		}
		b.WriteString("</array>\n</dict>\n</array>\n")
	}
	row("cpu_energy", "integer", d.cpu)
	row("gpu_energy", "integer", d.gpu)
	row("ane_energy", "integer", d.ane)
	b.WriteString("</dict>\n<key>gpu</key>\n<dict>\n")
	row("idle_ratio", "real", d.gpuIdle)
	row("gpu_energy", "integer", d.gpuOwn)
	b.WriteString("</dict>\n</dict>\n</plist>\n")
	return b.String()
}

// stream joins documents as the tool does.
func stream(docs ...doc) string {
	var all []string
	for _, d := range docs {
		all = append(all, d.String())
	}
	return strings.Join(all, "\x00")
}
