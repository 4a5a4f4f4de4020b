package client

import (
	"os"
	"strings"
)

// Language returns the language tag that the environment asks for, as POSIX orders its
// variables, or "" if it asks for none, or for C.
func Language() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := os.Getenv(name)
		if value == "" {
			continue
		}
		tag, _, _ := strings.Cut(value, ".")
		tag, _, _ = strings.Cut(tag, "@")
		if tag == "C" || tag == "POSIX" {
			return ""
		}
		return strings.ReplaceAll(tag, "_", "-")
	}
	return ""
}
