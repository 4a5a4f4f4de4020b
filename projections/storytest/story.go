package storytest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// Object is a JSON object.
type Object = map[string]any

// Event is one event of a story, as a client submits it.
type Event struct {
	ID, Type, Subject string
	Time              string // the attribute; "" where it is left out
	Data              Object
}

// JSON returns the event as structured CloudEvents JSON.
func (e Event) JSON() []byte {
	o := Object{"id": e.ID, "source": "/desks/story", "type": e.Type, "subject": e.Subject, "data": e.Data}
	if e.Time != "" {
		o["time"] = e.Time
	}
	raw, err := json.Marshal(o)
	if err != nil {
		panic(err) // a story holds nothing that JSON cannot
	}
	return raw
}

// Opening is the first instant at which anything in a story happens. All of it
// happens within the days after, long before it is recorded.
var Opening = time.Date(2024, 10, 26, 0, 0, 0, 0, time.UTC)

// Summit is the id of the summit of a story.
const Summit = "story"

// New makes up a story of so many events. The same seed makes the same story.
func New(seed uint64, length int) []Event {
	w := &writer{Rand: rand.New(rand.NewPCG(seed, 7)), seed: seed}
	w.slots = w.Perm(length * 8)
	w.dwell()
	w.add(Event{Type: "summit.opened", Subject: "summit/" + Summit, Data: Object{
		"title": "Story", "zone": "Europe/Berlin", "parties": []any{Object{"id": "a", "name": "A"}, Object{"id": "b", "name": "B"}},
		"sources": w.sources(),
	}})
	for len(w.events) < length {
		w.next()
	}
	if w.IntN(5) == 0 {
		w.add(Event{Type: "summit.closed", Subject: "summit/" + Summit, Time: instant(Opening.Add(40 * 24 * time.Hour)), Data: Object{"sources": w.sources()}})
	}
	return w.events
}

// writer makes up a story.
type writer struct {
	*rand.Rand
	seed   uint64
	events []Event
	slots  []int // times not used yet, in units of spacing
	topics []func()
	// announced says how the announcements of an entity give their time: all of
	// them, none of them, or some. Those of the last sort are not retracted: the
	// contract does not say whether one that is withdrawn lends its time.
	announced map[string]int
}

// dwell chooses what the story is about: of all, or of a few sorts of facts that have
// the more to do with each other.
func (w *writer) dwell() {
	w.topics = []func(){
		w.aircraft, w.aircraft, w.vehicle, w.delegate, w.delegate, w.delegation, w.meeting, w.meeting, w.meeting, w.site, w.change, w.agenda,
		w.position, w.position, w.document, w.measure, w.incident, w.statement, w.note,
	}
	switch w.IntN(4) {
	case 0:
		w.topics = []func(){w.aircraft, w.vehicle, w.delegate, w.delegate, w.delegation, w.statement}
	case 1:
		w.Shuffle(len(w.topics), func(i, j int) { w.topics[i], w.topics[j] = w.topics[j], w.topics[i] })
		w.topics = w.topics[:3]
	}
}

// spacing is the distance between two instants of a story: no two facts leave
// open which of them came first.
const spacing = 20 * time.Minute

func (w *writer) add(e Event) {
	e.ID = uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%d/%d", w.seed, len(w.events))).String()
	w.events = append(w.events, e)
}

// next adds an event of any sort.
func (w *writer) next() {
	if len(w.events) > 3 && w.IntN(10) < 3 {
		w.amend()
		return
	}
	w.topics[w.IntN(len(w.topics))]()
}

// moment returns an instant that no other fact of the story has.
func (w *writer) moment() time.Time {
	n := w.slots[0]
	w.slots = w.slots[1:]
	return Opening.Add(time.Duration(n) * spacing)
}

var offsets = []*time.Location{time.UTC, time.FixedZone("", 3*3600), time.FixedZone("", -8*3600), time.FixedZone("", 5*3600+45*60)}

func instant(t time.Time) string { return t.Format(time.RFC3339) }

func (w *writer) instant(t time.Time) string { return instant(t.In(offsets[w.IntN(len(offsets))])) }

// happened gives an event the time of something that took place.
func (w *writer) happened(e *Event) {
	t := w.moment()
	switch w.IntN(4) {
	case 0:
		e.Time = w.instant(t)
	case 1:
		e.Data["when"] = Object{"best": w.instant(t)}
	case 2:
		e.Data["when"] = Object{"earliest": w.instant(t.Add(-4 * time.Minute)), "latest": w.instant(t.Add(4 * time.Minute)), "phase": "actual"}
	default:
		e.Data["when"] = Object{"best": w.instant(t), "earliest": w.instant(t.Add(-4 * time.Minute)), "basis": "reported"}
		e.Time = w.instant(t)
	}
}

// planned gives an event the time that is planned, and when it was announced.
func (w *writer) planned(e *Event) {
	t := w.moment()
	when := Object{"phase": "planned"}
	switch w.IntN(3) {
	case 0:
		when["earliest"] = w.instant(t)
	case 1:
		when["best"] = w.instant(t)
	default:
		when["earliest"], when["latest"] = w.instant(t.Add(-4*time.Minute)), w.instant(t.Add(4*time.Minute))
	}
	e.Data["when"] = when
	w.announce(e)
}

const (
	always = iota
	never
	sometimes
)

// announce says when an announcement was made, where its entity does.
func (w *writer) announce(e *Event) {
	if w.announced == nil {
		w.announced = map[string]int{}
	}
	how, known := w.announced[e.Subject]
	if !known {
		how = w.IntN(3)
		w.announced[e.Subject] = how
	}
	if how == always || how == sometimes && w.IntN(2) == 0 {
		e.Time = w.instant(w.moment())
	}
}

// optional sets a member, takes it back, or leaves it out.
func (w *writer) optional(data Object, name string, values ...any) {
	switch n := w.IntN(7); {
	case n < 3:
		data[name] = values[w.IntN(len(values))]
	case n == 3:
		data[name] = nil
	}
}

// list sets a list, or leaves it out.
func (w *writer) list(data Object, name string, values ...any) {
	if n := 1 + w.IntN(len(values)); w.IntN(2) == 0 {
		data[name] = values[:n]
	}
}

func (w *writer) sources() []any {
	list := []any{Object{"id": "r", "name": []string{"Wire one", "Wire two", "Tower"}[w.IntN(3)]}}
	if w.IntN(3) == 0 {
		list = append(list, Object{"id": "o", "name": "Outlet", "via": []any{"r"}})
	}
	return list
}

func (w *writer) place() Object {
	return []Object{{"name": "Vnukovo", "icao": "UUWW"}, {"name": "Elmendorf", "icao": "PAED"}, {"name": "Hotel"}}[w.IntN(3)]
}

func (w *writer) fact(typ, kind string, ids int) Event {
	return Event{Type: typ, Subject: fmt.Sprintf("%s/%s%d", kind, kind, w.IntN(ids)), Data: Object{"sources": w.sources()}}
}

// occurs adds a fact that is planned now and then and took place otherwise.
func (w *writer) occurs(e Event) {
	if w.IntN(3) == 0 {
		w.planned(&e)
	} else {
		w.happened(&e)
	}
	w.add(e)
}
