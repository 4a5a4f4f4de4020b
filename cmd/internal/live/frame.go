package live

import (
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events"
)

// appendFrame writes a frame; data is JSON, which has no line breaks.
func appendFrame(b []byte, event, id string, data []byte) []byte {
	if id != "" {
		b = append(append(append(b, "id: "...), id...), '\n')
	}
	b = append(append(append(b, "event: "...), event...), "\ndata: "...)
	return append(append(b, data...), "\n\n"...)
}

// bareID advances the last id of a reader. By the standard a block without data is
// no event.
func bareID(p events.Position) []byte { return fmt.Appendf(nil, "id: %s\n\n", p) }

// comment keeps a quiet connection open.
var comment = []byte(": still here\n\n")

func retry(wait time.Duration) []byte { return fmt.Appendf(nil, "retry: %d\n\n", wait.Milliseconds()) }

func caughtUp(p events.Position) []byte {
	return appendFrame(nil, frameCaughtUp, "", fmt.Appendf(nil, `{"position":%q}`, p))
}

func tick(p events.Position, now time.Time) []byte {
	return appendFrame(nil, frameTick, "", fmt.Appendf(nil, `{"position":%q,"time":%q}`, p, now.UTC().Format(time.RFC3339)))
}

// lagging is the last frame of a reader that is cut off: up to where it was sent
// everything.
func lagging(sent, head events.Position) []byte {
	return appendFrame(nil, frameLagging, "", fmt.Appendf(nil, `{"position":%q,"head":%q}`, sent, head))
}

// Gap is why a stream does not begin at the position that was asked for.
type Gap struct {
	Asked, ServingFrom events.Position
	Reason             string
}

func (g *Gap) frame() []byte {
	return appendFrame(nil, frameGap, "", fmt.Appendf(nil, `{"asked":%q,"serving_from":%q,"reason":%q}`, g.Asked, g.ServingFrom, g.Reason))
}

// refused is the last frame of a reader that has lost the right to read.
func refused(err error) []byte {
	return appendFrame(nil, frameRefused, "", fmt.Appendf(nil, `{"reason":%q}`, err.Error()))
}
