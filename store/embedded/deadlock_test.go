package embedded

import (
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
)

// meanwhile is a server that has something done while a connection, which holds its own lock,
// comes back to it.
type meanwhile struct {
	*Server
	do func()
}

func (m meanwhile) InProcessConn() (net.Conn, error) {
	m.do()
	return m.Server.InProcessConn()
}

// Whoever asks for the health of a server, or connects, while a connection of its own comes back
// does not keep that one out: it did, for ever, and nothing was recorded or answered any more.
func TestAConnectionComesBackWhileHealthIsAsked(t *testing.T) {
	s, err := Start(Options{Dir: t.TempDir(), Secret: uuid.NewString()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	for name, ask := range map[string]func(){
		"health": func() { _ = s.Health() }, // what it says is not the matter
		"connect": func() {
			if c, err := s.Connect("another"); err == nil {
				c.Close()
			}
		},
	} {
		var comesBack atomic.Bool
		asked := make(chan struct{})
		c, err := connect(meanwhile{s, func() {
			if comesBack.CompareAndSwap(true, false) {
				go func() { ask(); close(asked) }()
				<-time.After(100 * time.Millisecond) // until it waits for this connection
			}
		}}, s.o.Secret, name, nats.ReconnectWait(time.Millisecond), nats.ReconnectJitter(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		s.mu.Lock()
		s.own = append(s.own, c)
		s.mu.Unlock()
		comesBack.Store(true)
		if err := c.ForceReconnect(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-asked:
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: the connection and who asked wait for each other", name)
		}
		if err := c.Flush(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		c.Close()
	}
}
