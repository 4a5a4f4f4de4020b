package bench

import (
	"fmt"
	"slices"
	"time"
)

// stream is one at a fixed rate.
type stream struct {
	*live
	rate, clients int
	swarm, server *process
	publish       func(seconds int, took func(time.Duration)) error
	rounds        []figures
}

// round measures once; where it only warms up it is not kept.
func (m *stream) round(warmUp bool) error {
	seconds := m.Seconds
	if warmUp {
		seconds = 1
	}
	var first State
	if err := m.swarm.ask("forget", &first); err != nil {
		return err
	}
	before := m.server.worked()
	var all []time.Duration
	if err := m.publish(seconds, func(d time.Duration) { all = append(all, d) }); err != nil {
		return err
	}
	deliveries := int64(m.rate * seconds * m.clients)
	s, err := m.until(m.swarm, func(s State) bool { return s.Frames >= first.Frames+deliveries })
	if err != nil || warmUp {
		return err
	}
	f := figures{p50: s.P50, p99: s.P99, cost: float64((m.server.worked() - before).Microseconds()) / float64(deliveries)}
	if slices.Sort(all); len(all) > 0 {
		f.acknowledged = all[len(all)*99/100].Seconds() * 1000
	}
	m.rounds = append(m.rounds, f)
	return nil
}

func (m *stream) sorted(of func(figures) float64) []float64 {
	var all []float64
	for _, f := range m.rounds {
		all = append(all, of(f))
	}
	slices.Sort(all)
	return all
}

func (m *stream) median() figures {
	middle := func(of func(figures) float64) float64 { return m.sorted(of)[len(m.rounds)/2] }
	return figures{
		middle(func(f figures) float64 { return f.p50 }), middle(func(f figures) float64 { return f.p99 }),
		middle(func(f figures) float64 { return f.acknowledged }), middle(func(f figures) float64 { return f.cost }),
	}
}

// spread reports how far the rounds differ.
func (m *stream) spread() string {
	all := m.sorted(func(f figures) float64 { return f.p99 })
	return fmt.Sprintf("the rounds: %.1f to %.1f", all[0], all[len(all)-1])
}
