package cli

import (
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// Clean replaces what could command a terminal with blanks, and what could show a text
// in another order than it has (Trojan Source, CVE-2021-42574).
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r >= 0x202a && r <= 0x202e {
			return ' '
		}
		return r
	}, s)
}

// customary is the width of text if none is known.
const customary = 80

// textWidth returns how many columns wide running text is set on w.
func textWidth(w io.Writer) int {
	if width := Width(w); width > 0 {
		return width
	}
	return customary
}

// Width returns how many columns w has: those of the terminal, else those that
// the environment sets in COLUMNS, as a reader who pages may. It returns 0 for a
// file or a pipe, whose lines are never broken, so that programs can read them.
func Width(w io.Writer) int {
	if file, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	if width, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && width > 0 {
		return width
	}
	return 0
}

// Coloured reports whether w is a terminal whose user wants colours
// (no-color.org).
func Coloured(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// Colour is a way to show text on a terminal.
type Colour string

// The colours.
const (
	Bold   Colour = "1"
	Faint  Colour = "2"
	Red    Colour = "31"
	Green  Colour = "32"
	Yellow Colour = "33"
	Purple Colour = "35"
)

// Paint shows text in a colour where on is set.
func Paint(on bool, c Colour, text string) string {
	if !on || c == "" || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}
