package proxy

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/iotest"
	"testing/synctest"
)

// TestSendingAfterItsEnd: the end is the end, whatever became of the body since.
func TestSendingAfterItsEnd(t *testing.T) {
	over := make(chan struct{})
	close(over)
	s := &sending{ReadCloser: io.NopCloser(iotest.DataErrReader(io.LimitReader(zeros{}, 10))), ended: over}
	if got, err := io.ReadAll(s); err != nil || len(got) != 10 {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	s.ReadCloser = io.NopCloser(iotest.ErrReader(http.ErrBodyReadAfterClose))
	if n, err := s.Read(make([]byte, 10)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("after its end: %d bytes, %v", n, err)
	}
}

// TestSendingWaits: a body that was closed under the transport does not fail
// before the answer is through.
func TestSendingWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended, failed := make(chan struct{}), false
		s := &sending{ReadCloser: io.NopCloser(iotest.ErrReader(http.ErrBodyReadAfterClose)), ended: ended}
		go func() {
			_, err := s.Read(make([]byte, 10))
			failed = errors.Is(err, http.ErrBodyReadAfterClose)
		}()
		synctest.Wait()
		if failed {
			t.Error("it failed while the answer was under way")
		}
		close(ended)
		synctest.Wait()
		if !failed {
			t.Error("it never failed")
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
