package cli

import (
	"encoding/json"
	"fmt"
	"io"
)

// PrintJSON prints a value as one line of JSON.
func PrintJSON(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}
