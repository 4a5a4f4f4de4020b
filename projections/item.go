package projections

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

// item is a fact as its amendments have left it.
type item struct {
	seq      uint64
	id       string
	typ      string
	desk     string
	entity   events.Entity
	time     events.Instant
	recorded events.Instant
	data     events.Payload

	grade      *events.Grade // from a fact.graded; nil where the fact's own counts
	voices     []string      // roots that corroborate it
	retracted  bool
	disputed   bool
	corrected  bool
	superseded bool  // a plan that a later plan replaced
	met        bool  // a plan whose actual has been recorded
	due        int64 // when the plan that is current is overdue, in Unix nanoseconds; 0 is never
	announced  int64 // when it was announced: see announce
	amendments int

	told    []string // see tells; nil until it is asked for
	called  string   // what earlier facts call its entity, where it leaves that out
	claimed *claim   // see claim; nil until it is asked for
	written *written // see write; nil but between its writing and its putting
}

func newItem(seq uint64, e events.Event) *item {
	return &item{
		seq: seq, id: e.ID, typ: e.Type, desk: e.Source, entity: e.Subject,
		time: e.Time, recorded: e.Recorded, data: e.Data, announced: noKey,
	}
}

func (it *item) clone() *item {
	c := *it
	c.claimed, c.written = nil, nil
	c.voices = append([]string(nil), it.voices...)
	return &c
}

// hidden items show in the summit's own answer, not in the timeline.
func (it *item) hidden() bool { return it.entity.Kind == events.KindSummit }

func (it *item) moment() events.Moment { return events.MomentOf(it.data, it.time) }

// currentGrade is the grade given last, else the fact's own.
func (it *item) currentGrade() *events.Grade {
	if it.grade != nil {
		return it.grade
	}
	return it.data.Base().Grade
}

// roots counts the independent words for it: the distinct roots of its own
// sources and of those that corroborate it.
func (it *item) roots() int {
	if len(it.voices) == 0 {
		return len(it.data.Base().Sources.RootNames())
	}
	all := append(events.Sources(nil), it.data.Base().Sources...)
	for _, v := range it.voices {
		all = append(all, events.Source{ID: "", Name: v})
	}
	return len(all.RootNames())
}

// overdueAt is the instant after which it is overdue, in Unix nanoseconds: 0
// where it is no plan, or one that is met or replaced.
func (it *item) overdueAt() int64 {
	if !it.announces() || it.met || it.superseded || it.retracted || planClass(it) == "" {
		return 0
	}
	return it.due
}

// tells reports whether the data have a member, be it null.
func (it *item) tells(name string) (bool, error) {
	if it.told == nil {
		data, err := events.EncodeData(it.data)
		if err != nil {
			return false, err
		}
		if it.told, err = carriedMembers(data); err != nil {
			return false, err
		}
	}
	return slices.Contains(it.told, name), nil
}

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

func (it *item) attribution() string {
	s := it.data.Base().Sources.Attribution()
	if s == "" {
		s = it.desk // the desk speaks for itself
	}
	for _, v := range it.voices {
		s += "; " + v
	}
	return s
}

// shownTime is the event's time, unless its when has since been given a best
// instant of its own. That of an announcement is when it was made, not what it
// is about.
func (it *item) shownTime() events.Instant {
	if w := it.data.Base().When; w != nil && !w.Best.IsZero() && !events.Announces(it.data) {
		return w.Best
	}
	return it.time
}

// shownMoment is nil where nothing at all is known of the time.
func (it *item) shownMoment() *events.Moment {
	m := it.moment()
	if it.data.Base().When == nil && events.Announces(it.data) {
		m = events.Moment{Phase: m.Phase}
	}
	if m == (events.Moment{Phase: events.PhaseActual}) {
		return nil
	}
	return &m
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

// placeOf is where a fact happened: its where, else the place it names.
func placeOf(p events.Payload) *events.Place {
	if w := p.Base().Where; w != nil {
		return w
	}
	switch d := p.(type) {
	case *events.AircraftLanded:
		return d.Place
	case *events.AircraftDeparted:
		return d.From
	case *events.AircraftTracked:
		if d.Position != nil {
			return &events.Place{Lat: &d.Position.Lat, Lon: &d.Position.Lon}
		}
	case *events.DelegateArrived:
		return d.Place
	case *events.DelegateDeparted:
		return d.Place
	case *events.DelegationArrived:
		return d.Place
	case *events.DelegationDeparted:
		return d.Place
	case *events.MeetingScheduled:
		return d.Place
	case *events.MeetingRescheduled:
		return d.Place
	case *events.SummitOpened:
		return d.Place
	}
	return nil
}
