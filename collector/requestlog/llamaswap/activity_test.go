package llamaswap_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamaswap"
)

var noon = time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)

func activity(t testing.TB, opt llamaswap.ActivityOptions) *llamaswap.Activity {
	t.Helper()
	if opt.URL == "" {
		opt.URL = "http://127.0.0.1:8080"
	}
	opt.Server = "swap"
	a, err := llamaswap.NewActivity(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// look polls twice: to begin a look, and for what it brought.
func look(t testing.TB, a *llamaswap.Activity, now time.Time) attribution.LogUpdate {
	t.Helper()
	u, err := tryLook(a, now)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func tryLook(a *llamaswap.Activity, now time.Time) (attribution.LogUpdate, error) {
	_, _ = a.Poll(now) // the error of the look before
	a.Wait()
	return a.Poll(now)
}

func ids(all []attribution.Request) (out []string) {
	for _, r := range all {
		out = append(out, strings.TrimPrefix(r.ID, "swap/"))
	}
	return out
}

func at(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }

func TestActivityOverTheNetwork(t *testing.T) {
	f := &fake{most: 1000, token: "s3cr3t"}
	s := httptest.NewServer(f)
	defer s.Close()
	a := activity(t, llamaswap.ActivityOptions{URL: s.URL, Token: "s3cr3t"})
	if a.Name() != s.URL+"/api/metrics" || !a.SpeaksAtEnd() {
		t.Errorf("name %q, speaks at end %v", a.Name(), a.SpeaksAtEnd())
	}
	if u := look(t, a, at(0)); len(u.Requests) != 0 || u.Checkpoint != nil {
		t.Errorf("an empty list gives %+v", u)
	}
	f.serve(at(1), nil)
	u := look(t, a, at(2))
	want := []attribution.Request{{
		ID: "swap/1791201601000/0", Server: "swap", Model: "qwen3-8b", Outcome: attribution.OutcomeOK,
		Start: at(-1.5), FirstToken: at(-1), End: at(1), Uncertainty: time.Millisecond,
		Input: attribution.Known(100), Cached: attribution.Known(512), Output: attribution.Known(50), Context: attribution.Known(662),
	}}
	if diff := cmp.Diff(want, u.Requests); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if u = look(t, a, at(4)); len(u.Requests) != 0 || u.Checkpoint == nil {
		t.Errorf("the same list again gives %+v", u)
	}
}

// TestActivityLives: llama-swap is restarted, drops entries, or both.
func TestActivityLives(t *testing.T) {
	tests := []struct {
		name    string
		most    int
		between func(*fake) // the first look saw 0, 1, 2 at 1 s, 2 s, 3 s
		want    []string    // the ids of the second look, without the time
		dropped int64
	}{
		{"nothing new", 9, func(*fake) {}, nil, 0},
		{"one more", 9, func(f *fake) { f.serve(at(4), nil) }, []string{"3"}, 0},
		{"just enough room", 3, func(f *fake) { serves(f, 3) }, []string{"3", "4", "5"}, 0},
		{"one dropped", 3, func(f *fake) { serves(f, 4) }, []string{"4", "5", "6"}, 1},
		{"restarted, empty", 9, func(f *fake) { f.restart() }, nil, 0},
		{"restarted, fewer", 9, func(f *fake) { f.restart(); serves(f, 2) }, []string{"0", "1"}, 0},
		{"restarted, as many", 9, func(f *fake) { f.restart(); serves(f, 3) }, []string{"0", "1", "2"}, 0},
		{"restarted, more", 9, func(f *fake) { f.restart(); serves(f, 5) }, []string{"0", "1", "2", "3", "4"}, 0},
		{"restarted, and one dropped", 2, func(f *fake) { f.restart(); serves(f, 3) }, []string{"1", "2"}, 1},
	}
	for _, tt := range tests {
		lives(t, tt.name, &fake{most: tt.most}, tt.between, tt.want, tt.dropped)
		for i, id := range tt.want {
			n, _ := strconv.Atoi(id)
			tt.want[i] = strconv.Itoa(n + 1)
		}
		lives(t, tt.name+", with pages", &fake{most: tt.most, paged: true}, tt.between, tt.want, tt.dropped)
	}
}

func lives(t *testing.T, name string, f *fake, between func(*fake), want []string, dropped int64) {
	t.Run(name, func(t *testing.T) {
		for i := range 3 {
			f.serve(at(float64(i+1)), nil)
		}
		a := activity(t, llamaswap.ActivityOptions{Transport: f})
		if n := len(look(t, a, at(3)).Requests); n != min(3, f.most) {
			t.Fatalf("%d requests at first", n)
		}
		between(f)
		u := look(t, a, at(30))
		var got []string
		for _, id := range ids(u.Requests) {
			got = append(got, id[strings.LastIndex(id, "/")+1:])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if u.Unplaced != dropped || a.Stats().Dropped != dropped {
			t.Errorf("%d dropped, %d unplaced, want %d", a.Stats().Dropped, u.Unplaced, dropped)
		}
	})
}

func serves(f *fake, n int) {
	for i := range n {
		f.serve(at(float64(10+i)), nil)
	}
}

// TestActivityNothingLostOrDoubled: whatever restarts on either side, each
// request is handed over once, or counted as dropped. A restarted reader goes on
// from the last checkpoint that was stored with what it was told.
func TestActivityNothingLostOrDoubled(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := &fake{most: rapid.IntRange(1, 6).Draw(rt, "most"), paged: rapid.Bool().Draw(rt, "paged")}
		options := llamaswap.ActivityOptions{URL: "http://127.0.0.1:8080", Server: "swap", Transport: f}
		a, err := llamaswap.NewActivity(options)
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { a.Close() }()
		var stored []byte
		got := map[string]int{}
		served, unread, dropped, now := 0, 0, int64(0), noon
		read := func() {
			now = now.Add(3 * time.Second)
			u := look(t, a, now)
			for _, id := range ids(u.Requests) {
				got[id]++
			}
			dropped += u.Unplaced
			if u.Checkpoint != nil {
				stored = u.Checkpoint
			}
			unread = 0
		}
		rt.Repeat(map[string]func(*rapid.T){
			"serve": func(*rapid.T) {
				now = now.Add(time.Second)
				f.serve(now, nil)
				served, unread = served+1, unread+1
			},
			"read": func(*rapid.T) { read() },
			"restart the reader": func(rt *rapid.T) {
				a.Close()
				if a, err = llamaswap.NewActivity(options); err != nil {
					rt.Fatal(err)
				}
				if stored != nil {
					if err := a.Restore(stored); err != nil {
						rt.Fatal(err)
					}
				}
			},
			"restart llama-swap": func(*rapid.T) {
				read() // what ends between the last look and llama-swap's end nobody can know
				f.restart()
			},
			"": func(rt *rapid.T) {
				if int(dropped)+len(got)+unread > served {
					rt.Fatalf("%d served, %d told, %d dropped, %d unread", served, len(got), dropped, unread)
				}
				for id, n := range got {
					if n != 1 {
						rt.Fatalf("%s was told %d times", id, n)
					}
				}
			},
		})
		// What was told before the reader's first checkpoint is not counted as
		// dropped, and a life that is told whole by its later entries may be
		// taken for the one before: both only lower the count.
		read()
		if len(got)+int(dropped) > served || len(got) < min(served, 1) {
			rt.Fatalf("%d served, %d told, %d dropped", served, len(got), dropped)
		}
		if f.most >= served && len(got) != served {
			rt.Fatalf("%d served, %d told, though nothing was dropped", served, len(got))
		}
	})
}

// TestActivityPace: one look at a time, no more than one in 2 s, and Poll waits
// for none of them.
func TestActivityPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{most: 10}
		a := activity(t, llamaswap.ActivityOptions{Transport: f})
		for range 100 { // 10 s
			if _, err := a.Poll(time.Now()); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			<-time.After(100 * time.Millisecond)
		}
		if n := f.times(); n != 5 {
			t.Errorf("asked %d times in 10 s, want 5", n)
		}
		back := time.Now().Add(-time.Hour)
		a.Poll(back)
		synctest.Wait()
		if n := f.times(); n != 6 {
			t.Error("not asked when the clock was set back")
		}
		a.Close()
		a.Poll(back.Add(time.Minute))
		synctest.Wait()
		if n := f.times(); n != 6 {
			t.Error("asked after Close")
		}
	})
}

