package api_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter/api"
	"github.com/sovmeter/sovmeter/store"
	"github.com/sovmeter/sovmeter/store/storetest"
)

// writer is a source that writes its ranges itself.
type writer struct {
	shelf
	write func(ctx context.Context, w io.Writer) error
}

func (s *writer) WriteRange(ctx context.Context, w io.Writer, _, _ time.Time) error {
	return s.write(ctx, w)
}

// A source that fails on its way gives the error that it would have given at
// the begin.
func TestFailsOnTheWay(t *testing.T) {
	var wire bytes.Buffer
	if err := store.WriteRange(&wire, someRange()); err != nil {
		t.Fatal(err)
	}
	const end = 3 // bytes of the last record
	source := &writer{write: func(_ context.Context, w io.Writer) error {
		if _, err := w.Write(wire.Bytes()[:wire.Len()-end]); err != nil {
			return err
		}
		return advised{}
	}}
	got, err := api.NewClient(start(t, source)).Range(t.Context(), noon, noon)
	var remote *api.RemoteError
	if !errors.As(err, &remote) || *remote != (api.RemoteError{Message: "open store: locked", Advice: "stop the other program", Status: 500}) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(store.Range{}, got); diff != "" {
		t.Errorf("something comes with the error:\n%s", diff)
	}
}

// A range that does not end is not read for ever.
func TestEndless(t *testing.T) {
	var wire bytes.Buffer
	if err := store.WriteRange(&wire, someRange()); err != nil {
		t.Fatal(err)
	}
	const (
		end  = 3 // bytes of the last record
		name = 2 // the kind of a record of a name
		most = 1 << 30
	)
	// The same name over and over: it takes no memory.
	text := binary.AppendUvarint([]byte{9}, 60_000)
	text = append(text, make([]byte, 60_000)...)
	record := append(binary.AppendUvarint([]byte{name}, uint64(len(text))), text...)
	source := &writer{write: func(_ context.Context, w io.Writer) error {
		if _, err := w.Write(wire.Bytes()[:wire.Len()-end]); err != nil {
			return err
		}
		for n := 0; n < most+most/4; n += len(record) {
			if _, err := w.Write(record); err != nil {
				return err
			}
		}
		return errors.New("the end was read")
	}}
	got, err := api.NewClient(start(t, source)).Range(t.Context(), noon, noon)
	if !errors.Is(err, api.ErrNotAnswering) || !errors.Is(err, store.ErrStream) || cmp.Diff(store.Range{}, got) != "" {
		t.Errorf("got %v", err)
	}
}

// A client that is told to stop, or whose time is over, ends the server's work.
func TestClientStops(t *testing.T) {
	for _, tt := range []struct {
		name string
		ask  func(ctx context.Context, c *api.Client) error
		want error
	}{
		{"cancelled", func(ctx context.Context, c *api.Client) error {
			_, err := c.Range(ctx, noon, noon)
			return err
		}, context.Canceled},
		{"too slow", func(_ context.Context, c *api.Client) error {
			_, err := c.WithTimeout(50*time.Millisecond).Range(context.Background(), noon, noon)
			return err
		}, api.ErrNotAnswering},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var wire bytes.Buffer
			if err := store.WriteRange(&wire, someRange()); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			stopped := make(chan error, 1)
			source := &writer{write: func(ctx context.Context, w io.Writer) error {
				// The first of a range, and then silence: it would take for ever.
				_, err := w.Write(wire.Bytes()[:wire.Len()/2])
				cancel()
				<-ctx.Done()
				stopped <- errors.Join(err, ctx.Err())
				return ctx.Err()
			}}
			err := tt.ask(ctx, api.NewClient(start(t, source)))
			if !errors.Is(err, tt.want) {
				t.Errorf("client: %v, want %v", err, tt.want)
			}
			if err := <-stopped; !errors.Is(err, context.Canceled) {
				t.Errorf("server: %v", err)
			}
		})
	}
}

// A store answers through the socket what it answers itself.
func TestStore(t *testing.T) {
	db, err := store.Open(filepath.Join(t.TempDir(), "store.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	since, until := storetest.Work(t, db, 20)
	for _, from := range []time.Time{since, until.AddDate(0, 0, -3), until} {
		want, err := db.Range(t.Context(), from, until)
		if err != nil {
			t.Fatal(err)
		}
		got, err := api.NewClient(start(t, db)).Range(t.Context(), from, until)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("since %s (-want +got):\n%.2000s", from, diff)
		}
	}
}

// BenchmarkYear asks for a year as a report does while the daemon runs.
func BenchmarkYear(b *testing.B) {
	db, err := store.Open(filepath.Join(b.TempDir(), "store.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	since, until := storetest.Work(b, db, 365)
	client := api.NewClient(start(b, db))
	b.ReportAllocs()
	for b.Loop() {
		r, err := client.Range(b.Context(), since, until)
		if err != nil || len(r.System) != 365*storetest.DaySlots {
			b.Fatal(len(r.System), err)
		}
	}
}
