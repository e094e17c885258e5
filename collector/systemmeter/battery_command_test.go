package systemmeter

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fakeIOReg returns a meter that runs testdata/ioreg.sh in ioreg's place, in one
// of its ways.
func fakeIOReg(t *testing.T, way string) *batteryMeter {
	t.Helper()
	script, err := filepath.Abs("testdata/ioreg.sh")
	if err != nil {
		t.Fatal(err)
	}
	healthy := filepath.Join(t.TempDir(), "battery.plist")
	entry := intKey("Filler", 1) + strings.Repeat("<key>Reserved</key><string>filler</string>", 50) +
		telemetryXML(intKey("SystemLoad", 12000), intKey("BatteryPower", -12000))
	if err := os.WriteFile(healthy, batteryXML(entry), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAKE_IOREG", way)
	t.Setenv("FAKE_IOREG_FILE", healthy)
	m, err := newBattery(Config{Name: "battery", Kind: KindBattery}, Options{
		Now: time.Now,
		Command: func(ctx context.Context, name string, args ...string) ([]byte, error) {
			if name != ioregPath {
				t.Errorf("runs %s", name)
			}
			return runCommand(ctx, script, args...)
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m.(*batteryMeter)
}

func TestIOReg(t *testing.T) {
	for _, tt := range []struct {
		way  string
		want error
	}{
		{"", nil}, {"empty", ErrAbsent}, {"fails", ErrUnavailable}, {"garbage", ErrFormat}, {"huge", ErrFormat}, {"truncated", ErrFormat},
	} {
		t.Run(tt.way, func(t *testing.T) {
			r, err := fakeIOReg(t, tt.way).Read(t.Context())
			if !errors.Is(err, tt.want) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if err == nil && (r.Power != 12 || r.Charging != -12 || time.Since(r.At) > time.Minute) {
				t.Errorf("%+v", r)
			}
		})
	}
}

// A slow ioreg ends with the question, and whatever it started with it.
func TestSlowIOReg(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "alive")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAKE_IOREG_FIFO", fifo)
	m := fakeIOReg(t, "slow")
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		alive, err := os.Open(fifo) // waits for the script to open it
		cancel()
		if err == nil {
			_, err = io.ReadAll(alive) // ends when script and child have ended
			alive.Close()
		}
		gone <- err
	}()
	if _, err := m.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	select {
	case err := <-gone:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Error("what ioreg started is still there")
	}
}

func TestIORegInTime(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "alive")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAKE_IOREG_FIFO", fifo)
	m := fakeIOReg(t, "slow") // waits for a reader of the pipe, who does not come
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := m.Read(ctx); !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
}

func TestNoIOReg(t *testing.T) {
	_, err := runCommand(t.Context(), filepath.Join(t.TempDir(), "ioreg"))
	var hinted *HintError
	if !errors.Is(err, ErrAbsent) || !errors.As(err, &hinted) {
		t.Error(err)
	}
}

// The output is bounded while it is read, not after.
func TestToolOutputIsBounded(t *testing.T) {
	b := limitedBuffer{left: 10}
	if n, err := b.Write(make([]byte, 8)); n != 8 || err != nil || b.full {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := b.Write(make([]byte, 3)); n != 0 || !errors.Is(err, ErrFormat) || !b.full || b.Len() != 8 {
		t.Errorf("%d, %v, %d held", n, err, b.Len())
	}
}
