package feeds

import (
	"fmt"
	"io"
)

var formatNDJSON = Format{
	Ending: "ndjson", Media: "application/x-ndjson", Write: writeNDJSON,
	Doc: "One item of the timeline a line.",
}

// writeNDJSON writes the items as in the timeline, one a line.
func writeNDJSON(w io.Writer, f Feed) error {
	for raw, err := range f.Items {
		if err != nil {
			return err
		}
		if _, err := w.Write(append(raw, '\n')); err != nil {
			return fmt.Errorf("write a line: %w", err)
		}
	}
	return nil
}
