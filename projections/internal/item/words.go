package item

import (
	"sync"

	"github.com/summit-timeline/summit/events/message"
)

// Words tell rows in a language, and name entities by Called.
type Words struct {
	In     *message.Language
	Called message.Namer
	Told   *Told // nil keeps nothing
}

// Told keeps what rows tell of sources in languages other than theirs: pages name the
// same sources again and again. What is kept depends on its key alone.
type Told struct {
	mu   sync.Mutex
	size int
	all  map[string]map[string]told // by the tag of a language and what is stored
}

// mostTold is how many bytes are kept, about. Above it all is forgotten.
const mostTold = 1 << 20

// told is an amendment as it is told in a language, or the attribution of an item.
type told struct {
	shown       []byte // as JSON; of an item nil
	message     []byte // of the headline; nil if what shows has its English
	attribution []byte // the inside of a JSON string; nil if what shows has it
}

// of returns what stored tells in a language, and has it made where it is not kept.
func (t *Told) of(in *message.Language, stored []byte, made func() (told, error)) (told, error) {
	if t == nil {
		return made()
	}
	t.mu.Lock()
	have, kept := t.all[in.Tag][string(stored)]
	t.mu.Unlock()
	if kept {
		return have, nil
	}
	x, err := made()
	if err == nil {
		t.keep(in.Tag, string(stored), x)
	}
	return x, err
}

func (t *Told) keep(tag, stored string, x told) {
	const entry = 160 // what the maps take of it
	size := entry + len(stored) + len(x.shown) + len(x.message) + len(x.attribution)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil || t.size+size > mostTold {
		t.size, t.all = 0, map[string]map[string]told{}
	}
	if t.all[tag] == nil {
		t.all[tag] = map[string]told{}
	}
	t.size += size
	t.all[tag][stored] = x
}
