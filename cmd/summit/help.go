package main

import (
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/term"

	"github.com/summit-timeline/summit/cmd/internal/manual"
)

// chapters returns the topics of the manual. A test holds that they can be read.
func chapters() []manual.Topic {
	list, err := manual.Topics()
	if err != nil {
		return nil
	}
	return list
}

// helpOn prints a topic of the manual.
func helpOn(std streams, name string) int {
	topic, found, err := manual.Find(name)
	switch {
	case err != nil:
		fmt.Fprintf(std.err, "summit help: %s\n", plainly(err))
		return exitBad
	case !found:
		fmt.Fprintf(std.err, "summit: there is no verb and no topic %q; summit help lists them\n", name)
		return exitUsage
	}
	fmt.Fprint(std.out, topic.Terminal(widthOf(std.out), colourful(std.out)))
	return exitGood
}

// customary is the width where none is known: of a file, or a pipe to a pager.
const customary = 80

// widthOf returns how many columns the output has: those of the terminal, else
// those that COLUMNS says, as a reader who pages may set it.
func widthOf(w io.Writer) int {
	if file, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	if width, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && width > 0 {
		return width
	}
	return customary
}
