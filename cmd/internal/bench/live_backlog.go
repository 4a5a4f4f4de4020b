package bench

import (
	"fmt"
	"time"
)

// backlog measures readers that come late, and many that come back at once.
func (x *live) backlog() error {
	id := fmt.Sprintf("bench-backlog-%d", time.Now().UnixNano())
	p, err := open(x.ctx, x.base, id)
	if err != nil {
		return err
	}
	if err := p.many(x.Backlog); err != nil {
		return err
	}
	if err := p.served(x.Backlog); err != nil {
		return err
	}
	live := "/v1/summits/" + id + "/live"
	before := x.memory()
	for _, clients := range []int{1, 10, 100} {
		state, err := x.come(Swarm{Addr: hostOf(x.base), Path: live + "?since=@0", Clients: clients})
		if err != nil {
			return err
		}
		name := fmt.Sprintf("backlog of %d to %d", x.Backlog, clients)
		x.report.add(Row{What: name, Value: float64(state.Frames) / state.Seconds, Unit: "frames/s", Note: fmt.Sprintf("%.2f s", state.Seconds)})
		if x.most > 0 {
			x.report.add(Row{What: name + ", memory", Value: x.most / mib, Unit: "MiB", Note: fmt.Sprintf("resident at most, of the server; %.0f before the first came", before/mib)})
		}
	}
	state, err := x.come(Swarm{Addr: hostOf(x.base), Path: live + "?since=@" + fmt.Sprint(x.Backlog-100), Clients: x.Storm})
	if err != nil {
		return err
	}
	x.report.add(Row{What: fmt.Sprintf("storm of %d reconnects", x.Storm), Value: state.Seconds, Unit: "s", Note: "until each has caught up, 101 frames behind"})
	return nil
}

// come starts clients, and says how long it took them to catch up.
func (x *live) come(s Swarm) (State, error) {
	x.most = 0
	p, err := x.swarm(s)
	if err != nil {
		return State{}, err
	}
	defer p.stop()
	var state State
	return state, p.ask("state", &state)
}
