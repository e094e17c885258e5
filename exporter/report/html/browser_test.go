package html_test

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// onPaper is the scheme of a page that is printed, and paperWidth what A4 leaves
// between its margins, in pixels.
const (
	onPaper    = "print"
	paperWidth = 688
)

// look.js is run in the page by the test, and is no part of it.
//
//go:embed testdata/look.js
var lookScript string

// look is what look.js finds.
type look struct {
	Width    int64    `json:"width"`    // of what can be scrolled to
	Charts   []string `json:"charts"`   // charts without a size
	Faint    []string `json:"faint"`    // text with too little contrast
	Overlaps []string `json:"overlaps"` // text on text, and text beyond the edge of the page
	Texts    int      `json:"texts"`    // how many were looked at
	Drawn    int      `json:"drawn"`    // charts with a size
	Paper    string   `json:"paper"`    // the page's background
}

// browser is a page in Chromium, and what it complained of.
type browser struct {
	ctx        context.Context
	dir        string
	mu         sync.Mutex
	complaints []string
	requests   []string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("there is no Chromium here to look at the page with")
	}
	dir, err := os.MkdirTemp("", "sovmeter-html") // its own folder: Chromium may still write to it when the test ends
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	options := []chromedp.ExecAllocatorOption{
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.ExecPath(path),
		chromedp.UserDataDir(filepath.Join(dir, "user")), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	b := &browser{dir: dir}
	b.ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Listen(b.ctx, b.hear); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	for _, enable := range []cdp.Command[cdp.Empty, cdp.Empty]{log.Enable, runtime.Enable} {
		if _, err := chromedp.Call(b.ctx, enable, cdp.Empty{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := chromedp.Call(b.ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		b.complaints = append(b.complaints, e.Entry.Text)
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.complaints = append(b.complaints, "console."+string(e.Type))
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "file:") {
			b.requests = append(b.requests, e.Request.URL)
		}
	}
}

// open shows a page and returns what is found on it, and what the browser had
// to say.
func (b *browser) open(t *testing.T, page []byte, width int64, scheme string) (look, []string) {
	t.Helper()
	file := filepath.Join(b.dir, "page.html")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	b.complaints, b.requests = nil, nil
	b.mu.Unlock()
	size := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 600}
	if _, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, size); err != nil {
		t.Fatal(err)
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if scheme == onPaper {
		media = emulation.SetEmulatedMediaParams{Media: onPaper}
	}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(b.ctx, chromedp.Navigate("file://"+file)); err != nil {
		t.Fatal(err)
	}
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[look](lookScript))
	if err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return found, append(slices.Clone(b.complaints), b.requests...)
}

func TestPagesInABrowser(t *testing.T) {
	b := newBrowser(t)
	reports := samples(t)
	reports["names"] = named(t, strings.Repeat("a-very-long-name/of.a_model ", 11))
	reports["one word"] = named(t, strings.Repeat("x", 300))
	for name, r := range reports {
		page := draw(t, r)
		for _, width := range []int64{390, paperWidth, 1280} {
			for _, scheme := range []string{"light", "dark", onPaper} {
				once := scheme == onPaper || (width == 390) == (scheme == "light") // enough for all but two
				if (scheme == onPaper) != (width == paperWidth) || !once && name != "golden day" && name != "month by day" {
					continue
				}
				t.Run(fmt.Sprintf("%s/%d/%s", name, width, scheme), func(t *testing.T) {
					found, complaints := b.open(t, page, width, scheme)
					if len(complaints) > 0 {
						t.Errorf("the browser complains: %q", complaints)
					}
					if found.Width > width {
						t.Errorf("the page is %d px wide", found.Width)
					}
					if charts := len(parse(t, page).all("figure")); found.Drawn != charts || len(found.Charts) > 0 {
						t.Errorf("%d of %d charts are drawn; without a size: %q", found.Drawn, charts, found.Charts)
					}
					if found.Texts < 100 || len(found.Faint) > 0 {
						t.Errorf("of %d texts these are faint: %q", found.Texts, found.Faint)
					}
					if len(found.Overlaps) > 0 {
						t.Errorf("text on text: %q", found.Overlaps)
					}
					if want := map[string]string{"light": "rgb(251, 250, 247)", "dark": "rgb(20, 24, 27)", onPaper: "rgb(255, 255, 255)"}[scheme]; found.Paper != want {
						t.Errorf("the page's colour is %s, want %s", found.Paper, want)
					}
				})
			}
		}
	}
}

// TestBrowserRefuses shows that the policy holds, and that the test above would
// hear of it.
func TestBrowserRefuses(t *testing.T) {
	b := newBrowser(t)
	page := string(draw(t, build(t, goldenInputs(t))))
	for name, foreign := range map[string]string{
		"a script":      `<script>document.title = "x"</script>`,
		"a style":       `<p style="color: red">x</p>`,
		"a style sheet": `<style>p { color: red }</style>`,
		"a picture":     `<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt=""/>`,
		"a far picture": `<img src="http://127.0.0.1:9/x.png" alt=""/>`,
		"an event":      `<p onclick="x()">x</p>`,
	} {
		t.Run(name, func(t *testing.T) {
			_, complaints := b.open(t, []byte(strings.Replace(page, "</main>", foreign+"</main>", 1)), 1280, "light")
			if !slices.ContainsFunc(complaints, func(s string) bool { return strings.Contains(s, "Content Security Policy") }) {
				t.Errorf("the browser let it pass: %q", complaints)
			}
		})
	}
}
