//go:build linux

package faults

import (
	"bytes"
	"net"
	"sync"
	"time"
)

// lateBy is how long a publish is under way that arrives late.
const lateBy = 40 * time.Second

// late is a publish that arrives late: to the replica that sent it, its network
// is gone; the bytes are still under way to a member.
type late struct {
	publish []byte // what a publish looks like
	once    sync.Once
	done    <-chan struct{} // the trial has ended
	arrived chan struct{}
}

// arrivesLate lets a publish of a replica arrive when its event, and many others,
// have been appended otherwise.
func (t *trial) arrivesLate() {
	t.after(300)
	l := &late{publish: []byte("PUB facts." + t.summit + "."), done: t.ctx.Done(), arrived: make(chan struct{})}
	for _, r := range t.c.relays {
		r.delay(l)
	}
	t.goesOn()
	select {
	case <-l.arrived:
	case <-t.ctx.Done():
	case <-time.After(patience):
		t.Fatal("hung: nothing was published late")
	}
	for _, r := range t.c.relays {
		r.delay(nil)
	}
	t.goesOn()
}

func (r *relay) delay(l *late) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late = l
}

// delayed gives what is to carry some bytes late, if they are the first publish.
func (r *relay) delayed(b []byte) (l *late) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.late != nil && bytes.Contains(b, r.late.publish) {
		r.late.once.Do(func() { l = r.late })
	}
	return l
}

// carry drops the connection of the client, and lets what it has sent arrive late.
func (l *late) carry(to, from net.Conn, first []byte) {
	defer close(l.arrived)
	sent := bytes.Clone(first)
	_ = from.SetReadDeadline(time.Now().Add(100 * time.Millisecond)) // the rest of a batch is near
	for rest := make([]byte, 64<<10); ; {
		n, err := from.Read(rest)
		sent = append(sent, rest[:n]...)
		if err != nil {
			break
		}
	}
	_ = from.Close()
	if l.wait(lateBy) {
		_, _ = to.Write(sent)
		l.wait(time.Second) // for it to be read: a connection that is closed takes with it what is not
	}
}

// wait is false where the trial has ended.
func (l *late) wait(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-l.done:
		return false
	}
}
