//go:build linux

package faults

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/store/viewdb"
)

// fault is one thing that goes wrong while facts are written and followed. It
// leaves the servers running and able.
type fault struct {
	name   string
	on     place
	needs  string // a command it needs, besides the programs
	disk   bool   // whether it needs a disk of its own
	flag   string // a flag of serve that it needs
	clocks bool   // whether clocks are off
	long   bool   // left out of a short trial, for what it takes to prepare
	does   func(t *trial)
}

// faults are those of a lone server.
var faults = []fault{
	{name: "killed", does: func(t *trial) { t.after(400); t.s.kill(); t.s.mustStart() }},
	{name: "killed twice, again while it comes back", does: func(t *trial) {
		t.after(200)
		t.s.kill()
		t.s.mustStart()
		t.after(30)
		t.s.kill()
		t.s.mustStart()
	}},
	{name: "stopped in good order", does: func(t *trial) { t.after(400); t.s.stop(); t.s.mustStart() }},
	{name: "paused", does: func(t *trial) { t.paused() }},
	{name: "killed as it makes something durable", needs: "strace", does: func(t *trial) { t.killedAt("fdatasync,fsync", 1+t.r.IntN(60)) }},
	{name: "killed as it writes", needs: "strace", does: func(t *trial) { t.killedAt("pwrite64", 1+t.r.IntN(200)) }},
	{name: "killed as it renames or removes a file", needs: "strace", does: func(t *trial) { t.killedAt("renameat,unlinkat,rename,unlink", 1+t.r.IntN(4)) }},
	{name: "killed while it rebuilds its views", needs: "strace", does: func(t *trial) {
		t.after(100)
		t.s.stop()
		t.age()
		calls := []string{"renameat", "unlinkat", "fdatasync", "pwrite64"}[t.r.IntN(4)]
		t.killedAt(calls, 1+t.r.IntN(6))
	}},
	{name: "its disk is full", disk: true, does: func(t *trial) { t.diskFull() }},
	{name: "its disk can only be read", disk: true, does: func(t *trial) { t.readOnly() }},
	{name: "killed during an export", does: func(t *trial) { t.killedDuring("export") }},
	{name: "killed as it gives a snapshot", flag: fromSnapshot, does: func(t *trial) { t.killedDuring("snapshot") }},
	{name: "its log holds 10,000 events that nobody can read", does: func(t *trial) { t.strange() }},
	{name: "recorders over NATS do every odd thing", does: func(t *trial) { t.odd() }},
	{name: "its clock jumps an hour back and forward", clocks: true, long: true, does: func(t *trial) { t.jumps() }},
	{name: "its views are gone", does: func(t *trial) {
		t.after(100)
		t.s.kill()
		t.must(os.RemoveAll(filepath.Join(t.s.data, "views")))
		t.s.mustStart()
	}},
}

// paused lets the server stand still, with all its connections open.
func (t *trial) paused() {
	t.after(200)
	t.s.signal(syscall.SIGSTOP)
	t.after(4000)
	t.s.signal(syscall.SIGCONT)
}

// killedAt runs the server so that the kernel kills it at the n-th of some
// system calls, which is how every step between an acknowledgement and what
// follows it is met sooner or later.
func (t *trial) killedAt(calls string, n int) {
	t.s.kill()
	alive := t.s.start("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace="+calls, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", calls, n))
	if alive {
		_, exited := t.s.current()
		select {
		case <-exited:
			t.s.inside++
		case <-time.After(3 * time.Second): // it makes fewer of these calls
			t.s.kill()
		}
	} else {
		t.s.inside++
	}
	t.s.kill()
	t.s.mustStart()
}

// age makes the view files those of an older version, so that the next start
// builds them again beside the ones that serve.
func (t *trial) age() {
	files, err := filepath.Glob(filepath.Join(t.s.data, "views", "*.db"))
	t.must(err)
	for _, path := range files {
		db, err := viewdb.Open(path, viewdb.Options{})
		t.must(err)
		t.must(db.Update(func(tx *viewdb.Tx) error {
			var cursor map[string]any
			if err := json.Unmarshal(tx.Get("meta", []byte("cursor")), &cursor); err != nil {
				return err
			}
			cursor["version"] = 0
			b, err := json.Marshal(cursor, json.Deterministic(true))
			if err != nil {
				return err
			}
			return tx.Put("meta", []byte("cursor"), b)
		}))
		t.must(db.Close())
	}
}

// diskFull fills the disk to the last byte, and frees it again: the same process
// then takes facts again.
func (t *trial) diskFull() {
	_, exited := t.s.current()
	ballast := filepath.Join(t.s.data, "ballast")
	out, err := os.Create(ballast)
	t.must(err)
	block := make([]byte, 64<<10)
	for err == nil {
		_, err = out.Write(block)
	}
	_ = out.Close() // what was written counts
	t.after(1500)
	t.must(os.Remove(ballast))
	t.after(300)
	select {
	case <-exited:
		t.Error("the server ended because its disk was full")
		t.s.mustStart()
	default:
	}
}

// readOnly lets the server start on a disk that can only be read: it must say
// so and end. The kernel does not take the right to write from open files, so
// the server is killed first.
func (t *trial) readOnly() {
	t.after(200)
	t.s.kill()
	t.remount(syscall.MS_RDONLY)
	if t.s.start() {
		t.Fatal("the server starts on a disk that can only be read")
	}
	t.remount(0)
	t.s.mustStart()
}

// remount changes how the data folder is mounted.
func (t *trial) remount(flags uintptr) {
	t.must(os.NewSyscallError("mount again", syscall.Mount("", t.s.data, "", syscall.MS_REMOUNT|flags, "")))
}

// killedDuring kills the server while it sends what a verb writes to a file: no
// half of it is left under its name.
func (t *trial) killedDuring(verb string) {
	file := filepath.Join(t.TempDir(), "story")
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := t.s.verb(ctx, verb, t.summit, "-o", file)
		done <- err
	}()
	t.after(60)
	t.s.kill()
	failed := <-done
	if _, err := os.Stat(file); failed != nil && err == nil {
		t.Fatalf("the %s failed and left a file: %v", verb, failed)
	}
	t.s.mustStart()
	if failed == nil && verb == "export" {
		_, err := t.s.verb(ctx, "verify", file)
		t.must(err)
	}
}