// TestActivityHangs: a server that accepts and says nothing is given up after
// 2 s, and Close does not wait for it.
func TestActivityHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := tripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		a := activity(t, llamaswap.ActivityOptions{Transport: hang})
		began := time.Now()
		if _, err := a.Poll(began); err != nil || time.Since(began) != 0 {
			t.Fatalf("the first poll took %v: %v", time.Since(began), err)
		}
		<-time.After(1900 * time.Millisecond)
		if _, err := a.Poll(time.Now()); err != nil {
			t.Fatalf("given up early: %v", err)
		}
		<-time.After(200 * time.Millisecond)
		_, err := a.Poll(time.Now())
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if _, again := a.Poll(time.Now()); again == nil || again.Error() != err.Error() {
			t.Errorf("while the next look is under way the error is %v", again)
		}
		began = time.Now()
		a.Close()
		if time.Since(began) != 0 {
			t.Errorf("Close took %v", time.Since(began))
		}
	})
}

// TestActivityOneAtATime: a transport that takes longer than it may does not have
// looks pile up.
func TestActivityOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var began atomic.Int64
		slow := tripper(func(*http.Request) (*http.Response, error) {
			began.Add(1)
			<-time.After(9 * time.Second)
			return nil, io.ErrUnexpectedEOF
		})
		a := activity(t, llamaswap.ActivityOptions{Transport: slow})
		for range 20 { // 10 s
			a.Poll(time.Now())
			<-time.After(500 * time.Millisecond)
		}
		if n := began.Load(); n != 2 {
			t.Errorf("%d looks in 10 s of 9 s each", n)
		}
	})
}

