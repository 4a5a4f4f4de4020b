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

// late is a publish that arrives late: to the replica or recorder that sent it,
// its network is gone; the bytes are still under way to a member.
type late struct {
	publish []byte // what a publish looks like
	once    sync.Once
	done    <-chan struct{} // the trial has ended
	arrived chan struct{}
}

// arrivesLate lets appends of replicas, and an event of a recorder, arrive when
// the same events, and many others, have been appended otherwise.
func (t *trial) arrivesLate() {
	t.after(300)
	var list []*late
	for _, subject := range []string{"facts.", "facts.", "record."} {
		list = append(list, &late{publish: []byte("PUB " + subject + t.summit + "."), done: t.ctx.Done(), arrived: make(chan struct{})})
	}
	for _, r := range t.c.relays {
		r.delay(list)
	}
	t.goesOn()
	hung := time.After(patience)
	for _, l := range list {
		select {
		case <-l.arrived:
		case <-t.ctx.Done():
		case <-hung:
			t.Fatalf("hung: no %s was late", l.publish)
		}
	}
	for _, r := range t.c.relays {
		r.delay(nil)
	}
	t.goesOn()
}

func (r *relay) delay(list []*late) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late = list
}

// delayed returns what is to carry some bytes late, if they are the first of their
// kind.
func (r *relay) delayed(b []byte) (l *late) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, next := range r.late {
		if l == nil && bytes.Contains(b, next.publish) {
			next.once.Do(func() { l = next })
		}
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

// wait is false if the trial has ended.
func (l *late) wait(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-l.done:
		return false
	}
}
