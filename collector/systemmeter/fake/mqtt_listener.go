package fake

import (
	"log/slog"
	"net"
	"sync"

	"github.com/mochi-mqtt/server/v2/listeners"
)

// brokerListener accepts a broker's clients, and ends with the last of them. The
// library's own may let one in while the server already waits for all to be out.
type brokerListener struct {
	net.Listener
	mu      sync.Mutex
	closed  bool
	clients map[net.Conn]bool
	running sync.WaitGroup
}

func newBrokerListener(l net.Listener) *brokerListener {
	return &brokerListener{Listener: l, clients: map[net.Conn]bool{}}
}

// Init does nothing: the listener is open.
func (l *brokerListener) Init(*slog.Logger) error { return nil }

// ID names the listener.
func (l *brokerListener) ID() string { return "fake" }

// Protocol is that of the connections.
func (l *brokerListener) Protocol() string { return "tcp" }

// Address is where the listener is.
func (l *brokerListener) Address() string { return l.Addr().String() }

// Serve takes clients in until Close.
func (l *brokerListener) Serve(establish listeners.EstablishFn) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		if !l.begin(conn) {
			_ = conn.Close() // it is too late for it
			return
		}
		go func() {
			defer l.end(conn)
			_ = establish(l.ID(), conn) // why a client went is its own affair
		}()
	}
}

func (l *brokerListener) begin(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.clients[conn] = true
	l.running.Add(1)
	return true
}

func (l *brokerListener) end(conn net.Conn) {
	l.mu.Lock()
	delete(l.clients, conn)
	l.mu.Unlock()
	l.running.Done()
}

// Close throws all clients out, those that have not signed in too, and waits
// until they are.
func (l *brokerListener) Close(throwOut listeners.CloseFn) {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	_ = l.Listener.Close() // nothing more is accepted
	throwOut(l.ID())
	l.mu.Lock()
	for conn := range l.clients {
		_ = conn.Close() // whoever reads from it learns of it
	}
	l.mu.Unlock()
	l.running.Wait()
}