// TestActivityRedirect: the token goes where it was meant for and nowhere else.
func TestActivityRedirect(t *testing.T) {
	other := &fake{}
	elsewhere := httptest.NewServer(other)
	defer elsewhere.Close()
	s := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/api/metrics", http.StatusTemporaryRedirect))
	defer s.Close()
	a := activity(t, llamaswap.ActivityOptions{URL: s.URL, Token: "s3cr3t"})
	if _, err := tryLook(a, at(0)); !errors.Is(err, llamaswap.ErrStatus) || other.times() != 0 {
		t.Errorf("%v, and the other server was asked %d times", err, other.times())
	}
}

func TestActivityErrors(t *testing.T) {
	answer := func(status int, body string) http.RoundTripper {
		return tripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{"Location": {"http://203.0.113.1/"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
		})
	}
	const entry = `{"id": 1, "timestamp": "2026-10-05T12:00:00Z", "duration_ms": 1}`
	tests := []struct {
		name      string
		transport http.RoundTripper
		want      error
		text      string
	}{
		{"token refused", &fake{token: "another"}, llamaswap.ErrStatus, "apiKeys"},
		{"not found", answer(404, ""), llamaswap.ErrStatus, "August 2025"},
		{"redirected", answer(302, ""), llamaswap.ErrStatus, "status 302"},
		{"a page", answer(200, "<html>SECRET</html>"), llamaswap.ErrResponse, "address"},
		{"an object", answer(200, `{"SECRET": 1}`), llamaswap.ErrResponse, "address"},
		{"numbers", answer(200, `[1, 2]`), nil, ""},
		{"cut off", answer(200, "["+entry+`, {"model": "SECRET`), llamaswap.ErrResponse, ""},
		{"not closed", answer(200, "["+entry), llamaswap.ErrResponse, ""},
		{"too large", answer(200, "["+strings.Repeat(entry+strings.Repeat(" ", 900)+",", 9999)+entry+"]"), llamaswap.ErrTooLarge, "metricsMaxInMemory"},
		{"too many", answer(200, "["+strings.Repeat("{},", 70000)+"{}]"), llamaswap.ErrTooLarge, ""},
		{"endless", tripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(endless{})}, nil
		}), llamaswap.ErrTooLarge, ""},
		{"broken", tripper(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }), io.ErrUnexpectedEOF, "unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := activity(t, llamaswap.ActivityOptions{Transport: tt.transport, Token: "s3cr3t"})
			u, err := tryLook(a, at(5))
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err == nil {
				return
			}
			var typed *llamaswap.ActivityError
			if !errors.As(err, &typed) || typed.URL != "http://127.0.0.1:8080/api/metrics" || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v, want %q in it", err, tt.text)
			}
			if strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("the error tells: %v", err)
			}
			if u.Checkpoint != nil || u.Requests != nil {
				t.Errorf("half an update: %+v", u)
			}
		})
	}
}

