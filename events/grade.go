package events

import (
	"fmt"
	"strconv"
)

// Grade is a judgement on the Admiralty scale (NATO AJP-2.1): how reliable the
// source is, A to F, and how credible the information, 1 to 6. F and 6 mean
// "cannot be judged", not "worst".
type Grade struct {
	Source string `json:"source" rule:"required;enum=A|B|C|D|E|F" doc:"Reliability of the source, A (reliable) to E (unreliable); F cannot be judged."`
	Info   int    `json:"info" rule:"required;min=1;max=6" doc:"Credibility of the information, 1 (confirmed) to 5 (improbable); 6 cannot be judged."`
}

// String writes the grade as it is spoken, such as B2.
func (g Grade) String() string { return g.Source + strconv.Itoa(g.Info) }

// ParseGrade reads a grade such as B2.
func ParseGrade(s string) (Grade, error) {
	if len(s) != 2 || s[0] < 'A' || s[0] > 'F' || s[1] < '1' || s[1] > '6' {
		return Grade{}, fmt.Errorf("%q is not a grade: expected a letter A to F and a digit 1 to 6, such as B2", clip(s))
	}
	return Grade{Source: s[:1], Info: int(s[1] - '0')}, nil
}

// AtLeast reports whether g is as good as floor in both halves. What cannot be
// judged (F, 6) reaches no floor but its own.
func (g Grade) AtLeast(floor Grade) bool {
	source := g.Source <= floor.Source && (g.Source != "F" || floor.Source == "F")
	info := g.Info <= floor.Info && (g.Info != 6 || floor.Info == 6)
	return source && info
}
