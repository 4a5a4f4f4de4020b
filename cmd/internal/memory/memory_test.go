package memory

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestMemoryIsGivenBackAtRestAlone(t *testing.T) {
	for name, c := range map[string]struct {
		each, spare uint64 // allocated between two looks, and spare at each
		live        uint64
		want        int // times within 100 looks
	}{
		"at rest":                         {100 << 10, 50 << 20, 0, 9},
		"at work":                         {2 << 20, 50 << 20, 0, 0},
		"at rest with little to give":     {100 << 10, 1 << 20, 0, 0},
		"at work with little to give":     {2 << 20, 1 << 20, 0, 0},
		"at rest, with nothing allocated": {0, 50 << 20, 0, 9},
		"at rest with much to watch over": {4 << 20, 50 << 20, 64 << 20, 9},
		"at work with much to watch over": {9 << 20, 50 << 20, 64 << 20, 0},
	} {
		r, u, got := rest{}, use{spare: c.spare, live: c.live}, 0
		for range 100 {
			u.allocated += c.each
			if r.comes(u) {
				got++
			}
		}
		if got != c.want {
			t.Errorf("%s: memory was given back %d times, want %d", name, got, c.want)
		}
	}
}

func TestWhatIsSpareIsWhatCanBeGivenBack(t *testing.T) {
	const much = 64 << 20
	was := usedBeside(make([]byte, much))
	if was.live < much || was.allocated < much {
		t.Errorf("%d MiB are in use: %+v", much>>20, was)
	}
	runtime.GC()
	if u := used(); u.spare < much/2 || u.live > was.live-much/2 { // some of it is given back at once
		t.Errorf("%d MiB are free: %+v, was %+v", much>>20, u, was)
	}
	debug.FreeOSMemory()
	if u := used(); u.spare > much/2 {
		t.Errorf("all was given back: %+v", u)
	}
}

// usedBeside is what is used while something is held.
func usedBeside(held []byte) use {
	runtime.GC()
	defer runtime.KeepAlive(held)
	return used()
}

// A small heap may have much garbage, and a large one what the runtime lets it.
func TestASmallHeapIsCollectedSeldom(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		live, beside uint64
		bytes        int64
		want         int
	}{
		{live: 20 * mib, beside: 20 * mib, bytes: 176 * mib, want: 460},
		{live: 1 * mib, beside: 10 * mib, bytes: 176 * mib, want: mostPercent},
		{live: 60 * mib, beside: 20 * mib, bytes: 176 * mib, want: leastPercent},
		{live: 900 * mib, beside: 90 * mib, bytes: 176 * mib, want: leastPercent},
		{live: 20 * mib, beside: 20 * mib, bytes: 64 * mib, want: leastPercent},
		{bytes: 176 * mib, want: mostPercent},
	} {
		if got := percent(use{live: c.live, beside: c.beside}, c.bytes); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// What somebody else has set stays for as long as he wants it.
func TestTheCollectorIsLeftToWhoeverSetIt(t *testing.T) {
	now := func() int {
		was := debug.SetGCPercent(leastPercent)
		debug.SetGCPercent(was)
		return was
	}
	defer debug.SetGCPercent(debug.SetGCPercent(leastPercent))
	c := collector{leastPercent}
	if c.set(300); now() != 300 {
		t.Errorf("%d percent are set", now())
	}
	before := debug.SetGCPercent(20) // as a restore does
	if c.set(500); now() != 20 {
		t.Errorf("%d percent are set while somebody wants 20", now())
	}
	debug.SetGCPercent(before)
	if c.set(400); now() != 400 {
		t.Errorf("%d percent are set after that", now())
	}
}