// endless is a list of entries that does not end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	copy(p, "[")
	return len(p), nil
}

// TestActivityRecovers: an error ends with the next good look, and nothing was
// lost meanwhile.
func TestActivityRecovers(t *testing.T) {
	f := &fake{most: 10}
	down := false
	a := activity(t, llamaswap.ActivityOptions{Transport: tripper(func(r *http.Request) (*http.Response, error) {
		if down {
			return nil, io.ErrUnexpectedEOF
		}
		return f.RoundTrip(r)
	})})
	f.serve(at(1), nil)
	look(t, a, at(2))
	down = true
	f.serve(at(3), nil)
	if _, err := tryLook(a, at(4)); err == nil {
		t.Fatal("no error")
	}
	down = false
	if u := look(t, a, at(6)); len(u.Requests) != 1 || u.Requests[0].Position != 1 {
		t.Errorf("got %+v", u.Requests)
	}
}

func TestActivityAddresses(t *testing.T) {
	for _, url := range []string{"http://192.0.2.1:9", "http://[2001:db8::1]:9", "http://8.8.8.8"} {
		a := activity(t, llamaswap.ActivityOptions{URL: url})
		if _, err := tryLook(a, at(0)); !errors.Is(err, llamaswap.ErrAddress) {
			t.Errorf("%s: %v", url, err)
		}
	}
	s := httptest.NewServer(&fake{})
	s.Close()
	a := activity(t, llamaswap.ActivityOptions{URL: s.URL})
	if _, err := tryLook(a, at(0)); err == nil || errors.Is(err, llamaswap.ErrAddress) || !strings.Contains(err.Error(), "is llama-swap running") {
		t.Errorf("a closed port on this machine: %v", err)
	}
}

