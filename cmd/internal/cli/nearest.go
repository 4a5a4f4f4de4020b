package cli

import "github.com/summit-timeline/summit/events"

// didYouMean is the end of an error that suggests a word; "" where none is near.
func didYouMean(word string, known []string) string {
	if near := events.Nearest(word, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
