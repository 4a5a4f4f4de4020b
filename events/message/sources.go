package message

import (
	"strings"

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

// The names in the text of an argument end at a control character. They are the insides
// of JSON strings, which have none.
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
		b = appendInside(b, Redact(o.Name))
		for _, r := range o.Relays {
			b = appendInside(append(b, endOfName...), Redact(r))
		}
	}
	return Arg{argSources, string(b)}
}

// originsIn reads the text of an argument.
func originsIn(text string) []Origin {
	var list []Origin
	for _, origin := range strings.Split(text, endOfOrigin) {
		names := strings.Split(origin, endOfName)
		for i, n := range names {
			names[i] = unquoted([]byte(n))
		}
		list = append(list, Origin{names[0], names[1:]})
	}
	return list
}

// Sources names origins, and those who passed it on, such as "Russian Telegram
// channels, via Reuters and Newsmax; A witness".
func (l *Language) Sources(origins []Origin) string { return unquoted(l.AppendSources(nil, origins)) }

// AppendSources appends the names of origins, and of those who passed it on, as the
// inside of a JSON string.
func (l *Language) AppendSources(b []byte, origins []Origin) []byte {
	last := len(origins) - 1
	if last < 0 {
		return b
	}
	if last == 0 {
		return l.appendOrigin(b, origins[0])
	}
	return l.compose(b, sourcesMore, func(b []byte, arg int) []byte {
		if arg == 0 {
			return l.AppendSources(b, origins[:last])
		}
		return l.appendOrigin(b, origins[last])
	})
}

func (l *Language) appendOrigin(b []byte, o Origin) []byte {
	if len(o.Relays) == 0 {
		return l.appendName(b, o.Name)
	}
	return l.compose(b, sourcesVia, func(b []byte, arg int) []byte {
		if arg == 0 {
			return l.appendName(b, o.Name)
		}
		return l.appendNames(b, o.Relays, sourcesAnd)
	})
}

// Names lists names: A, B and C.
func (l *Language) Names(names []string) string {
	return unquoted(l.appendNames(nil, names, sourcesAnd))
}

// appendNames lists names, the last of them after a pattern of its own.
func (l *Language) appendNames(b []byte, names []string, before Key) []byte {
	last := len(names) - 1
	if last < 0 {
		return b
	}
	if last == 0 {
		return l.appendName(b, names[0])
	}
	return l.compose(b, before, func(b []byte, arg int) []byte {
		if arg == 0 {
			return l.appendNames(b, names[:last], sourcesComma)
		}
		return l.appendName(b, names[last])
	})
}

// appendName appends a name, apart from the sentence where the language needs it.
func (l *Language) appendName(b []byte, name string) []byte {
	name = Redact(name)
	if !l.Isolate {
		return appendInside(b, name)
	}
	return append(appendInside(append(b, isolate...), name), release...)
}

// AppendName appends the name of one source, given as the inside of a JSON string, as
// [Language.AppendSources] does.
func (l *Language) AppendName(b, inside []byte) []byte { return l.isolated(b, inside) }

// compose appends a pattern, whose places value fills.
func (l *Language) compose(b []byte, key Key, value func(b []byte, arg int) []byte) []byte {
	p, _ := l.pattern(string(key))
	for _, x := range p.parts {
		if x.arg < 0 {
			b = append(b, x.text...)
		} else {
			b = value(b, x.arg)
		}
	}
	return b
}

// WordSources returns a message with its sources as a text in the language.
func (l *Language) WordSources(m Message) Message {
	args := make([]Arg, len(m.Args))
	for i, a := range m.Args {
		if args[i] = a; a.kind == argSources {
			args[i] = Text(l.Sources(originsIn(a.text)))
		}
	}
	m.Args = args
	return m
}

// unquoted returns the text whose inside of a JSON string is b, or "" if it is none.
func unquoted(b []byte) string {
	s, err := jsontext.AppendUnquote(nil, append(append([]byte{'"'}, b...), '"'))
	if err != nil {
		return ""
	}
	return string(s)
}
