package read

import (
	"bytes"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/cmd/internal/humanize"
)

func TestColoursAreForTerminals(t *testing.T) {
	f := client.Frame{Event: "quarantined", ID: "0a0b0c0d-3", Data: `{"seq":3,"reason":"is\u001b[0m no JSON"}`}
	for colour, want := range map[bool]string{
		false: "@3     CANNOT BE READ: is [0m no JSON\n", true: "\x1b[2m@3    \x1b[0m \x1b[31mCANNOT BE READ\x1b[0m: is [0m no JSON\n",
	} {
		var out bytes.Buffer
		p := newPrinter(&out, humanize.Clock{Zone: time.UTC}, false)
		if p.colour {
			t.Error("a buffer is no terminal")
		}
		p.colour = colour
		if err := p.frame(f); err != nil {
			t.Fatal(err)
		}
		if err := p.flush(); err != nil || out.String() != want {
			t.Errorf("%q, want %q: %v", out.String(), want, err)
		}
	}
}
