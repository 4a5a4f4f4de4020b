//go:build linux

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// outages are the faults of a cluster: of its members, of the network among
// them, and of its replicas.
var outages = []fault{
	{on: clustered, name: "the member that leads the log is killed", does: func(t *trial) { t.loses(t.leads()) }},
	{on: clustered, name: "a member that follows is killed", does: func(t *trial) { t.loses(t.follows()) }},
	{on: clustered, name: "two members are killed", does: func(t *trial) {
		t.after(300)
		t.falls(t.leads(), t.follows())
	}},
	{on: clustered, name: "all members are killed", does: func(t *trial) {
		t.after(300)
		t.falls(0, 1, 2)
	}},
	{on: clustered, name: "the members are stopped in good order, one after another", does: func(t *trial) {
		for i, m := range t.c.members {
			m.stop()
			t.c.start(i)
			t.c.whole()
		}
	}},
	{on: clustered, name: "the member that leads the log is paused", does: func(t *trial) { t.pauses(t.leads()) }},
	{on: clustered, name: "a member that follows is paused", does: func(t *trial) { t.pauses(t.follows()) }},
	{on: clustered, name: "the member that leads the log is off the network", does: func(t *trial) { t.away(t.leads()) }},
	{on: clustered, name: "a member that follows is off the network", does: func(t *trial) { t.away(t.follows()) }},
	{on: clustered, name: "the member that leads the log is parted from the others", does: func(t *trial) {
		i := t.leads()
		t.gather(i)
		t.parted(true, [2]int{i, (i + 1) % members}, [2]int{i, (i + 2) % members})
	}},
	{on: clustered, name: "two members are parted, and a third reaches both", does: func(t *trial) {
		i := t.r.IntN(members) // JetStream promises no leader to such a network
		t.parted(false, [2]int{i, (i + 1) % members})
	}},
	{on: clustered, name: "every member is parted from every other", does: func(t *trial) {
		t.parted(false, [2]int{0, 1}, [2]int{1, 2}, [2]int{2, 0})
	}},
	{on: clustered, name: "the connections to NATS drop each second", does: func(t *trial) {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for range 5 {
			<-tick.C
			for _, r := range t.c.relays {
				r.drop()
			}
		}
	}},
	{on: clustered, name: "a replica is killed", does: func(t *trial) { t.after(400); t.s.kill(); t.s.mustStart() }},
	{on: clustered, name: "a replica is paused", does: func(t *trial) { t.paused() }},
	{on: clustered, name: "a replica is killed as it makes something durable", needs: "strace", does: func(t *trial) { t.killedAt("fdatasync,fsync", 1+t.r.IntN(60)) }},
	{on: clustered, name: "the clocks of the replicas are an hour apart, and step back", clocks: true, long: true, does: func(t *trial) { t.apart() }},
	{on: clustered, name: "a publish arrives 40 s late", long: true, does: func(t *trial) { t.arrivesLate() }},
	{on: clustered, name: "recorders over NATS do every odd thing", does: func(t *trial) { t.odd() }},
	{on: clustered, name: "an operator writes into the log what nobody can read, and facts", does: func(t *trial) { t.operates() }},
	{on: clustered, name: "a replica is killed as it begins from the views of another", needs: "strace", flag: fromSnapshot, does: takerKilled},
	{on: clustered, name: "a replica is killed as another begins from its views", flag: fromSnapshot, does: giverKilled},
	{on: clustered, name: "a replica is killed, and its views are gone", does: func(t *trial) {
		t.after(100)
		t.s.kill()
		t.must(os.RemoveAll(filepath.Join(t.s.data, "views")))
		t.s.mustStart()
	}},
}

// leads is the member that leads the log; follows one of the others.
func (t *trial) leads() int   { return t.c.leader(t.ctx, t.summit) }
func (t *trial) follows() int { return (t.leads() + 1 + t.r.IntN(members-1)) % members }

// loses kills a member, and starts it when the others have gone on for a while.
func (t *trial) loses(i int) {
	t.after(300)
	t.c.members[i].kill()
	t.goesOn()
	t.after(2000)
	t.c.start(i)
}

// falls kills members at once and starts them again.
func (t *trial) falls(list ...int) {
	for _, i := range list {
		t.c.members[i].signal(syscall.SIGKILL)
	}
	for _, i := range list {
		t.c.members[i].kill()
	}
	t.after(3000)
	for _, i := range list {
		t.c.start(i)
	}
}

// pauses lets a member stand still, with all its connections open.
func (t *trial) pauses(i int) {
	t.after(300)
	t.c.members[i].signal(syscall.SIGSTOP)
	t.goesOn()
	t.after(2000)
	t.c.members[i].signal(syscall.SIGCONT)
}

// away takes a member off the network and back.
func (t *trial) away(i int) {
	t.after(300)
	t.c.leave(i)
	t.goesOn()
	t.after(2000)
	t.c.join(i)
}

// gather brings the connections of every replica to one member.
func (t *trial) gather(i int) {
	for j, r := range t.c.relays {
		r.refuse(j != i)
		if j != i {
			r.drop()
		}
	}
	const each = 3 // connections of a replica
	t.c.members[i].await("the replicas are connected to it", func() (bool, error) {
		n := t.c.relays[i].carries()
		return n >= each*len(t.servers), fmt.Errorf("%d connections", n)
	})
	for _, r := range t.c.relays {
		r.refuse(false)
	}
}

// parted cuts some members off from others, and not from the replicas.
func (t *trial) parted(majority bool, pairs ...[2]int) {
	t.after(300)
	for _, p := range pairs {
		t.c.part(p[0], p[1])
	}
	if majority {
		t.goesOn()
	}
	t.after(10_000)
	for _, p := range pairs {
		t.c.unite(p[0], p[1])
	}
}
