package summits

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Cause is one reason why a server is not ready.
type Cause struct {
	Kind CauseKind `json:"kind"`
	// Summit is the one it is about; "" is the server as a whole.
	Summit string `json:"summit,omitempty"`
	Detail string `json:"detail"`
}

// CauseKind groups causes by what helps.
type CauseKind string

// The kinds.
const (
	BrokerDown CauseKind = "broker"   // no facts can be taken
	ClockOff   CauseKind = "clock"    // no facts can be taken before it is set
	Starting   CauseKind = "starting" // the server has yet to do something, which passes
	Unserved   CauseKind = "unserved" // a summit cannot be opened
	Unsigned   CauseKind = "unsigned" // a head is not signed
	InDoubt    CauseKind = "in doubt" // a log is not what it was
	Failed     CauseKind = "failed"   // the views wait until something outside of the log works again
	Fetching   CauseKind = "fetching" // the views come from another replica, which passes
	CatchingUp CauseKind = "catching up"
	Lagging    CauseKind = "lagging"
	Stalled    CauseKind = "stalled"
)

// CauseKinds are all kinds.
var CauseKinds = []CauseKind{BrokerDown, ClockOff, Starting, Unserved, Unsigned, InDoubt, Failed, Fetching, CatchingUp, Lagging, Stalled}

func (c Cause) String() string {
	switch {
	case c.Summit != "":
		return c.Summit + ": " + c.Detail
	case c.Kind == BrokerDown:
		return "nats: " + c.Detail
	}
	return c.Detail
}

// Surroundings is what a host does not know itself of the server around it. A nil one
// is not asked.
type Surroundings struct {
	// Broker is nil while facts can be taken.
	Broker func() error
	// Starting is what the server has yet to do; "" is nothing.
	Starting func() string
	// Unsigned are the summits whose head is not signed, and why.
	Unsigned func() map[string]error
}

const (
	// lagAllowed is how many events the views may be behind and still be ready.
	lagAllowed = 10_000
	// stallAllowed is how long the views may stand still while the log has more.
	stallAllowed = 10 * time.Second
)

// Unready returns why the server is not ready, and nothing if it is. It is the
// one judgement that readiness, the figures and the doctor show.
func (reg *Registry) Unready(b Surroundings) []Cause {
	causes := []Cause{}
	if b.Broker != nil {
		if err := b.Broker(); err != nil {
			causes = append(causes, Cause{Kind: BrokerDown, Detail: err.Error()})
		}
	}
	if err := reg.Clock(); err != nil {
		causes = append(causes, Cause{Kind: ClockOff, Detail: err.Error()})
	}
	if b.Starting != nil {
		if yet := b.Starting(); yet != "" {
			causes = append(causes, Cause{Kind: Starting, Detail: yet})
		}
	}
	causes = append(causes, causesOf(Unserved, reg.Problems())...)
	if b.Unsigned != nil {
		causes = append(causes, causesOf(Unsigned, b.Unsigned())...)
	}
	for _, s := range reg.Summits() {
		if kind, detail := s.unready(); kind != "" {
			causes = append(causes, Cause{kind, s.ID, detail})
		}
	}
	return causes
}

func causesOf(kind CauseKind, faults map[string]error) []Cause {
	var causes []Cause
	for _, id := range slices.Sorted(maps.Keys(faults)) {
		causes = append(causes, Cause{kind, id, faults[id].Error()})
	}
	return causes
}

// unready returns what is wrong with the views of a summit; "" is nothing.
func (s *Summit) unready() (CauseKind, string) {
	v := s.Views.Health()
	switch {
	case v.Doubt != nil:
		return InDoubt, v.Doubt.Error()
	case v.Failed != nil:
		return Failed, v.Failed.Error()
	case v.Fetching:
		return Fetching, fmt.Sprintf("the views of another replica are being fetched: %.0f %%", 100*v.Progress)
	case !v.CaughtUp && !s.Late:
		return CatchingUp, fmt.Sprintf("the views are at %d of the %d events that the log has", v.Position.Seq, v.Last)
	case v.Lag > lagAllowed:
		return Lagging, fmt.Sprintf("the views are %d events behind the log", v.Lag)
	case s.Stalled() > stallAllowed:
		return Stalled, fmt.Sprintf("the views have stood at %d for %.0f s, and the log is at %d", v.Position.Seq, s.Stalled().Seconds(), v.Last)
	}
	return "", ""
}
