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

// TestNoFaultLosesOrDoublesAFact writes, follows, breaks and compares.
func TestNoFaultLosesOrDoublesAFact(t *testing.T) {
	if testing.Short() {
		t.Skip("kills and starts servers many times: left out by -short")
	}
	begun, sites, tried, resent := time.Now(), map[place]*site{}, map[string]int{}, 0
	for f := range drawn(able(t)) {
		if *lasting > 0 && time.Since(begun) > *lasting {
			break
		}
		if sites[f.on] == nil {
			sites[f.on] = newSite(t, f.on)
		}
		round := len(tried)
		for _, n := range tried {
			round += n - 1
		}
		resent += sites[f.on].try(f, round, rand.New(rand.NewPCG(*seed, uint64(round))))
		tried[f.name]++
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
	for _, name := range slices.Sorted(maps.Keys(tried)) {
		t.Logf("%5d × %s", tried[name], name)
	}
}

// drawn returns the faults in an order that the seed gives: all of them, and all
// again in another order, without end. A short trial has those of a lone server
// that need no preparation, and one of a cluster.
func drawn(list []fault) iter.Seq[fault] {
	r := rand.New(rand.NewPCG(*seed, 0))
	return func(yield func(fault) bool) {
		short, one := *lasting == 0 && *only == "", false
		for {
			r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			for _, f := range list {
				if short && (f.long || f.on == clustered && one) {
					continue
				}
				one = one || f.on == clustered
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
