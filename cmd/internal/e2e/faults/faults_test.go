//go:build linux

package faults

import (
	"errors"
	"flag"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"testing"
	"time"
)

var (
	lasting = flag.Duration("faults.for", 0, "how long to go on; 0 tries every fault of a lone server once, and one of a cluster")
	seed    = flag.Uint64("faults.seed", 1, "what the order and the moments of the faults come from")
	only    = flag.String("faults.only", "", "a regular expression: the faults whose names it finds, and no others")
)

// TestNoFaultLosesOrDoublesAFact writes, follows, breaks and compares. A short trial
// has sites of their own for a cluster and for two halves of the faults of a lone
// server.
func TestNoFaultLosesOrDoublesAFact(t *testing.T) {
	if testing.Short() {
		t.Skip("kills and starts servers many times: left out by -short")
	}
	list := able(t)
	if *lasting > 0 || *only != "" {
		tried(t, list)
		return
	}
	for name, part := range parts(list) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tried(t, part)
		})
	}
}

// parts are what a short trial tries: the faults of a lone server that need no
// preparation, in two parts, and one of a cluster.
func parts(list []fault) map[string][]fault {
	r := rand.New(rand.NewPCG(*seed, 0))
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	all := map[string][]fault{}
	for i, f := range slices.DeleteFunc(list, func(f fault) bool { return f.long }) {
		name := "a cluster"
		if f.on == lone {
			name = fmt.Sprintf("a lone server, %d", 1+i%2)
		} else if len(all[name]) == 1 {
			continue
		}
		all[name] = append(all[name], f)
	}
	return all
}

// tried tries faults, and says what came of it.
func tried(t *testing.T, list []fault) {
	t.Helper()
	begun, sites, times, resent := time.Now(), map[place]*site{}, map[string]int{}, 0
	for f := range drawn(list) {
		if *lasting > 0 && time.Since(begun) > *lasting {
			break
		}
		if sites[f.on] == nil {
			sites[f.on] = newSite(t, f.on)
		}
		round := len(times)
		for _, n := range times {
			round += n - 1
		}
		resent += sites[f.on].try(f, round, rand.New(rand.NewPCG(*seed, uint64(round))))
		times[f.name]++
	}
	facts, starts, inside, resumed := 0, 0, 0, 0
	for _, h := range sites {
		h.end()
		facts, resumed = facts+h.facts, resumed+h.resumed
		for _, s := range h.servers {
			starts, inside = starts+s.starts, inside+s.inside
			s.stop()
		}
	}
	t.Logf("%v, seed %d: %d events acknowledged, %d starts, %d requests in doubt sent again, %d resumed streams, %d kills inside a step",
		time.Since(begun).Round(time.Second), *seed, facts, starts, resent, resumed, inside)
	for _, name := range slices.Sorted(maps.Keys(times)) {
		t.Logf("%5d × %s", times[name], name)
	}
}

// drawn returns the faults in an order that the seed gives: all of them once, or
// again and again in another order for as long as a trial lasts.
func drawn(list []fault) iter.Seq[fault] {
	r := rand.New(rand.NewPCG(*seed, 0))
	return func(yield func(fault) bool) {
		for {
			r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			for _, f := range list {
				if !yield(f) {
					return
				}
			}
			if *lasting == 0 {
				return
			}
		}
	}
}

// able leaves out what this machine cannot do, and says so; with CI set that is
// a failure.
func able(t *testing.T) []fault {
	t.Helper()
	wanted, err := regexp.Compile(*only)
	if err != nil {
		t.Fatalf("-faults.only: %v", err)
	}
	var list []fault
	for _, f := range slices.Concat(faults, outages) {
		if !wanted.MatchString(f.name) {
			continue
		}
		if err := f.lacks(); err == nil {
			list = append(list, f)
		} else if os.Getenv("CI") != "" {
			t.Fatalf("fault %q cannot be tried: %v", f.name, err)
		} else {
			t.Logf("left out: fault %q: %v", f.name, err)
		}
	}
	return list
}

// lacks returns what a fault needs and this machine does not have.
func (f fault) lacks() error {
	if f.flag != "" && !knows(f.flag) {
		return fmt.Errorf("serve has no %s", f.flag)
	}
	if (f.disk || f.on == clustered) && os.Getenv(private) == "" {
		return errors.New("it takes namespaces for networks, mounts and processes: run it as root")
	}
	needs := []string{f.needs}
	if f.on == clustered {
		needs = append(needs, "ip")
	}
	for _, command := range needs {
		if command == "" {
			continue
		}
		if _, err := exec.LookPath(command); err != nil {
			return fmt.Errorf("%w (Debian has it in strace or iproute2)", err)
		}
	}
	return nil
}
