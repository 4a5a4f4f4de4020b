// Package cli is what all verbs of a program share: how a verb is declared, how
// flags are grouped and described, help, completion, man pages, tables, colours,
// errors and exit codes. It stands on cobra and pflag.
package cli

import (
	"context"
	"io"
)

// Streams are the standard streams of a verb.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Run does what a verb does.
type Run = func(ctx context.Context, std Streams, args []string) error

// Offer is a word that completion offers, and what it means.
type Offer struct{ Word, Short string }

// Verb is one thing that a program does.
type Verb struct {
	Name string
	// Args are the names of the arguments; those in brackets may be left out.
	Args  string
	Short string
	// Example has a command a line.
	Example string
	// Words are the words that an argument can be, by its name in Args.
	Words map[string][]string
	// Complete returns what an argument can be where a server knows.
	Complete map[string]func(ctx context.Context, flags *Flags) []Offer
	// Setup declares the flags and returns what runs once they are parsed.
	Setup func(f *Flags) Run
}

// Group holds the verbs of one purpose, as help lists them.
type Group struct {
	Title string
	Verbs []Verb
}

// Topic is a topic of the manual.
type Topic struct {
	Name, Title, Short string
	// Text renders the topic for a terminal.
	Text func(width int, colours bool) string
}

// Program is a program with verbs.
type Program struct {
	Name    string
	Short   string
	Version string
	Groups  []Group
	// Topics returns the topics of the manual.
	Topics func() []Topic
	// Environment describes environment variables: name and meaning.
	Environment [][2]string
	// Hint is the last line of help.
	Hint string
}

// Verbs returns the verbs of all groups.
func (p *Program) Verbs() []Verb {
	var list []Verb
	for _, g := range p.Groups {
		list = append(list, g.Verbs...)
	}
	return list
}

// verb returns the verb of a name.
func (p *Program) verb(name string) (Verb, bool) {
	for _, v := range p.Verbs() {
		if v.Name == name {
			return v, true
		}
	}
	return Verb{}, false
}

// topic returns the topic of a name.
func (p *Program) topic(name string) (Topic, bool) {
	for _, t := range p.topics() {
		if t.Name == name {
			return t, true
		}
	}
	return Topic{}, false
}

func (p *Program) topics() []Topic {
	if p.Topics == nil {
		return nil
	}
	return p.Topics()
}