func TestNewActivity(t *testing.T) {
	tests := []struct {
		url, token string
		name       string
		want       error
	}{
		{"http://127.0.0.1:8080", "", "http://127.0.0.1:8080/api/metrics", nil},
		{"http://127.0.0.1:8080/", "key", "http://127.0.0.1:8080/api/metrics", nil},
		{"http://mac.local:8080/api/metrics", "", "http://mac.local:8080/api/metrics", nil},
		{"http://mac.local:8080/api/metrics/activity", "", "http://mac.local:8080/api/metrics", nil},
		{"https://mac.local/swap/", "", "https://mac.local/swap/api/metrics", nil},
		{"127.0.0.1:8080", "", "", llamaswap.ErrURL},
		{"ftp://127.0.0.1", "", "", llamaswap.ErrURL},
		{"http://", "", "", llamaswap.ErrURL},
		{"http://me:s3cr3t@127.0.0.1:8080", "", "", llamaswap.ErrURL},
		{"http://127.0.0.1:8080?key=s3cr3t", "", "", llamaswap.ErrURL},
		{"http://s3cr3t\x7f", "", "", llamaswap.ErrURL},
		{"http://127.0.0.1:8080", "s3cr3t\n", "", llamaswap.ErrToken},
	}
	for _, tt := range tests {
		a, err := llamaswap.NewActivity(llamaswap.ActivityOptions{URL: tt.url, Token: tt.token})
		if !errors.Is(err, tt.want) || err == nil && a.Name() != tt.name {
			t.Errorf("%q: %v", tt.url, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("the error tells: %v", err)
		}
		if a != nil {
			a.Close()
		}
	}
}

func TestActivityRestore(t *testing.T) {
	f := &fake{most: 9}
	f.serve(at(1), nil)
	a := activity(t, llamaswap.ActivityOptions{Transport: f})
	good := look(t, a, at(2)).Checkpoint
	state, err := llamaswap.New(requestlog.Options{}).State()
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, {0}, []byte("text"), state, good[:len(good)-1]} {
		if err := activity(t, llamaswap.ActivityOptions{Transport: f}).Restore(bad); !errors.Is(err, requestlog.ErrCheckpoint) {
			t.Errorf("%x: %v", bad, err)
		}
	}
	b := activity(t, llamaswap.ActivityOptions{Transport: f})
	if err := b.Restore(good); err != nil {
		t.Fatal(err)
	}
	if u, err := b.Poll(at(3)); err != nil || string(u.Checkpoint) != string(good) {
		t.Errorf("before the first look: %+v, %v", u, err)
	}
	b.Wait()
	if u, err := b.Poll(at(3)); err != nil || len(u.Requests) != 0 {
		t.Errorf("told twice: %+v, %v", u.Requests, err)
	}
}

// TestActivityPrivacy puts a marker into every string of an entry.
func TestActivityPrivacy(t *testing.T) {
	const marker = "GEHEIM secret prompt"
	f := &fake{most: 9}
	f.serve(at(1), map[string]any{"model": marker, "req_path": "/v1/completions", "resp_content_type": marker, marker: marker, "error": marker})
	f.serve(at(1), map[string]any{"req_path": marker})
	f.serve(at(1), map[string]any{"timestamp": marker})
	f.serve(at(1), map[string]any{"duration_ms": marker})
	f.serve(at(1), map[string]any{"tokens": marker})
	a := activity(t, llamaswap.ActivityOptions{Transport: f})
	u := look(t, a, at(2))
	if want := (attribution.LineCounts{Used: 1, Ignored: 1, Malformed: 3}); u.Lines != want {
		t.Errorf("%+v, want %+v", u.Lines, want)
	}
	out := fmt.Sprintf("%+v %s", u, u.Checkpoint)
	for _, word := range strings.Fields(marker) {
		if strings.Contains(out, word) {
			t.Errorf("%q leaves the package", word)
		}
	}
	if u = look(t, a, at(5)); u.Lines != (attribution.LineCounts{}) {
		t.Errorf("the same entries are counted again: %+v", u.Lines)
	}
}

// BenchmarkActivity measures a look at a full list without news, network apart.
func BenchmarkActivity(b *testing.B) {
	f := &fake{most: 1000}
	serves(f, 1000)
	size := 0
	a := activity(b, llamaswap.ActivityOptions{Transport: tripper(func(r *http.Request) (*http.Response, error) {
		resp, err := f.RoundTrip(r)
		size, _ = strconv.Atoi(fmt.Sprint(resp.ContentLength))
		return resp, err
	})})
	now := at(0)
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(3 * time.Second)
		look(b, a, now)
	}
	b.SetBytes(int64(max(size, 0)))
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "entries/s")
}
