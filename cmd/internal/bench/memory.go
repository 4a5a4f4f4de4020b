package bench

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// memory is what a process holds, in bytes: what is its own, pages of files
// that are mapped, all of it now, and the most there was of all so far. 0 where
// the system does not say.
type memory struct{ own, mapped, now, resident float64 }

// watch looks at the memory of a process until it is told to stop, and gives the
// most that was its own, and the most of all.
func watch(pid int) (stop func() memory) {
	end, ended := make(chan struct{}), make(chan memory)
	go func() {
		var most memory
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			now := held(pid)
			most.own, most.resident = max(most.own, now.own), max(most.resident, now.resident)
			select {
			case <-tick.C:
			case <-end:
				ended <- most
				return
			}
		}
	}()
	return func() memory { close(end); return <-ended }
}

// lookEvery is how often memory is looked at. The most that was resident is the
// system's own figure; what lies between two looks is missed of the other.
const lookEvery = 20 * time.Millisecond

// held is what a process holds.
func held(pid int) (m memory) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return memory{}
	}
	for line := range strings.Lines(string(status)) {
		name, rest, _ := strings.Cut(line, ":")
		var kilobytes float64
		if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
			continue
		}
		switch name {
		case "VmHWM":
			m.resident = kilobytes * kib
		case "VmRSS":
			m.now = kilobytes * kib
		case "RssAnon":
			m.own = kilobytes * kib
		case "RssFile":
			m.mapped = kilobytes * kib
		}
	}
	return m
}

// rows are the figures, where the system gives any.
func (m memory) rows(what string) []Row {
	if m.resident == 0 {
		return nil
	}
	return []Row{
		{What: what + ", most memory of its own", Value: m.own / mib, Unit: "MB"},
		{What: what + ", most memory resident", Value: m.resident / mib, Unit: "MB", Note: "with the files it read"},
	}
}

// RestAfter is for how long the memory of a server does not change any more once
// it rests: it gives back what it has no use for before.
const RestAfter = 8 * time.Second

// settled is what a process holds once that has not changed for some time.
func (p *process) settled(ctx context.Context, still time.Duration) memory {
	now, since, begun := held(p.cmd.Process.Pid), time.Now(), time.Now()
	for last := now.now; time.Since(since) < still && time.Since(begun) < stepWait && ctx.Err() == nil; {
		time.Sleep(lookEvery)
		if now = held(p.cmd.Process.Pid); now.now < 0.98*last || now.now > 1.02*last {
			last, since = now.now, time.Now()
		}
	}
	return now
}
