package events

import (
	"strings"

	"github.com/summit-timeline/summit/events/message"
)

// TypeNoteAdded is the type of whatever has no type of its own.
const TypeNoteAdded = "note.added"

var _ = register[NoteAdded](TypeNoteAdded, KindNote, "Whatever has no type of its own.", added("topics"), added("lang"), added("sealed", "unseal_at"))

// NoteAdded is free text.
type NoteAdded struct {
	Common
	Text   string   `json:"text" rule:"required;max=4000" doc:"The text."`
	Topics []string `json:"topics,omitzero" rule:"items=20;slug" doc:"Ids of the topics it is about."`
}

func (p *NoteAdded) headline(Entity) message.Message { return message.Own(clipWords(p.Text)) }

// clipWords makes a headline of a text: its first words, at most 120
// characters.
func clipWords(text string) string {
	const most = 120
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) <= most {
		return string(line)
	}
	cut := string(line[:most])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + "…"
}
