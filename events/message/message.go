// Package message holds sentences before they have a language: the name of a
// pattern and what its places are filled with. They are put in words when an
// answer is made, in the language of whoever reads it.
package message

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Message is a sentence without a language.
type Message struct {
	Key  string // of its [Pattern]
	Args []Arg  // in the order of [Pattern.Names]
	Tail string // somebody's own words, which follow the sentence
}

// Arg fills one place of a pattern.
type Arg struct {
	kind byte
	text string
}

// The kinds of arguments. They are stored: a kind keeps its letter for ever.
const (
	argText     = 'T' // somebody's own words
	argEntity   = 'E' // KIND/ID, told by its name
	argLabel    = 'L' // the key of a label
	argNumber   = 'N' // a whole number
	argInterval = 'I' // one or two instants, with a slash between them
	argOwn      = 'O' // a headline that was given, word for word
	argSources  = 'S' // origins, and those who passed it on
	argDuration = 'D' // milliseconds
)

// Text returns an argument that stands as somebody wrote it.
func Text(s string) Arg { return Arg{argText, Redact(s)} }

// Entity returns an argument that is told by the name of an entity, KIND/ID.
func Entity(id string) Arg { return Arg{argEntity, id} }

// Label returns an argument that is the word for a value, such as stance/against.
func Label(key string) Arg { return Arg{argLabel, key} }

// Number returns an argument that is a whole number.
func Number(n int) Arg { return Arg{argNumber, strconv.Itoa(n)} }

// Interval returns an argument that is a time between two instants, in UTC. Zero ends are
// open.
func Interval(from, to time.Time) Arg {
	text := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	return Arg{argInterval, text(from) + "/" + text(to)}
}

// Own returns the message of a headline that was given, not generated.
func Own(headline string) Message { return Message{Args: []Arg{{argOwn, Redact(headline)}}} }

const separator = 0x1f

// Encode returns the message as it is stored: its key, its arguments and its tail,
// each as the inside of a JSON string, with the kind of an argument before it and
// a unit separator (U+001F) between them.
func (m Message) Encode() []byte {
	b := append(make([]byte, 0, 96), m.Key...)
	for _, a := range m.Args {
		b = append(b, separator, a.kind)
		b = appendInside(b, a.text)
	}
	if m.Tail != "" {
		b = append(b, separator, argText)
		b = appendInside(b, Redact(m.Tail))
	}
	return b
}

// appendInside appends a text as the inside of a JSON string.
func appendInside(b []byte, s string) []byte {
	start := len(b)
	b, err := jsontext.AppendQuote(b, s)
	if err != nil {
		b, _ = jsontext.AppendQuote(b[:start], strings.ToValidUTF8(s, "\ufffd"))
	}
	n := copy(b[start:], b[start+1:len(b)-1]) // over the first quote
	return b[:start+n]
}

// Pattern is a sentence with places in braces, such as {who} lands at {place}.
type Pattern struct {
	parts []part
	names []string
}

// part is a text, as the inside of a JSON string, or a place to be filled.
type part struct {
	text []byte
	arg  int // -1 where it is text
}

// Names returns the names of the places in the order of a message's arguments.
func (p Pattern) Names() []string { return p.names }

// Parse reads a pattern. Its places are those of names, in their order; where names
// is nil, those that the pattern has, in the order in which it names them. A
// place that names does not have is left as it is written, and reported.
func Parse(text string, names []string) (p Pattern, unknown []string) {
	own := names == nil
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			before, after = text, ""
		}
		p.parts = append(p.parts, part{appendInside(nil, before), -1})
		if text = after; !found || !closed {
			break
		}
		at := slices.Index(names, name)
		switch {
		case at < 0 && own:
			at, names = len(names), append(names, name)
		case at < 0:
			unknown = append(unknown, name)
			p.parts = append(p.parts, part{appendInside(nil, "{"+name+"}"), -1})
			continue
		}
		p.parts = append(p.parts, part{nil, at})
	}
	p.names = names
	return p, unknown
}

// Language is how messages are put in the words of one language.
type Language struct {
	Tag      string // BCP 47
	Patterns map[string]Pattern
	Labels   map[string]string
	// Colon follows a sentence that somebody's own words complete.
	Colon string
	// Isolate reports whether names and words of other directions are kept apart from the
	// sentence (U+2068 and U+2069), as languages from right to left need it.
	Isolate bool
	// Number writes a whole number.
	Number func(n int64) string
	// Interval writes a time between two instants, of which zero ones are open; nil
	// is an ISO 8601 interval in UTC.
	Interval func(from, to time.Time) string
}

// Namer finds what an entity, KIND/ID, is called, as the inside of a JSON string.
// It returns nothing where no fact has named it.
type Namer func(entity []byte) []byte

// The keys of the patterns that stand in for a name which no fact gives.
const (
	KeyUnnamed        = "unnamed"         // {id} in words
	KeyUnnamedMeeting = "unnamed.meeting" // the same of a meeting
	KeyParty          = "unnamed.party"   // a delegation by its party
)

// partyKind begins the entity of a party, which stands for its delegation.
const partyKind = "party/"

// maxArgs is how many arguments a message has at most, its tail among them.
const maxArgs = 12

