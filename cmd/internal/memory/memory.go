// Package memory keeps the memory of the process near to what is in use.
package memory

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// leastMemory is what the program may take of its own without being made to
	// spend time on collecting: a log of a million events is audited and verified within it.
	// Less makes the collector run so often that recording halves.
	leastMemory = 176 << 20
	// manageEvery is how often the memory in use is measured.
	manageEvery = 500 * time.Millisecond
)

// Manage keeps the memory of the process near to what is in use, until ctx
// ends: the collector works harder as the program grows beyond the least it
// takes, and never so hard that it gets in the way. In a container, or under
// another bound of the system, it keeps to a part of that, however hard it is:
// the rest is for pages of files. A small heap is not collected before it fills most of
// that least: collecting it each time it doubled took 10 to 18 % of the time of recording.
// Once the program is idle it gives back what it has no use for. It does nothing if
// GOMEMLIMIT is set, and leaves GOGC to whoever set it, in the environment or in the program.
//
// A fixed limit does not do the same: after an import of 60,000 facts and 25 idle
// seconds a server holds 130 MB, with a limit of 176 MiB 197 MB, and without one 236 MB.
func Manage(ctx context.Context) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	most := allowed()
	debug.SetMemoryLimit(min(leastMemory, most))
	tick := time.NewTicker(manageEvery)
	defer tick.Stop()
	r, c := rest{}, collector{leastPercent}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			u := used()
			debug.SetMemoryLimit(min(max(leastMemory, int64(u.live+u.beside)*3/2), most))
			c.set(percent(u, min(leastMemory, most)))
			if r.comes(u) {
				debug.FreeOSMemory()
			}
		}
	}
}

// The part of the heap that may be garbage before it is collected, in percent of what is
// live: that of the runtime at least.
const leastPercent, mostPercent = 100, 1000

// percent returns that part for a use of memory, so that all of it keeps to three
// quarters of so many bytes where it can.
func percent(u use, bytes int64) int {
	room := bytes*3/4 - int64(u.beside) - int64(u.live)
	return int(min(max(leastPercent, 100*room/max(1, int64(u.live))), mostPercent))
}

// collector sets that part, for as long as nobody else does.
type collector struct{ last int }

func (c *collector) set(percent int) {
	if percent == c.last {
		return
	}
	if was := debug.SetGCPercent(percent); was != c.last {
		debug.SetGCPercent(was)
		return
	}
	c.last = percent
}

// allowed is what the program may take of its own of the memory that the system
// lets it have (Linux: cgroups).
func allowed() int64 {
	bound, err := memlimit.FromCgroup()
	if err != nil || bound > math.MaxInt64/7 { // it is not bounded, or the system does not say
		return math.MaxInt64
	}
	return int64(bound) * 7 / 10
}

// use is what memory is used for, in bytes.
type use struct {
	live      uint64 // of the heap, as the last collection found it
	beside    uint64 // what the program takes beside the heap
	spare     uint64 // garbage, and what is free and still held
	allocated uint64 // of the heap since the program began
}

func used() use {
	read := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/gc/heap/allocs:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(read)
	of := func(i int) uint64 { return read[i].Value.Uint64() }
	u := use{live: of(0), allocated: of(1), beside: of(2), spare: of(4)}
	for i := range read[3:] {
		u.beside -= of(3 + i)
	}
	if objects := of(3); objects > u.live {
		u.spare += objects - u.live
	}
	return u
}

const (
	// stillAllocates is what is next to nothing between two looks; so is stillPart, one in
	// so many bytes that are in use: the more a server has, the more it takes to watch over it.
	stillAllocates = 1 << 20
	stillPart      = 8
	// stillFor is for how many looks in a row it takes next to nothing to be at
	// rest.
	stillFor = 10
	// worthwhile is what is worth a collection to give it back.
	worthwhile = 8 << 20
)

// rest knows whether the program is at rest.
type rest struct {
	allocated uint64
	looks     int // in a row at which next to nothing had been allocated
}

// comes reports whether the program is idle with memory to give back.
func (r *rest) comes(u use) bool {
	if u.allocated-r.allocated > max(stillAllocates, u.live/stillPart) {
		r.looks = 0
	}
	r.allocated = u.allocated
	if r.looks++; r.looks <= stillFor || u.spare < worthwhile {
		return false
	}
	r.looks = 0
	return true
}
