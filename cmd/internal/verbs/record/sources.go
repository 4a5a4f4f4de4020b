package record

import (
	"fmt"
	"strings"
)

// chain reads a chain of sources, the root first.
func chain(text string) []map[string]any {
	if text == "" {
		return nil
	}
	var list []map[string]any
	for i, name := range strings.Split(text, ">") {
		s := map[string]any{"id": fmt.Sprintf("s%d", i+1), "name": strings.TrimSpace(name), "role": "originator"}
		if i > 0 {
			s["role"], s["via"] = "relay", []string{fmt.Sprintf("s%d", i)}
		}
		list = append(list, s)
	}
	return list
}
