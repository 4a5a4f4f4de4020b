package message

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// Origin is a source that has it from no other, and those who passed it on, nearest
// first.
type Origin struct {
	Name   string
	Relays []string
}

// The patterns that name sources.
var (
	sourcesVia   = Define("sources.via", "{name}, via {relays}")
	sourcesComma = Define("sources.comma", "{one}, {other}")
	sourcesAnd   = Define("sources.and", "{one} and {other}")
	sourcesMore  = Define("sources.more", "{one}; {other}")
)

// Names in the text of an argument end at a control character, which none of them has
// as the inside of a JSON string.
const (
	endOfName   = "\x1d"
	endOfOrigin = "\x1e"
)

// Sources returns an argument that names origins, and those who passed it on.
func Sources(origins []Origin) Arg {
	var b []byte
	for i, o := range origins {
		if i > 0 {
			b = append(b, endOfOrigin...)
		}
		b = appendInside(b, o.Name)
		for _, r := range o.Relays {
			b = appendInside(append(b, endOfName...), r)
		}
	}
	return Arg{argSources, string(b)}
}

// Sources names origins, and those who passed it on, such as "Russian Telegram
// channels, via Reuters and Newsmax; A witness".
func (l *Language) Sources(origins []Origin) string {
	return unquoted(l.appendSources(nil, []byte(Sources(origins).text)))
}

// Names lists names: A, B and C.
func (l *Language) Names(names []string) string {
	inside := make([][]byte, len(names))
	for i, n := range names {
		inside[i] = appendInside(nil, n)
	}
	return unquoted(l.names(inside))
}

// WordSources returns a message with its sources as a text in the language.
func (l *Language) WordSources(m Message) Message {
	args := make([]Arg, len(m.Args))
	for i, a := range m.Args {
		if args[i] = a; a.kind == argSources {
			args[i] = Text(unquoted(l.appendSources(nil, []byte(a.text))))
		}
	}
	m.Args = args
	return m
}

// appendSources appends the sources in the text of an argument, as the inside of a JSON
// string.
func (l *Language) appendSources(b, text []byte) []byte {
	var told []byte
	for i, origin := range bytes.Split(text, []byte(endOfOrigin)) {
		names := bytes.Split(origin, []byte(endOfName))
		one := l.isolated(nil, names[0])
		if len(names) > 1 {
			one = l.fill(sourcesVia, one, l.names(names[1:]))
		}
		if i > 0 {
			one = l.fill(sourcesMore, told, one)
		}
		told = one
	}
	return append(b, told...)
}

// names lists names that are the insides of JSON strings, and returns another.
func (l *Language) names(list [][]byte) (told []byte) {
	for i, name := range list {
		one := l.isolated(nil, name)
		switch {
		case i == 0:
			told = one
		case i == len(list)-1:
			told = l.fill(sourcesAnd, told, one)
		default:
			told = l.fill(sourcesComma, told, one)
		}
	}
	return told
}

// fill returns a pattern whose places are filled with what is in words already.
func (l *Language) fill(key Key, values ...[]byte) (b []byte) {
	p, _ := l.pattern(string(key))
	for _, x := range p.parts {
		if x.arg < 0 {
			b = append(b, x.text...)
		} else {
			b = append(b, values[x.arg]...)
		}
	}
	return b
}

// unquoted returns the text whose inside of a JSON string is b, or "" if it is none.
func unquoted(b []byte) string {
	s, err := jsontext.AppendUnquote(nil, append(append([]byte{'"'}, b...), '"'))
	if err != nil {
		return ""
	}
	return string(s)
}
