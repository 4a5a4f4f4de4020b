// Package manual holds the manual: Markdown files, one a topic, that are read
// in place on a forge, in the terminal and in the browser.
//
// [Topics] lists the topics and [Find] returns one of them. A topic is written
// once; [Topic.HTML] and [Topic.Terminal] render the same file.
package manual

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
)

//go:embed *.md
var files embed.FS

// Topic is one file of the manual.
type Topic struct {
	Name  string // of the file, without its ending
	Title string // its first heading
	Short string // its first paragraph: what it is about, in one line
	text  []byte
}

// order lists the topics as a reader meets them.
func order() []string {
	return []string{
		"tour", "recording", "corrections", "times", "languages", "following", "programs", "ingesting", "auditing", "access",
		"deploying", "reliability", "benchmarks", "sizing", "api", "libraries",
	}
}

// Topics returns the topics of the manual in reading order. It returns an error
// if a file does not begin with a heading and a line that says what it is about.
func Topics() ([]Topic, error) {
	var list []Topic
	for _, name := range order() {
		t, err := read(name)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// Markdown returns the file as it is written.
func (t Topic) Markdown() []byte { return bytes.Clone(t.text) }

func read(name string) (Topic, error) {
	text, err := files.ReadFile(name + ending)
	if err != nil {
		return Topic{}, fmt.Errorf("read the manual: %w", err)
	}
	title, rest, _ := strings.Cut(string(text), "\n\n")
	short, _, _ := strings.Cut(rest, "\n\n")
	title, headed := strings.CutPrefix(title, "# ")
	if !headed || short == "" || strings.ContainsAny(title+short, "\n") {
		return Topic{}, fmt.Errorf("read the manual: %s does not begin with a title and one line that says what it is about", name)
	}
	return Topic{Name: name, Title: title, Short: short, text: text}, nil
}
