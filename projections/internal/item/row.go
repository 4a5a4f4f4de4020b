package item

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections/internal/objects"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

// The flags of a Row.
const (
	flagRetracted = 1 << iota
	flagDisputed
	flagCorrected
	flagSuperseded
	flagMet
	flagGraded
	flagAnnounced
	flagWorded // the headline is kept as a message; files before version 3 keep its English
)

// The flags that rows have since version 3.
const (
	flagDenied   = 1 << iota
	flagExtended // it has extensions that belong to its content
	flagOnce     // its data is without the sources, which the item has: since version 5
)

// Row is an item as stored: a header that filters and standings need, then
// the item's JSON up to what depends on the reader.
type Row struct {
	flags      byte
	denied     bool
	OverdueAt  int64
	Amendments uint64
	roots      uint64
	Grade      []byte // as of now, empty where none
	voices     []string
	Type       string
	time       []byte // the event's own, empty where none
	announced  int64
	extensions []byte // what of them belongs to the content, as JSON
	message    []byte // of the headline, as [message.Message.Encode] writes it
	split      int    // where in Core the headline belongs; 0 where Core has it
	once       once   // what Core has once and an answer has twice
	Core       []byte // a JSON object without its closing brace
}

// coreJSON is the order of the fields in core. What an answer adds: the headline after
// the entity; after the data standing, revision and amendments.
type coreJSON struct {
	Fact        string          `json:"fact"`
	Seq         uint64          `json:"seq"`
	Position    string          `json:"position"`
	Type        string          `json:"type"`
	Entity      string          `json:"entity"`
	Time        *events.Instant `json:"time"`
	When        *events.Moment  `json:"when"`
	Where       *events.Place   `json:"where"`
	Recorded    events.Instant  `json:"recorded"`
	Desk        string          `json:"desk"`
	Attribution string          `json:"attribution"`
	Sources     events.Sources  `json:"sources"`
	Roots       int             `json:"roots"`
	Grade       *string         `json:"grade"`
}

// dataMember begins the last member of core. No string holds it: their quotes
// are escaped.
const dataMember = `,"data":`

// written is the part of an item that does not depend on other facts.
type written struct {
	core    []byte
	said    []byte // of the extensions
	message []byte
	roots   int
}

// Write computes what Encode needs besides the flags.
func (it *Item) Write(epoch string) error {
	roots := it.roots()
	core, err := it.core(epoch, roots)
	if err != nil {
		return err
	}
	said, err := it.extensions.Said()
	if err != nil {
		return fmt.Errorf("encode item %s: %w", it.ID, err)
	}
	it.Written = &written{core, said, events.Headline(it.Data, it.Entity).Encode(), roots}
	return nil
}

// Encode writes the item as a row. What was written before is used up.
func (it *Item) Encode(epoch string) ([]byte, error) {
	if it.Written == nil {
		if err := it.Write(epoch); err != nil {
			return nil, err
		}
	}
	core, said, extensions, roots := it.Written.core, it.Written.message, it.Written.said, it.Written.roots
	it.Written = nil
	core, once, leftOut := leaveOut(core)
	grade := it.currentGrade()
	b := make([]byte, 0, len(core)+len(said)+64)
	b = append(b, it.flags())
	b = binary.BigEndian.AppendUint64(b, uint64(it.OverdueAt()))
	b = binary.AppendUvarint(b, uint64(it.Amendments))
	b = binary.AppendUvarint(b, uint64(roots))
	if grade == nil {
		b = appendText(b, "")
	} else {
		b = appendText(b, grade.String())
	}
	b = binary.AppendUvarint(b, uint64(len(it.Corroborators)))
	for _, v := range it.Corroborators {
		b = appendText(b, v)
	}
	b = appendText(b, it.Type)
	b = appendText(b, it.Time.String())
	if it.flags()&flagAnnounced != 0 {
		b = binary.BigEndian.AppendUint64(b, uint64(it.Announced))
	}
	more := byte(0)
	if it.Denied {
		more |= flagDenied
	}
	if extensions != nil {
		more |= flagExtended
	}
	if leftOut {
		more |= flagOnce
	}
	b = append(b, more)
	if extensions != nil {
		b = appendText(b, string(extensions))
	}
	b = binary.AppendUvarint(b, uint64(bytes.Index(core, timeMember)))
	b = append(binary.AppendUvarint(b, uint64(len(said))), said...)
	if leftOut {
		b = once.encode(b)
	}
	return append(b, core...), nil
}

