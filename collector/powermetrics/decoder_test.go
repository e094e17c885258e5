package powermetrics_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
)

// usualSample is what usual() decodes to.
func usualSample() powermetrics.Sample {
	return powermetrics.Sample{
		Elapsed: time.Second, Timestamp: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		HWModel: "Mac16,8", OSBuild: "24F74", IsDelta: true,
		CPU: attribution.Rail{Energy: 0.5, Known: true, Busy: 750 * time.Millisecond, BusyKnown: true},
		GPU: attribution.Rail{Energy: 0.1, Known: true, Busy: 100 * time.Millisecond, BusyKnown: true},
		ANE: attribution.Rail{Known: true},
		Clusters: []powermetrics.Cluster{{Name: "Q9-Cluster", CPUs: []powermetrics.CPU{
			{ID: 0, Idle: powermetrics.Ratio{Value: 0.5, Known: true}},
			{ID: 1, Idle: powermetrics.Ratio{Value: 0.75, Known: true}},
		}}},
	}
}

// TestDecode holds odd documents against what they must decode to.
func TestDecode(t *testing.T) {
	tests := []struct {
		name   string
		doc    func(*doc)
		edit   func(string) string
		change func(*powermetrics.Sample)
	}{
		{name: "usual"},
		{name: "one line", edit: func(s string) string { return strings.ReplaceAll(s, "\n", "") }},
		{name: "indented with CRLF", edit: func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n\t  ") }},
		{name: "no xml declaration", edit: func(s string) string { return s[strings.Index(s, "<plist"):] }},
		{name: "comments", edit: func(s string) string {
			return strings.ReplaceAll(s, "<key>processor</key>", "<!-- </dict> <key>no</key> --><key>processor</key><!-- -->")
		}},
		{name: "spaces in tags", doc: func(d *doc) { d.delta = "true" }, edit: func(s string) string {
			return strings.ReplaceAll(s, "<true/>", "<true />")
		}},
		{
			name: "the last of duplicate keys wins",
			edit: func(s string) string {
				return strings.ReplaceAll(s, "<key>gpu</key>\n<dict>\n", "<key>gpu</key>\n<dict>\n<key>idle_ratio</key><real>0.1</real>\n")
			},
		},
		{
			name: "a second processor replaces the first",
			edit: func(s string) string {
				return strings.Replace(s, "<key>processor</key>", "<key>processor</key><dict><key>cpu_energy</key><integer>7</integer><key>clusters</key><array><dict><key>cpus</key><array><dict/></array></dict></array></dict><key>processor</key>", 1)
			},
		},
		{
			name: "NaN is unknown",
			doc:  func(d *doc) { d.idle[1], d.gpuIdle = "nan", "NaN" },
			change: func(s *powermetrics.Sample) {
				s.Clusters[0].CPUs[1].Idle = powermetrics.Ratio{}
				s.CPU.Busy, s.CPU.BusyKnown, s.GPU.Busy, s.GPU.BusyKnown = 0, false, 0, false
			},
		},
		{
			name:   "NaN energy is unknown",
			doc:    func(d *doc) { d.ane = "nan" },
			change: func(s *powermetrics.Sample) { s.ANE = attribution.Rail{} },
		},
		{
			name: "down time is not busy time, and busy time is never below zero",
			doc:  func(d *doc) { d.idle = []string{"0.25</real><key>down_ratio</key><real>0.5", "1.01"} },
			change: func(s *powermetrics.Sample) {
				s.Clusters[0].CPUs[0] = powermetrics.CPU{Idle: powermetrics.Ratio{Value: 0.25, Known: true}, Down: powermetrics.Ratio{Value: 0.5, Known: true}}
				s.Clusters[0].CPUs[1].Idle.Value = 1.01
				s.CPU.Busy = 250 * time.Millisecond
			},
		},
		{
			name: "the processor's GPU energy is used, the GPU's own never added",
			doc:  func(d *doc) { d.gpuOwn = "99" },
		},
		{
			name:   "the GPU's own energy stands in",
			doc:    func(d *doc) { d.gpu, d.gpuOwn = "", "99" },
			change: func(s *powermetrics.Sample) { s.GPU.Energy = 0.099 },
		},
		{
			name: "rails missing",
			doc:  func(d *doc) { d.gpu, d.ane, d.gpuIdle = "", "", "" },
			change: func(s *powermetrics.Sample) {
				s.GPU, s.ANE = attribution.Rail{}, attribution.Rail{}
			},
		},
		{
			name:   "no CPUs",
			doc:    func(d *doc) { d.idle = nil },
			change: func(s *powermetrics.Sample) { s.Clusters, s.CPU.Busy, s.CPU.BusyKnown = nil, 0, false },
		},
		{
			name: "a value of another type counts as absent",
			edit: func(s string) string {
				return strings.Replace(s, "<key>ane_energy</key><integer>0</integer>", "<key>ane_energy</key><array><string>x</string></array>", 1)
			},
			change: func(s *powermetrics.Sample) { s.ANE = attribution.Rail{} },
		},
		{
			name: "raw XML and broken UTF-8 in names",
			doc: func(d *doc) {
				d.extra = "<key>tasks</key><array><dict><key>pid</key><integer>7</integer><key>name</key><string>R&D <b> &amp; \xe2\x82 &#x41;&bogus;</string><key>cputime_ns</key><integer>12</integer></dict></array>\n"
			},
			change: func(s *powermetrics.Sample) {
				s.HasTasks = true
				s.Tasks = []powermetrics.Task{{PID: 7, Name: "R&D <b> & \uFFFD A&bogus;", Coalition: -1, Use: powermetrics.Use{CPU: 12, CPUKnown: true}}}
			},
		},
		{
			name: "unread trees are skipped whatever is in them",
			doc: func(d *doc) {
				d.extra = "<key>x</key><array><dict><key>processor</key><dict/><key>s</key><string>a</dict></array>b</string><key>t</key><true/></dict><array/><string/><data>AAAA</data></array>\n"
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, want := usual(), usualSample()
			if tt.doc != nil {
				tt.doc(&d)
			}
			text := d.String()
			if tt.edit != nil {
				if text = tt.edit(text); text == d.String() {
					t.Fatal("the edit changes nothing")
				}
			}
			if tt.change != nil {
				tt.change(&want)
			}
			got := decodeAll(t, strings.NewReader(text))
			if diff := cmp.Diff([]powermetrics.Sample{want}, got, emptyIsNil()); diff != "" {
				t.Errorf("sample (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFlaw holds samples that contradict themselves against ones that only
// look odd.
func TestFlaw(t *testing.T) {
	tests := []struct {
		name string
		doc  func(*doc)
		want powermetrics.Flaw
	}{
		{"busy CPUs, no energy", func(d *doc) { d.cpu = "0" }, powermetrics.FlawCPUZero},
		{"one busy CPU is enough when another is unknown", func(d *doc) { d.cpu, d.idle[1] = "0", "nan" }, powermetrics.FlawCPUZero},
		{"idle CPUs, no energy", func(d *doc) { d.cpu, d.idle = "0", []string{"0.96", "0.96"} }, ""},
		{"busy GPU, no energy", func(d *doc) { d.gpu, d.gpuIdle = "0", "0.5" }, powermetrics.FlawGPUZero},
		{"short idle window, no GPU energy", func(d *doc) { d.gpu, d.gpuIdle, d.elapsed = "0", "0.96", 140*time.Millisecond }, ""},
		{"no rail", func(d *doc) { d.cpu, d.gpu, d.ane = "", "", "nan" }, powermetrics.FlawNoRail},
		{"one rail", func(d *doc) { d.cpu, d.ane = "", "" }, ""},
		{"summary", func(d *doc) { d.delta = "false" }, powermetrics.FlawSummary},
		{"delta", func(d *doc) { d.delta = "true" }, ""},
		{"negative energy", func(d *doc) { d.gpu = "-3" }, powermetrics.FlawImplausible},
		{"wrapped energy", func(d *doc) { d.gpu = "18446744073709551613" }, powermetrics.FlawImplausible},
		{"marked invalid", func(d *doc) { d.extra = "<key>invalid</key><true/>" }, powermetrics.FlawInvalid},
		{"not marked invalid", func(d *doc) { d.extra = "<key>invalid</key><false/>" }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := usual()
			tt.doc(&d)
			got := decodeAll(t, strings.NewReader(d.String()))
			if len(got) != 1 || got[0].Flaw != tt.want {
				t.Errorf("flaw %q, want %q", got[0].Flaw, tt.want)
			}
		})
	}
}

// TestSkip holds what a broken stream gives: each broken document once, with
// its reason, and every whole one beside it.
func TestSkip(t *testing.T) {
	one := usual().String()
	stamp := usual().stamp
	half := one[:len(one)-40]
	type skip = powermetrics.DocumentError
	tests := []struct {
		name    string
		stream  string
		samples int
		skipped []skip
	}{
		{"empty", "", 0, nil},
		{"blanks", "\n\x00 \n", 0, nil},
		{"cut at the end", one + "\x00" + half, 1, []skip{{Defect: powermetrics.DefectCut, Elapsed: time.Second, Timestamp: stamp, Err: io.ErrUnexpectedEOF}}},
		{"cut in the head", one[:60], 0, []skip{{Defect: powermetrics.DefectCut, Err: io.ErrUnexpectedEOF}}},
		{"cut before the NUL", half + "\x00" + one, 1, []skip{{Defect: powermetrics.DefectCut, Elapsed: time.Second, Timestamp: stamp}}},
		{"cut without a NUL", half + one + one, 2, []skip{{Defect: powermetrics.DefectCut, Elapsed: time.Second, Timestamp: stamp}}},
		{"garbage around", "hello\n" + one + "what </plist> is <this\n" + one + "bye", 2, []skip{
			{Defect: powermetrics.DefectGarbage}, {Defect: powermetrics.DefectGarbage}, {Defect: powermetrics.DefectGarbage},
		}},
		{"half a mark at the end", one + "<?xm", 1, []skip{{Defect: powermetrics.DefectGarbage}}},
		{"no length", strings.Replace(one, "elapsed_ns", "elapsed_ms", 1) + one, 1, []skip{{Defect: powermetrics.DefectElapsed, Timestamp: stamp}}},
		{"length zero", strings.Replace(one, ">1000000000<", ">0<", 1), 0, []skip{{Defect: powermetrics.DefectElapsed, Timestamp: stamp}}},
		{"not a number", strings.Replace(one, ">500<", ">5OO<", 1) + one, 1, []skip{{Defect: powermetrics.DefectNumber, Elapsed: time.Second, Timestamp: stamp}}},
		{"a key without a value", strings.Replace(one, "<integer>500</integer>", "", 1) + one, 1, []skip{{Defect: powermetrics.DefectMalformed, Elapsed: time.Second, Timestamp: stamp}}},
		{"lost bytes", one[:300] + one[400:] + one, 1, []skip{{Defect: powermetrics.DefectMalformed, Elapsed: time.Second, Timestamp: stamp}}},
		{"one dict too few", strings.Replace(one, "</dict>\n</plist>", "</plist>", 1) + one, 1, []skip{{Defect: powermetrics.DefectMalformed, Elapsed: time.Second, Timestamp: stamp}}},
		{"another property list", "<plist><array/></plist>" + one, 1, []skip{{Defect: powermetrics.DefectMalformed}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			samples, skipped := decode(t, strings.NewReader(tt.stream))
			if len(samples) != tt.samples {
				t.Errorf("%d samples, want %d", len(samples), tt.samples)
			}
			var got []skip
			for _, s := range skipped {
				got = append(got, *s)
			}
			places := cmpopts.IgnoreFields(skip{}, "Offset", "Size")
			if diff := cmp.Diff(tt.skipped, got, places, cmpopts.EquateErrors()); diff != "" {
				t.Errorf("skipped (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSkipSaysWhere(t *testing.T) {
	one := usual().String()
	_, skipped := decode(t, strings.NewReader(one+"\x00oops"+one+"\x00"+one[:200]))
	var got []int64
	for _, s := range skipped {
		got = append(got, s.Offset, s.Size)
	}
	n := int64(len(one))
	if diff := cmp.Diff([]int64{n + 1, 4, 2*n + 6, 200}, got); diff != "" {
		t.Errorf("offset, size (-want +got):\n%s", diff)
	}
	if !errors.Is(skipped[1], io.ErrUnexpectedEOF) {
		t.Errorf("a cut last document gives %v, want io.ErrUnexpectedEOF", skipped[1])
	}
}

// TestOverlong bounds memory: the document is skipped, the next one is read.
func TestOverlong(t *testing.T) {
	one := usual().String()
	long := usual()
	long.extra = "<key>x</key><string>" + strings.Repeat("x", 1<<20) + "</string>"
	d := powermetrics.NewDecoder(strings.NewReader(one + "\x00" + long.String() + "\x00" + one))
	d.MaxDocument = 64 << 10
	var got []string
	var s powermetrics.Sample
	for {
		err := d.Next(&s)
		var broken *powermetrics.DocumentError
		if err == io.EOF {
			break
		} else if errors.As(err, &broken) {
			got = append(got, string(broken.Defect)+" "+broken.Elapsed.String())
			if broken.Size > 256<<10 {
				t.Errorf("held %d bytes of an overlong document", broken.Size)
			}
		} else {
			got = append(got, "sample "+s.Elapsed.String())
		}
	}
	if diff := cmp.Diff([]string{"sample 1s", "overlong 1s", "sample 1s"}, got); diff != "" {
		t.Errorf("stream (-want +got):\n%s", diff)
	}
}

// TestAtOnce checks that a sample is there when its </plist> is: the NUL comes
// an interval later.
func TestAtOnce(t *testing.T) {
	r, w := io.Pipe()
	d := powermetrics.NewDecoder(r)
	one := strings.TrimSuffix(usual().String(), "\n")
	for range 3 {
		done := make(chan error, 1)
		var s powermetrics.Sample
		go func() { done <- d.Next(&s) }()
		if _, err := io.WriteString(w, one); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		go func() { _, err := io.WriteString(w, "\n\x00"); done <- err }()
		go func() { done <- d.Next(&s) }()
		if err := <-done; err != nil { // the NUL is taken, no sample with it
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, one); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil || s.Elapsed != time.Second {
			t.Fatalf("sample %v, error %v", s.Elapsed, err)
		}
	}
}

func TestReadError(t *testing.T) {
	boom := errors.New("boom")
	d := powermetrics.NewDecoder(io.MultiReader(strings.NewReader(usual().String()), errReader{boom}))
	var s powermetrics.Sample
	if err := d.Next(&s); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Next(&s); !errors.Is(err, boom) {
			t.Errorf("got %v, want boom", err)
		}
	}
	if s.Elapsed != 0 {
		t.Errorf("sample is not empty after an error: %v", s.Elapsed)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }
