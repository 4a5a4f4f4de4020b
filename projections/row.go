package projections

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// The flags of an itemRow.
const (
	flagRetracted = 1 << iota
	flagDisputed
	flagCorrected
	flagSuperseded
	flagMet
	flagGraded
	flagAnnounced
)

// itemRow is an item as stored: a header that filters and standings need, then
// the item's JSON up to what depends on the reader.
type itemRow struct {
	flags      byte
	overdueAt  int64
	amendments uint64
	roots      uint64
	grade      string // as of now, "" where none
	voices     []string
	typ        string
	time       string // the event's own, "" where none
	announced  int64
	core       []byte // a JSON object without its closing brace
}

// coreJSON is the order of the fields in core. What follows them, by the reading:
// standing, revision and amendments.
type coreJSON struct {
	Fact        string          `json:"fact"`
	Seq         uint64          `json:"seq"`
	Position    string          `json:"position"`
	Type        string          `json:"type"`
	Entity      string          `json:"entity"`
	Headline    string          `json:"headline"`
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

// written is what an item comes to whatever other facts say of it.
type written struct {
	core  []byte
	roots int
}

// write works out what encode needs besides the flags.
func (it *item) write(epoch string) error {
	roots := it.roots()
	core, err := it.core(epoch, roots)
	if err != nil {
		return err
	}
	it.written = &written{core, roots}
	return nil
}

// encode writes the item as a row. What was written before is used up.
func (it *item) encode(epoch string) ([]byte, error) {
	if it.written == nil {
		if err := it.write(epoch); err != nil {
			return nil, err
		}
	}
	core, roots := it.written.core, it.written.roots
	it.written = nil
	grade := it.currentGrade()
	b := make([]byte, 0, len(core)+64)
	b = append(b, it.flags())
	b = binary.BigEndian.AppendUint64(b, uint64(it.overdueAt()))
	b = binary.AppendUvarint(b, uint64(it.amendments))
	b = binary.AppendUvarint(b, uint64(roots))
	if grade == nil {
		b = appendText(b, "")
	} else {
		b = appendText(b, grade.String())
	}
	b = binary.AppendUvarint(b, uint64(len(it.voices)))
	for _, v := range it.voices {
		b = appendText(b, v)
	}
	b = appendText(b, it.typ)
	b = appendText(b, it.time.String())
	if it.flags()&flagAnnounced != 0 {
		b = binary.BigEndian.AppendUint64(b, uint64(it.announced))
	}
	return append(b, core...), nil
}

func (it *item) flags() (f byte) {
	set := func(flag byte, on bool) {
		if on {
			f |= flag
		}
	}
	set(flagRetracted, it.retracted)
	set(flagDisputed, it.disputed)
	set(flagCorrected, it.corrected)
	set(flagSuperseded, it.superseded)
	set(flagMet, it.met)
	set(flagGraded, it.grade != nil)
	set(flagAnnounced, it.announced != noKey)
	return f
}

func (it *item) core(epoch string, roots int) ([]byte, error) {
	c := coreJSON{
		Fact: it.id, Seq: it.seq, Position: events.Position{Epoch: epoch, Seq: it.seq}.String(), Type: it.typ,
		Entity: it.entity.String(), Headline: events.Headline(it.data, cmp.Or(it.called, it.entity.Called())), When: it.shownMoment(), Where: placeOf(it.data),
		Recorded: it.recorded, Desk: it.desk, Sources: it.data.Base().Sources, Roots: roots,
	}
	if c.Sources == nil {
		c.Sources = events.Sources{}
	}
	if t := it.shownTime(); !t.IsZero() {
		c.Time = &t
	}
	if _, err := it.time.MarshalText(); err != nil { // the row has it beside what is shown
		return nil, fmt.Errorf("encode item %s: %w", it.id, err)
	}
	if g := it.currentGrade(); g != nil {
		c.Grade = new(g.String())
	}
	c.Attribution = it.attribution()
	b, err := json.Marshal(c, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode item %s: %w", it.id, err)
	}
	data, err := events.EncodeData(it.data)
	if err != nil {
		return nil, fmt.Errorf("encode item %s: %w", it.id, err)
	}
	if slotOf(it.data) != "" && it.told == nil {
		if it.told, err = carriedMembers(data); err != nil {
			return nil, fmt.Errorf("encode item %s: %w", it.id, err)
		}
	}
	return append(append(b[:len(b)-1], dataMember...), data...), nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errRow = errors.New("the row is cut short")

// decodeRow reads the header of a row; core is not copied.
func decodeRow(b []byte) (itemRow, error) {
	if len(b) < 9 {
		return itemRow{}, errRow
	}
	r := itemRow{flags: b[0], overdueAt: int64(seqOf(b[1:]))}
	d := decoder{b: b[9:]}
	r.amendments = d.uvarint()
	r.roots = d.uvarint()
	r.grade = d.text()
	for range d.uvarint() {
		r.voices = append(r.voices, d.text())
		if d.err != nil {
			break
		}
	}
	r.typ = d.text()
	r.time = d.text()
	r.announced = noKey
	if r.flags&flagAnnounced != 0 {
		r.announced = d.int64()
	}
	r.core = d.b
	return r, d.err
}

type decoder struct {
	b   []byte
	err error
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.err, d.b = errRow, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) int64() int64 {
	if len(d.b) < 8 {
		d.err, d.b = errRow, nil
		return 0
	}
	v := int64(seqOf(d.b))
	d.b = d.b[8:]
	return v
}

func (d *decoder) text() string {
	n := d.uvarint()
	if d.err != nil || n > uint64(len(d.b)) {
		d.err, d.b = errRow, nil
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

// hidden is that of the item: the types of the summit itself are about nothing
// else.
func (r itemRow) hidden() bool { return strings.HasPrefix(r.typ, string(events.KindSummit)+".") }

// json is the core as a whole JSON object.
func (r itemRow) json() []byte { return append(append(make([]byte, 0, len(r.core)+1), r.core...), '}') }

// data is the JSON of the fact's data.
func (r itemRow) data() []byte {
	_, data, _ := bytes.Cut(r.core, []byte(dataMember))
	return data
}

// item reads the row back.
func (r itemRow) item() (*item, error) {
	var c struct {
		Fact     string         `json:"fact"`
		Seq      uint64         `json:"seq"`
		Entity   string         `json:"entity"`
		Recorded events.Instant `json:"recorded"`
		Desk     string         `json:"desk"`
		Data     jsontext.Value `json:"data"`
	}
	if err := json.Unmarshal(r.json(), &c); err != nil {
		return nil, fmt.Errorf("read item: %w", err)
	}
	data, err := events.ReadData(r.typ, c.Data)
	if err != nil {
		return nil, fmt.Errorf("read item %s: %w", c.Fact, err)
	}
	entity, err := events.ParseEntity(c.Entity)
	if err != nil {
		return nil, fmt.Errorf("read item %s: %w", c.Fact, err)
	}
	it := &item{
		seq: c.Seq, id: c.Fact, typ: r.typ, desk: c.Desk, entity: entity, recorded: c.Recorded, data: data, voices: r.voices,
		retracted: r.flags&flagRetracted != 0, disputed: r.flags&flagDisputed != 0, corrected: r.flags&flagCorrected != 0,
		superseded: r.flags&flagSuperseded != 0, met: r.flags&flagMet != 0, amendments: int(r.amendments),
		due: r.overdueAt, announced: r.announced,
	}
	if r.time != "" {
		if it.time, err = events.ParseInstant(r.time); err != nil {
			return nil, fmt.Errorf("read item %s: %w", c.Fact, err)
		}
	}
	if r.flags&flagGraded != 0 {
		g, err := events.ParseGrade(r.grade)
		if err != nil {
			return nil, fmt.Errorf("read item %s: %w", c.Fact, err)
		}
		it.grade = &g
	}
	return it, nil
}

// standing derives the standing, by its order of precedence.
func (r itemRow) standing(judge time.Time) string {
	switch {
	case r.flags&flagRetracted != 0:
		return StandingRetracted
	case r.flags&flagDisputed != 0:
		return StandingDisputed
	case r.flags&flagSuperseded != 0:
		return StandingSuperseded
	case r.overdueAt != 0 && judge.UnixNano() > r.overdueAt:
		return StandingOverdue
	case r.flags&flagCorrected != 0:
		return StandingCorrected
	case r.roots >= 2:
		return StandingCorroborated
	}
	return StandingUnverified
}

var (
	summitKind   = []byte(string(events.KindSummit) + "/")
	entityMember = []byte(`,"entity":"`)
	errCore      = errors.New("the stored item names no entity")
)

// entityIn finds the entity in the stored JSON of an item. The members before
// it are an id, numbers and the name of a type, none of which holds a quote,
// and neither does an entity.
func entityIn(core []byte) ([]byte, error) {
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
