package item

import (
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections/internal/posting"
	"github.com/summit-timeline/summit/store/viewdb"
)

var noon = time.Date(2025, 8, 14, 12, 0, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// landing is a fact of which every flag of a row can be set.
func landing(t *testing.T, headline string) *Item {
	t.Helper()
	e, err := events.Submit([]byte(`{"id":"0198a9f2-7c1e-7000-8000-000000000001","source":"/desks/\"a\"","type":"aircraft.landed","subject":"aircraft/a",
		"partitionkey":"k","time":"2025-08-14T10:00:00-08:00","data":{`+headline+`"place":{"name":"Here"},"note":",\"data\":,\"time\":",
		"sources":[{"id":"s","name":"Tower"}]}}`), "s")
	must(t, err)
	e.Recorded = events.Instant{Time: noon}
	return New(7, e)
}

// A row reads back as the item that was written, whatever is set in it.
func TestARowIsTheItemThatWasWritten(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	toss := func() bool { return dice.IntN(2) == 0 }
	for range 200 {
		it := landing(t, "")
		it.Retracted, it.disputed, it.corrected, it.Denied, it.Superseded, it.Met = toss(), toss(), toss(), toss(), toss(), toss()
		it.Amendments = dice.IntN(1000)
		if toss() {
			it.grade = &events.Grade{Source: "B", Info: 2}
		}
		if toss() {
			it.Announced = dice.Int64() - dice.Int64()
		}
		if toss() {
			it.Corroborators = []string{"One", "Two"}
		}
		if toss() {
			it.extensions, it.Time = nil, events.Instant{}
		}
		b, err := it.Encode("3f9a1c20")
		must(t, err)
		row, err := DecodeVersion(it.Seq, b)
		must(t, err)
		back, err := row.Item()
		must(t, err)
		again, err := back.Encode("3f9a1c20")
		must(t, err)
		if string(again) != string(b) {
			t.Fatalf("written again it is\n%q, was\n%q", again, b)
		}
		if len(back.extensions) != len(it.extensions) || back.Denied != it.Denied || back.Announced != it.Announced || !reflect.DeepEqual(back.grade, it.grade) ||
			!back.Time.Equal(it.Time.Time) || back.Desk != it.Desk || back.Entity != it.Entity || back.Type != it.Type {
			t.Fatalf("it reads back as %+v, was %+v", back, it)
		}
		if want := standing(it); row.Standing(noon) != want {
			t.Fatalf("%+v stands %s, want %s", it, row.Standing(noon), want)
		}
	}
}

// standing is that of the contract, of what is not a plan.
func standing(it *Item) string {
	for _, s := range []struct {
		is       bool
		standing string
	}{
		{it.Retracted, StandingRetracted},
		{it.disputed || it.Denied, StandingDisputed},
		{it.Superseded, StandingSuperseded},
		{it.corrected, StandingCorrected},
		{it.roots() >= 2, StandingCorroborated},
	} {
		if s.is {
			return s.standing
		}
	}
	return StandingUnverified
}

// A row that is cut short, or says what cannot be, is an error and not a panic.
func TestARowThatIsDamagedIsAnError(t *testing.T) {
	b, err := landing(t, "").Encode("3f9a1c20")
	must(t, err)
	whole, err := DecodeRow(b)
	must(t, err)
	head := len(b) - len(whole.Core)
	for n := range head {
		if _, err := DecodeRow(b[:n]); err == nil {
			t.Errorf("%d bytes of a header of %d are read", n, head)
		}
	}
	beyond := append([]byte{flagWorded}, make([]byte, 8+7)...) // nothing is set, up to where the headline belongs
	if _, err := DecodeRow(append(binary.AppendUvarint(beyond, 1<<63), 0, '{')); err == nil {
		t.Error("a headline belongs nowhere")
	}
	dice := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		bad := append([]byte(nil), b...)
		for range 1 + dice.IntN(12) {
			bad[dice.IntN(head)] = byte(dice.UintN(256))
		}
		if row, err := DecodeRow(bad); err == nil {
			_, _ = row.Append(nil, &Words{In: message.English(), Called: unnamed})
			_, _ = row.Item() // an error is as good as an item
		}
	}
}

