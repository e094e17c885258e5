package proxy

import (
	"errors"
	"io"
	"net/http"
)

// sending is the body of a request on its way to the server.
//
// net/http closes the body of an incoming request once the response begins,
// while the transport reads on after the last byte to be sure that it was. Under
// load the server's answer can overtake that read, which then fails, and the
// transport breaks the connection off in the middle of the answer.
type sending struct {
	io.ReadCloser
	passed func([]byte)    // sees each piece; nil: nobody looks
	ended  <-chan struct{} // closed when the exchange is over
	whole  bool            // the body came to its end
}

// Read implements io.Reader.
func (s *sending) Read(p []byte) (int, error) {
	if s.whole {
		return 0, io.EOF
	}
	n, err := s.ReadCloser.Read(p)
	if n > 0 && s.passed != nil {
		s.passed(p[:n])
	}
	s.whole = errors.Is(err, io.EOF)
	if errors.Is(err, http.ErrBodyReadAfterClose) {
		<-s.ended // the server answers without the rest: let it
	}
	return n, err
}
