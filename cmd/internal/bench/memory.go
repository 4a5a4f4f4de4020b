package bench

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"
)

// memory is the most that a process held, in bytes: what is its own, and all
// that lay in its memory, files that it read among it. 0 where the system does
// not say.
type memory struct{ own, resident float64 }

// watch looks at the memory of a process until it is told to stop.
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

// held is what a process holds now, and the most that was resident until now.
func held(pid int) (m memory) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return memory{}
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		var kilobytes float64
		if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
			continue
		}
		switch name {
		case "VmHWM":
			m.resident = kilobytes * 1024
		case "RssAnon":
			m.own = kilobytes * 1024
		}
	}
	return m
}

// rows are the figures, where the system gives any.
func (m memory) rows(what string) []Row {
	if m.resident == 0 {
		return nil
	}
	const mega = 1 << 20
	return []Row{
		{What: what + ", most memory of its own", Value: m.own / mega, Unit: "MB"},
		{What: what + ", most memory resident", Value: m.resident / mega, Unit: "MB", Note: "with the files it read"},
	}
}
