package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
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
// takes, and never so hard that it gets in the way. Whoever sets GOMEMLIMIT has
// chosen otherwise.
func sparing(ctx context.Context) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetMemoryLimit(leastMemory)
	tick := time.NewTicker(sparingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			debug.SetMemoryLimit(max(leastMemory, inUse()*3/2))
		}
	}
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
