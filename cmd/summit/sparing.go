package main

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
	// be sparing: a log of a million events is audited and verified within it.
	// Less makes the collector run so often that recording halves.
	leastMemory = 176 << 20
	// sparingEvery is how often it is looked at how much is in use.
	sparingEvery = 500 * time.Millisecond
)

// sparing keeps the memory of the process near to what is in use, until ctx
// ends: the collector works harder as the program grows beyond the least it
// takes, and never so hard that it gets in the way. In a container, or under
// another bound of the system, it keeps to a part of that, however hard it is:
// the rest is for pages of files. Whoever sets GOMEMLIMIT has chosen otherwise.
func sparing(ctx context.Context) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	most := allowed()
	debug.SetMemoryLimit(min(leastMemory, most))
	tick := time.NewTicker(sparingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			debug.SetMemoryLimit(min(max(leastMemory, inUse()*3/2), most))
		}
	}
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

// inUse is how much the last collection found in use, with what the program
// takes beside the heap.
func inUse() int64 {
	read := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(read)
	live, beside := read[0].Value.Uint64(), read[1].Value.Uint64()
	for _, heap := range read[2:] {
		beside -= heap.Value.Uint64()
	}
	return int64(live + beside)
}
