package message

import (
	"fmt"
	"strconv"
	"sync"
)

// defined is the English of all patterns and labels: what the other languages
// translate. It is written while packages are initialised and only read after.
var defined = struct {
	patterns map[string]Pattern
	texts    map[string]string
	labels   map[string]string
}{map[string]Pattern{}, map[string]string{}, map[string]string{}}

// Key names a pattern that was defined.
type Key string

// Define defines a pattern by its English, in the file of what it tells of.
func Define(key, english string) Key {
	if _, twice := defined.texts[key]; twice {
		panic("message: " + key + " is defined twice")
	}
	p, _ := Parse(english, nil)
	defined.patterns[key], defined.texts[key] = p, english
	return Key(key)
}

// With returns the message of the pattern with its arguments, in the order in which
// the English names them.
func (k Key) With(args ...Arg) Message {
	if p := defined.patterns[string(k)]; len(p.names) != len(args) || len(args) >= maxArgs {
		panic(fmt.Sprintf("message: %s takes %d arguments, not %d", k, len(p.names), len(args)))
	}
	return Message{Key: string(k), Args: args}
}

// DefineLabels defines the English words for values, by what they are of and by the
// value. It returns how many there are.
func DefineLabels(all map[string]map[string]string) (n int) {
	for of, words := range all {
		for value, word := range words {
			defined.labels[of+"/"+value] = word
			n++
		}
	}
	return n
}

// Defined returns the English texts of all patterns and labels, by their keys.
func Defined() (patterns, labels map[string]string) { return defined.texts, defined.labels }

// English returns the language in which patterns are defined.
var English = sync.OnceValue(func() *Language {
	return &Language{Tag: "en", Patterns: defined.patterns, Labels: defined.labels, Colon: ": ", Number: thousands}
})

// thousands writes a whole number with its digits in groups: 18,000.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

var (
	_ = Define(KeyUnnamed, "{id}")
	_ = Define(KeyUnnamedMeeting, "Meeting “{id}”")
	_ = Define(KeyParty, "{id} delegation")
)
