package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// MaxPath is how many bytes the path of a socket may have: what fits into
// sun_path on macOS, 104 bytes with the final NUL, less what the socket's name
// has more while it is made. Linux has 108; one limit for both keeps a
// configuration portable.
const MaxPath = 103 - len(temporarySuffix)

const (
	temporarySuffix = ".new"
	socketMode      = 0o660
	// probeTime is how long a daemon has to accept a connection before its
	// socket counts as not answering.
	probeTime = time.Second
)

func checkPath(path string) error {
	if len(path) <= MaxPath {
		return nil
	}
	return &HintError{
		Err:    fmt.Errorf("socket %s: %d bytes, at most %d fit: %w", path, len(path), MaxPath, ErrPathTooLong),
		Advice: "choose a shorter path, such as /var/run/sovmeter.sock",
	}
}

// socket is a listening unix socket and the file that names it.
type socket struct {
	net.Listener
	path   string
	info   os.FileInfo   // of the file, to remove no other
	closed sync.Once     // the number of a removed file may be given to the next
	held   chan struct{} // one for each connection
	gone   chan struct{} // closed by Close
}

// maxConnections is how many clients are served at once; further ones wait.
// Each takes memory and a descriptor that the meter needs itself.
const maxConnections = 32

// connection gives its place to the next when it is closed.
type connection struct {
	net.Conn
	leave func()
}

// Close ends the connection.
func (c *connection) Close() error {
	c.leave()
	return c.Conn.Close()
}

// Accept waits for a client, and before that for a place for one.
func (s *socket) Accept() (net.Conn, error) {
	select {
	case s.held <- struct{}{}:
	case <-s.gone:
		return nil, net.ErrClosed
	}
	leave := sync.OnceFunc(func() { <-s.held })
	c, err := s.Listener.Accept()
	if err != nil {
		leave()
		return nil, err
	}
	return &connection{Conn: c, leave: leave}, nil
}

// openSocket listens at path. The socket is made under another name, so that
// it never stands at path with more permissions than it should have, and then
// moved over what a dead daemon may have left.
func openSocket(ctx context.Context, path string) (*socket, error) {
	temporary := path + temporarySuffix
	if err := checkPath(path); err != nil {
		return nil, err
	}
	if err := checkFree(ctx, path); err != nil {
		return nil, err
	}
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove old socket: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: temporary, Net: "unix"})
	if err != nil {
		return nil, listenError(path, err)
	}
	l.SetUnlinkOnClose(false)
	s := &socket{Listener: l, path: path, held: make(chan struct{}, maxConnections), gone: make(chan struct{})}
	if err := s.publish(temporary); err != nil {
		return nil, errors.Join(listenError(path, err), os.Remove(temporary), l.Close())
	}
	return s, nil
}

// publish gives the socket its mode and then its name.
func (s *socket) publish(temporary string) error {
	if err := os.Chmod(temporary, socketMode); err != nil {
		return err
	}
	info, err := os.Lstat(temporary)
	if err != nil {
		return err
	}
	s.info = info
	return os.Rename(temporary, s.path)
}

// Close stops listening and removes the socket's file, unless another daemon
// has put its own there. Only the first call does anything.
func (s *socket) Close() (err error) {
	s.closed.Do(func() {
		close(s.gone)
		err = errors.Join(s.remove(), s.Listener.Close())
	})
	return err
}

func (s *socket) remove() error {
	now, err := os.Lstat(s.path)
	if err != nil || !os.SameFile(now, s.info) {
		return nil
	}
	return os.Remove(s.path)
}

// checkFree makes sure that nothing of value is at path: only a socket on
// which nobody answers may be replaced.
func checkFree(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return listenError(path, err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return &HintError{
			Err:    fmt.Errorf("listen on %s: %s is in its place: %w", path, kindOf(info), ErrNotSocket),
			Advice: "remove it, or choose another path for the socket",
		}
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err == nil {
		return &HintError{
			Err:    errors.Join(fmt.Errorf("listen on %s: %w", path, ErrInUse), conn.Close()),
			Advice: "stop the other sovmeter first: sovmeter service stop",
		}
	}
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return listenError(path, fmt.Errorf("find out whether another daemon uses it: %w", err))
}

func kindOf(info os.FileInfo) string {
	if info.IsDir() {
		return "a folder"
	}
	return "a file"
}

func listenError(path string, err error) error {
	advice := "choose a path for the socket that can be written to"
	switch {
	case errors.Is(err, fs.ErrPermission):
		advice = fmt.Sprintf("let the daemon's user write to %s, or run it with sudo", filepath.Dir(path))
	case errors.Is(err, fs.ErrNotExist):
		advice = fmt.Sprintf("make the folder %s", filepath.Dir(path))
	}
	return &HintError{Err: fmt.Errorf("listen on %s: %w", path, cause(err)), Advice: advice}
}