func unnamed([]byte) []byte { return nil }

// A headline is put into the words of the reader where it belongs, and one that was
// given stays as it is.
func TestARowTellsItsHeadline(t *testing.T) {
	for headline, want := range map[string]string{"": "The plane lands at Here", `"headline":"He said \"now\"",`: `He said "now"`} {
		b, err := landing(t, headline).Encode("3f9a1c20")
		must(t, err)
		row, err := DecodeRow(b)
		must(t, err)
		called := func([]byte) []byte { return []byte("The plane") }
		var it struct{ Fact, Entity, Headline, Time, Desk string }
		core, err := row.Append(nil, &Words{In: message.English(), Called: called})
		must(t, err)
		must(t, json.Unmarshal(append(core, '}'), &it))
		if it.Headline != want || it.Entity != "aircraft/a" || it.Time == "" || it.Desk != `/desks/"a"` {
			t.Errorf("it tells %+v, want %q", it, want)
		}
		if got, err := row.Headline(message.English(), called); err != nil || got != want {
			t.Errorf("its headline is %q, %v, want %q", got, err, want)
		}
		if entity, err := EntityIn(row.Core); err != nil || string(entity) != "aircraft/a" {
			t.Errorf("it is about %q, %v", entity, err)
		}
	}
}

// An amendment of which the message is kept tells it in the words of the reader; one of
// an older file tells its English.
func TestAnAmendmentTellsItsHeadline(t *testing.T) {
	before := landing(t, "")
	e := events.Event{
		ID: "0198a9f2-7c1e-7000-8000-000000000002", Type: events.TypeFactRetracted, Subject: before.Entity, Source: "/d", Recorded: events.Instant{Time: noon},
		Data: &events.FactRetracted{Target: events.Target{Target: before.ID}, Reason: `,"notice":`},
	}
	after, err := before.Amended(Amendment{ID: e.ID, Type: e.Type, Target: before.ID, Data: e.Data})
	must(t, err)
	shown, err := Shown(e, 8, before, after)
	must(t, err)
	now, err := json.Marshal(shown)
	must(t, err)
	shown.Shown.Headline, shown.Message = "As it was", ""
	old, err := json.Marshal(shown)
	must(t, err)
	said := events.Headline(e.Data, e.Subject)
	for row, want := range map[string]string{string(now): message.English().Say(said, unnamed), string(old): "As it was"} {
		b, err := AppendShown(nil, []byte(row), &Words{In: message.English(), Called: unnamed})
		must(t, err)
		var a AmendmentOf
		must(t, json.Unmarshal(b, &a))
		if a.Headline != want || a.Notice != `,"notice":` || want == "" {
			t.Errorf("it tells %q, %q, want %q", a.Headline, a.Notice, want)
		}
		if got, err := ShownHeadline([]byte(row), &Words{In: message.English(), Called: unnamed}); err != nil || got != want {
			t.Errorf("its headline is %q, %v, want %q", got, err, want)
		}
	}
}

// The row of an entity reads back as it was written, and every part of it is an error.
func TestTheRowOfAnEntityIsWhatWasWritten(t *testing.T) {
	r := EntityRow{Last: 900, Facts: 70}
	r.Give(3, events.Name{Member: "model", Text: "Il-96"})
	r.Give(9, events.Name{Member: "registration", Text: "RA-96021"})
	b := r.Encode()
	back, err := DecodeEntityRow(b)
	if err != nil || !reflect.DeepEqual(back, r) {
		t.Errorf("it reads as %+v, %v, was %+v", back, err, r)
	}
	for n := range b {
		if _, err := DecodeEntityRow(b[:n]); err == nil && (n < 8 || n >= 12) { // files before version 3 keep the last event alone
			t.Errorf("%d bytes of %d are read", n, len(b))
		}
	}
}

