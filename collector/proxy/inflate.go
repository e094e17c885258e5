package proxy

import (
	"compress/gzip"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/sovmeter/sovmeter/collector/proxy/usage"
)

// maxInflated is how much of a response is decoded for its numbers: a small
// body can be made to grow without end.
const maxInflated = 1 << 30

var errInflated = errors.New("more than is decoded")

// inflater decodes a copy of a body in gzip as it passes. It holds one window
// of the decoder and no more.
type inflater struct {
	in   *io.PipeWriter
	done chan struct{} // closed when the decoder has ended
	mu   sync.Mutex
	at   time.Time // when the bytes that are being decoded arrived
}

func newInflater(m *usage.Meter) *inflater {
	out, in := io.Pipe()
	f := &inflater{in: in, done: make(chan struct{})}
	go func() {
		defer close(f.done)
		out.CloseWithError(f.decode(out, m)) // from then on feed returns at once
	}()
	return f
}

// decode feeds the decoded body to m until it ends.
func (f *inflater) decode(from io.Reader, m *usage.Meter) error {
	z, err := gzip.NewReader(from)
	if err != nil {
		return err
	}
	buf := make([]byte, bufferSize)
	for left := maxInflated; left > 0; {
		n, err := z.Read(buf)
		m.Feed(buf[:n], f.arrived())
		if err != nil {
			return err
		}
		left -= n
	}
	return errInflated
}

func (f *inflater) arrived() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

// feed takes the next bytes and returns when they are decoded. What cannot be
// decoded is of no matter to the client, so there is no error.
func (f *inflater) feed(p []byte, at time.Time) {
	f.mu.Lock()
	f.at = at
	f.mu.Unlock()
	_, _ = f.in.Write(p)
}

// close ends the decoding and waits for it; the meter may be read then.
func (f *inflater) close() {
	_ = f.in.Close()
	<-f.done
}
