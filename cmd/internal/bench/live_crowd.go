package bench

import (
	"fmt"
	"time"
)

// crowd measures a number of clients that wait for what comes.
func (x *live) crowd(clients, slow int) error {
	if most := openFiles(); most > 0 && uint64(clients+spareFiles) > most {
		x.report.add(Row{What: fmt.Sprintf("%d clients", clients), Note: fmt.Sprintf("left out: a process may open %d files (ulimit -Hn)", most)})
		return nil
	}
	id := fmt.Sprintf("bench-%d-%d-%d", clients, slow, time.Now().UnixNano())
	p, err := open(x.ctx, x.base, id)
	if err != nil {
		return err
	}
	before := x.atRest()
	s, err := x.swarm(Swarm{Addr: hostOf(x.base), Path: "/v1/summits/" + id + "/live", Clients: clients, Slow: slow})
	if err != nil {
		return err
	}
	defer s.stop()
	name := fmt.Sprintf("%d clients", clients)
	if slow > 0 {
		name += fmt.Sprintf(" and %d that read nothing", slow)
	} else {
		x.grown(name, clients, before)
	}
	raw, err := x.swarm(Swarm{Addr: x.rawAt, Path: "/", Clients: clients})
	if err != nil {
		return err
	}
	defer raw.stop()
	if err := x.saturate(name, clients, p, s, raw); err != nil {
		return err
	}
	return x.steady(name, clients, p, s, raw)
}

// saturate sends a burst and measures how fast it is delivered to all.
func (x *live) saturate(name string, clients int, p *publisher, s, raw *process) error {
	facts := min(x.Deliveries/clients, mostFacts)
	served, err := x.burst(s, clients, facts, func() error { return p.many(facts) })
	if err != nil {
		return err
	}
	ceiling, err := x.burst(raw, clients, facts, func() error { var n int; return x.raw.ask(fmt.Sprint("burst ", facts), &n) })
	if err != nil {
		return err
	}
	x.report.add(Row{What: name + ", saturated", Value: served, Unit: "deliveries/s", Ceiling: ceiling, Note: fmt.Sprintf("%d facts recorded in the meantime", facts)})
	return nil
}

// burst is how many deliveries a second there are of facts that are published
// as fast as can be.
func (x *live) burst(swarm *process, clients, facts int, publish func() error) (float64, error) {
	var first State
	if err := swarm.ask("state", &first); err != nil {
		return 0, err
	}
	want := first.Frames + int64(facts*clients)
	began := time.Now()
	if err := publish(); err != nil {
		return 0, err
	}
	_, err := x.until(swarm, func(s State) bool { return s.Frames >= want })
	return float64(facts*clients) / time.Since(began).Seconds(), err
}

// figures are what one round found, or what several did: the medians.
type figures struct{ p50, p99, acknowledged, cost float64 }

// steady measures latency at a fixed rate: in rounds, the server and the raw
// broadcaster in turn, for others use the machine too. The broadcaster is
// posted to as the server is, and besides makes by itself what it sends. Nobody
// counts what comes before all are warm.
func (x *live) steady(name string, clients int, p *publisher, s, raw *process) error {
	rate := min(max(fixedRate/clients, 1), mostRate)
	posting := func(one func() error) func(int, func(time.Duration)) error {
		return func(seconds int, took func(time.Duration)) error {
			return pace(rate, seconds, func() error {
				began := time.Now()
				defer func() { took(time.Since(began)) }()
				return one()
			})
		}
	}
	poster := &publisher{ctx: x.ctx, url: x.rawIn}
	ours := &stream{x, rate, clients, s, x.server, posting(p.one), nil}
	posted := &stream{x, rate, clients, raw, x.raw, posting(poster.one), nil}
	bare := &stream{x, rate, clients, raw, x.raw, func(seconds int, _ func(time.Duration)) error {
		var n int
		return x.raw.ask(fmt.Sprintf("rate %d %d", rate, seconds), &n)
	}, nil}
	for n := range x.Rounds + 1 {
		for _, m := range []*stream{ours, posted, bare} {
			if err := m.round(n == 0); err != nil {
				return err
			}
		}
	}
	served, ceiling, memory := ours.median(), posted.median(), bare.median()
	note := fmt.Sprintf("publish to received, %d facts/s; median of %d rounds", rate, x.Rounds)
	unposted := func(ms float64) string { return fmt.Sprintf("raw without POST and disk: %.1f ms", ms) }
	x.report.add(Row{What: name + ", p50", Value: served.p50, Unit: "ms", Ceiling: ceiling.p50, Note: note + "; " + unposted(memory.p50)},
		Row{What: name + ", p99", Value: served.p99, Unit: "ms", Ceiling: ceiling.p99, Note: ours.spread() + "; " + unposted(memory.p99)},
		Row{What: name + ", acknowledged, p99", Value: served.acknowledged, Unit: "ms", Ceiling: ceiling.acknowledged, Note: "of this, until the fact is on the disk"})
	if served.cost > 0 {
		x.report.add(Row{What: name + ", cost", Value: served.cost, Unit: "µs a delivery", Ceiling: ceiling.cost, Note: "processor time of the server"})
	}
	return nil
}