// An entity is called by the last fact in the log that names it, in whatever order they
// are told; every name that it had is kept, each once.
func TestTheLastFactNamesAnEntity(t *testing.T) {
	title := func(s string) events.Name { return events.Name{Member: "title", Text: s} }
	var r EntityRow
	if r.Called() != "" {
		t.Errorf("it is called %q", r.Called())
	}
	r.Give(5, title("Plenary"))
	r.Give(2, title("Talks"))
	r.Give(5, title("Plenary"))
	if r.Called() != "Plenary" || !reflect.DeepEqual(r.Names, []string{"Plenary", "Talks"}) {
		t.Errorf("it is called %q, and was %q", r.Called(), r.Names)
	}
	r.Give(5, title("The plenary"))
	if r.Called() != "The plenary" {
		t.Errorf("corrected it is called %q", r.Called())
	}
	r.Take("title")
	if r.Called() != "" || len(r.Names) != 3 {
		t.Errorf("it is called %q, and was %q", r.Called(), r.Names)
	}
	for n := range 2 * maxNames {
		r.Give(uint64(n), title(strings.Repeat("x", n+1)))
	}
	if len(r.Names) != maxNames || r.Called() != strings.Repeat("x", 2*maxNames) {
		t.Errorf("%d names are kept; it is called %q", len(r.Names), r.Called())
	}
}

// What an entity is called at a position is what it was called then; a name is kept so
// that it can stand in JSON.
func TestANameIsThatOfThePosition(t *testing.T) {
	db, err := viewdb.Open(filepath.Join(t.TempDir(), "views.db"), viewdb.Options{NoSync: true})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	must(t, db.Update(func(tx *viewdb.Tx) error {
		for seq, name := range map[uint64]string{3: `The "A"`, 5: "", 9: "B"} {
			row, err := NameRow(name)
			must(t, err)
			must(t, tx.Put(TableNames, NameKey("meeting/m", seq), row))
		}
		other, err := NameRow("other")
		must(t, err)
		return tx.Put(TableNames, NameKey("meeting/m-2", 1), other)
	}))
	must(t, db.View(func(tx *viewdb.Tx) error {
		for known, want := range map[uint64]string{0: "", 2: "", 3: `The "A"`, 4: `The "A"`, 5: "", 8: "", 9: "B", 100: "B"} {
			var got string
			must(t, json.Unmarshal([]byte(`"`+string(NameAt(tx, "meeting/m", known))+`"`), &got))
			if got != want {
				t.Errorf("at %d it is called %q, want %q", known, got, want)
			}
		}
		return nil
	}))
}

// A stance that several share stands in the list of each, once, by whatever spelling.
func TestASharedStanceIsInTheListOfEach(t *testing.T) {
	p := &events.PositionStated{Actor: "Zoë", With: []string{"ZOE\u0308", "Ann", "ann"}, Stance: "for", Detail: "d"}
	it := New(1, events.Event{ID: "0198a9f2-7c1e-7000-8000-000000000001", Type: events.TypePositionStated, Subject: events.Entity{Kind: events.KindTopic, ID: "t"}, Data: p})
	var got []string
	for _, b := range it.Bearings() {
		got = append(got, b.List)
	}
	if want := []string{"s/topic/t/stance/zoë", "s/topic/t/stance/ann"}; !reflect.DeepEqual(got, want) {
		t.Errorf("it is in %q, want %q", got, want)
	}
	if it.Retracted = true; len(it.Bearings()) != 0 {
		t.Errorf("retracted it is in %v", it.Bearings())
	}
	if it.Announced != posting.NoKey {
		t.Errorf("it was announced at %d", it.Announced)
	}
}