// Append puts a stored message in words and appends them, as the inside of a JSON
// string.
func (l *Language) Append(b, stored []byte, called Namer) []byte {
	var args [maxArgs][]byte
	key, rest, more := bytes.Cut(stored, []byte{separator})
	n := 0
	for more && n < maxArgs {
		args[n], rest, more = bytes.Cut(rest, []byte{separator})
		n++
	}
	if len(key) == 0 && n == 1 && len(args[0]) > 0 {
		return append(b, args[0][1:]...)
	}
	p, known := l.pattern(string(key))
	if !known {
		return appendInside(b, string(key))
	}
	for _, x := range p.parts {
		switch {
		case x.arg < 0:
			b = append(b, x.text...)
		case x.arg < n && len(args[x.arg]) > 0:
			b = l.appendArg(b, args[x.arg], called)
		}
	}
	if tail := len(p.names); n > tail && len(args[tail]) > 0 {
		b = l.appendArg(append(b, l.Colon...), args[tail], called)
	}
	return b
}

// pattern returns the pattern of a key, in English where the language has none.
func (l *Language) pattern(key string) (Pattern, bool) {
	if p, ok := l.Patterns[key]; ok {
		return p, true
	}
	p, ok := English().Patterns[key]
	return p, ok
}

func (l *Language) appendArg(b, arg []byte, called Namer) []byte {
	kind, text := arg[0], arg[1:]
	switch kind {
	case argLabel:
		return appendInside(b, l.Label(string(text)))
	case argNumber:
		n, _ := strconv.ParseInt(string(text), 10, 64)
		return appendInside(b, l.Number(n))
	case argInterval:
		return appendInside(b, l.interval(string(text)))
	case argDuration:
		return l.duration(b, text)
	case argSources:
		return l.AppendSources(b, originsIn(unquoted(text)))
	case argEntity:
		return l.entity(b, text, called)
	}
	return l.isolated(b, text)
}

const (
	isolate = "\u2068"
	release = "\u2069"
)

// isolated appends a name, or somebody's own words, apart from the sentence where the
// language needs it.
func (l *Language) isolated(b, text []byte) []byte {
	if !l.Isolate {
		return append(b, text...)
	}
	return append(append(append(b, isolate...), text...), release...)
}

// entity appends what an entity is called.
func (l *Language) entity(b, id []byte, called Namer) []byte {
	name := []byte(nil)
	if called != nil {
		name = called(id)
	}
	switch party, of := bytes.CutPrefix(id, []byte(partyKind)); {
	case of && name == nil:
		return l.fill(b, KeyParty, party)
	case of:
		return l.fill(b, KeyParty, name)
	case name == nil:
		return l.unnamed(b, id)
	}
	return l.isolated(b, name)
}

// fill appends a pattern with one place for a name or somebody's own words.
func (l *Language) fill(b []byte, key string, text []byte) []byte {
	p, _ := l.pattern(key) // each is defined in English
	for _, x := range p.parts {
		if x.arg < 0 {
			b = append(b, x.text...)
		} else {
			b = l.isolated(b, text)
		}
	}
	return b
}

// unnamed appends words for an entity without a name, made from its id.
func (l *Language) unnamed(b, entity []byte) []byte {
	kind, id, _ := bytes.Cut(entity, []byte{'/'})
	key := KeyUnnamed
	if string(kind) == "meeting" {
		key = KeyUnnamedMeeting
	}
	words, begins := append(make([]byte, 0, 64), bytes.Trim(id, "-")...), true // a usual id stays on the stack
	for i, c := range words {
		switch {
		case c == '-':
			words[i] = ' '
		case begins && key == KeyUnnamed && 'a' <= c && c <= 'z':
			words[i] = c - 'a' + 'A'
		}
		begins = c == '-' && string(kind) == "person"
	}
	return l.fill(b, key, words)
}

// Label returns the word for a value, in English where the language has none, and
// the last part of its key where English has none.
func (l *Language) Label(key string) string {
	if s, ok := l.Labels[key]; ok {
		return s
	}
	if s, ok := English().Labels[key]; ok {
		return s
	}
	return key[strings.LastIndexByte(key, '/')+1:]
}

func (l *Language) interval(text string) string {
	from, to, _ := strings.Cut(text, "/")
	if l.Interval == nil {
		if from == to {
			return from
		}
		return orOpen(from) + "/" + orOpen(to)
	}
	a, _ := time.Parse(time.RFC3339, from)
	b, _ := time.Parse(time.RFC3339, to)
	return l.Interval(a, b)
}

func orOpen(end string) string {
	if end == "" {
		return ".." // ISO 8601-2, 4.4: an open end
	}
	return end
}

// Say returns a message in the words of the language.
func (l *Language) Say(m Message, called Namer) string { return l.SayStored(m.Encode(), called) }

// SayStored returns a stored message in the words of the language.
func (l *Language) SayStored(stored []byte, called Namer) string {
	return unquoted(l.Append(nil, stored, called))
}

// Words returns the words of a stored message that do not depend on the language:
// what somebody wrote, and the names of entities.
func Words(stored []byte, called Namer) []string {
	var list []string
	_, rest, more := bytes.Cut(stored, []byte{separator})
	for more {
		var arg []byte
		arg, rest, more = bytes.Cut(rest, []byte{separator})
		if len(arg) == 0 {
			continue
		}
		text := arg[1:]
		switch arg[0] {
		case argEntity:
			if called == nil {
				continue
			}
			text = called(text)
		case argText, argOwn:
		default:
			continue
		}
		if s, err := jsontext.AppendUnquote(nil, `"`+string(text)+`"`); err == nil && len(s) > 0 {
			list = append(list, string(s))
		}
	}
	return list
}
