//go:build linux

package faults

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// relay stands between the replicas and the client port of a member, and can
// drop every connection.
type relay struct {
	net.Listener
	to string

	mu      sync.Mutex
	open    map[net.Conn]bool
	refuses bool // whatever comes
	late    []*late
}

func newRelay(t testing.TB, to string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: l, to: to, open: map[net.Conn]bool{}}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return // it is closed
			}
			all.Go(func() { r.carry(from) })
		}
	})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		r.drop()
		all.Wait()
	})
	return r
}

// carry copies both ways until either end is gone.
func (r *relay) carry(from net.Conn) {
	defer from.Close()
	if r.refusing() {
		return
	}
	to, err := net.DialTimeout("tcp", r.to, 2*time.Second)
	if err != nil {
		return // to the client it is a member that does not answer
	}
	defer to.Close()
	r.mu.Lock()
	r.open[from] = true
	r.mu.Unlock()
	go func() {
		_, _ = io.Copy(from, to)
		_ = from.Close()               // so that the other way ends too
		_, _ = io.Copy(io.Discard, to) // where that is under way
	}()
	r.forward(to, from)
	r.mu.Lock()
	delete(r.open, from)
	r.mu.Unlock()
}

// forward copies what a client sends, until either end is gone, or its network
// goes with a publish under way.
func (r *relay) forward(to, from net.Conn) {
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if l := r.delayed(b[:n]); l != nil {
			l.carry(to, from, b[:n])
			return
		}
		if _, failed := to.Write(b[:n]); err != nil || failed != nil {
			return
		}
	}
}

func (r *relay) refusing() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refuses
}

func (r *relay) refuse(refuses bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuses = refuses
}

// carries is how many connections there are.
func (r *relay) carries() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.open)
}

// drop closes every connection.
func (r *relay) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.open {
		_ = c.Close()
	}
}