func (it *Item) flags() (f byte) {
	f = flagWorded
	set := func(flag byte, on bool) {
		if on {
			f |= flag
		}
	}
	set(flagRetracted, it.Retracted)
	set(flagDisputed, it.disputed)
	set(flagCorrected, it.corrected)
	set(flagSuperseded, it.Superseded)
	set(flagMet, it.Met)
	set(flagGraded, it.grade != nil)
	set(flagAnnounced, it.Announced != posting.NoKey)
	return f
}

func (it *Item) core(epoch string, roots int) ([]byte, error) {
	c := coreJSON{
		Fact: it.ID, Seq: it.Seq, Position: events.Position{Epoch: epoch, Seq: it.Seq}.String(), Type: it.Type,
		Entity: it.Entity.String(), When: it.ShownMoment(), Where: events.PlaceOf(it.Data),
		Recorded: it.recorded, Desk: it.Desk, Sources: it.Data.Base().Sources, Roots: roots,
	}
	if c.Sources == nil {
		c.Sources = events.Sources{}
	}
	if t := it.shownTime(); !t.IsZero() {
		c.Time = &t
	}
	if _, err := it.Time.MarshalText(); err != nil { // the row has it beside what is shown
		return nil, fmt.Errorf("encode item %s: %w", it.ID, err)
	}
	if g := it.currentGrade(); g != nil {
		c.Grade = new(g.String())
	}
	c.Attribution = it.attribution()
	b, err := json.Marshal(c, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode item %s: %w", it.ID, err)
	}
	b = message.SealedJSON(b)
	data, err := events.EncodeData(it.Data)
	if err != nil {
		return nil, fmt.Errorf("encode item %s: %w", it.ID, err)
	}
	if SlotOf(it.Data) != "" && it.Given == nil {
		if it.Given, err = carriedMembers(data); err != nil {
			return nil, fmt.Errorf("encode item %s: %w", it.ID, err)
		}
	}
	return append(append(b[:len(b)-1], dataMember...), data...), nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Extends reports whether the row is of a version that keeps extensions.
func (r Row) Extends() bool { return r.flags&flagWorded != 0 }

// Hidden is that of the item: the types of the summit itself are about nothing
// else.
func (r Row) Hidden() bool { return strings.HasPrefix(r.Type, string(events.KindSummit)+".") }

// Size is about how many bytes the item takes in an answer, without its amendments.
func (r Row) Size() int { return len(r.Core) + r.once.length + 2*len(r.message) + 160 }

// Append appends the core with its headline and its attribution in the words of a
// language.
func (r Row) Append(b []byte, words *Words) ([]byte, error) {
	rest := r.Core
	if r.flags&flagWorded != 0 {
		b = append(append(b, rest[:r.split]...), headlineMember...)
		b = append(words.In.Append(b, r.message, words.Called), '"')
		rest = rest[r.split:]
	}
	if english(words.In) {
		return r.appendRest(b, rest), nil
	}
	return words.appendCore(b, r, rest)
}

// Headline returns the headline in the words of a language.
func (r Row) Headline(in *message.Language, called message.Namer) (string, error) {
	if r.flags&flagWorded != 0 {
		return in.SayStored(r.message, called), nil
	}
	text, err := objects.Member(r.JSON(), "headline")
	if err != nil {
		return "", fmt.Errorf("read the headline: %w", err)
	}
	var s string
	return s, json.Unmarshal(text, &s)
}

// Words returns the words of the headline that depend on no language.
func (r Row) Words(called message.Namer) []string { return message.Words(r.message, called) }

// JSON returns the core as a whole JSON object.
func (r Row) JSON() []byte {
	return append(r.appendRest(make([]byte, 0, r.Size()), r.Core), '}')
}

// Data returns the JSON of the fact's data.
func (r Row) Data() []byte {
	_, data, _ := bytes.Cut(r.Core, []byte(dataMember))
	if r.once.at == 0 {
		return data
	}
	return r.appendRest(make([]byte, 0, r.Size()), data)
}

// Item reads the row back.
func (r Row) Item() (*Item, error) {
	var c struct {
		Fact     string         `json:"fact"`
		Seq      uint64         `json:"seq"`
		Entity   string         `json:"entity"`
		Recorded events.Instant `json:"recorded"`
		Desk     string         `json:"desk"`
		Data     jsontext.Value `json:"data"`
	}
	if err := json.Unmarshal(r.JSON(), &c); err != nil {
		return nil, fmt.Errorf("read item: %w", err)
	}
	data, err := events.ReadData(r.Type, c.Data)
	if err != nil {
		return nil, fmt.Errorf("read item %s: %w", c.Fact, err)
	}
	entity, err := events.ParseEntity(c.Entity)
	if err != nil {
		return nil, fmt.Errorf("read item %s: %w", c.Fact, err)
	}
	it := &Item{
		Seq: c.Seq, ID: c.Fact, Type: r.Type, Desk: c.Desk, Entity: entity, recorded: c.Recorded, Data: data, Corroborators: r.voices,
		Retracted: r.flags&flagRetracted != 0, disputed: r.flags&flagDisputed != 0, corrected: r.flags&flagCorrected != 0,
		Superseded: r.flags&flagSuperseded != 0, Met: r.flags&flagMet != 0, Amendments: int(r.Amendments),
		Due: r.OverdueAt, Announced: r.announced, Denied: r.denied,
	}
	if it.extensions, err = events.ReadExtensions(r.extensions); err != nil {
		return nil, fmt.Errorf("read item %s: %w", c.Fact, err)
	}
	if len(r.time) > 0 {
		if it.Time, err = events.ParseInstant(string(r.time)); err != nil {
			return nil, fmt.Errorf("read item %s: %w", c.Fact, err)
		}
	}
	if r.flags&flagGraded != 0 {
		g, err := events.ParseGrade(string(r.Grade))
		if err != nil {
			return nil, fmt.Errorf("read item %s: %w", c.Fact, err)
		}
		it.grade = &g
	}
	return it, nil
}

// Standing derives the standing, by its order of precedence.
func (r Row) Standing(present time.Time) string {
	switch {
	case r.flags&flagRetracted != 0:
		return StandingRetracted
	case r.flags&flagDisputed != 0, r.denied:
		return StandingDisputed
	case r.flags&flagSuperseded != 0:
		return StandingSuperseded
	case r.OverdueAt != 0 && present.UnixNano() > r.OverdueAt:
		return StandingOverdue
	case r.flags&flagCorrected != 0:
		return StandingCorrected
	case r.roots >= 2:
		return StandingCorroborated
	}
	return StandingUnverified
}

var (
	// SummitKind begins the entity of what is about the summit itself.
	SummitKind   = []byte(string(events.KindSummit) + "/")
	entityMember = []byte(`,"entity":"`)
	// timeMember follows the headline: what is before it in a core is no text of
	// anybody's, so that it is found by its first coming.
	timeMember     = []byte(`,"time":`)
	headlineMember = []byte(`,"headline":"`)
	errCore        = errors.New("the stored item names no entity")
)

// EntityIn finds the entity in the stored JSON of an item. The members before
// it are an id, numbers and the name of a type, none of which holds a quote,
// and neither does an entity.
func EntityIn(core []byte) ([]byte, error) {
	_, rest, found := bytes.Cut(core, entityMember)
	if !found {
		return nil, errCore
	}
	entity, _, found := bytes.Cut(rest, []byte{'"'})
	if !found {
		return nil, errCore
	}
	return entity, nil
}
