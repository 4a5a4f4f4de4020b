package projections

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/engine"
)

// shaken are dice of one draw: a walk shrinks by leaving actions out.
func shaken(r *rapid.T) dice { return rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "dice"), 1)) }

// walker walks an engine through a life of appends, crashes and rebuilds, and
// holds what it answers against the model.
type walker struct {
	*teller
	dir    string
	files  int
	engine *Engine
	path   string // of the engine's file
	model  *model

	failing error // of commits
}

// walks is how many walks are on their way at the same time.
const walks = 4

// TestTheViewsAreWhatTheContractSays walks at random, as often as rapid.checks
// says in all. A longer walk:
//
//	go test ./projections -run TestTheViewsAreWhatTheContractSays -rapid.checks 5000
func TestTheViewsAreWhatTheContractSays(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	all := checks.Value.String()
	n, err := strconv.Atoi(all)
	must(t, err)
	must(t, flag.Set(checks.Name, strconv.Itoa((n+walks-1)/walks)))
	t.Cleanup(func() { must(t, flag.Set(checks.Name, all)) })
	for i := range walks {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) { walk(t, r) })
		})
	}
}

// walk takes one engine through a life.
func walk(t *testing.T, r *rapid.T) {
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	w := &walker{teller: newTeller(r, shaken(r)), dir: dir, model: &model{byID: map[string]*saying{}}}
	w.open(w.fresh())
	defer func() { w.must(w.engine.Close(), os.RemoveAll(dir)) }()
	r.Repeat(map[string]func(*rapid.T){
		"tell": w.act(func() {
			for range 1 + w.IntN(25) {
				w.tell()
			}
		}),
		"apply":   w.act(func() { w.apply(w.pending()) }),
		"drop":    w.act(w.drop),
		"reopen":  w.act(func() { w.must(w.engine.Close()); w.open(w.path) }),
		"kill":    w.act(w.kill),
		"rebuild": w.act(w.rebuild),
		"":        w.act(w.look),
	})
}

// act makes an action of which each draws its own dice.
func (w *walker) act(f func()) func(*rapid.T) {
	return func(r *rapid.T) {
		w.t, w.dice = r, shaken(r)
		f()
	}
}

func (w *walker) must(errs ...error) {
	w.t.Helper()
	if err := errors.Join(errs...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *walker) fresh() string {
	w.files++
	return filepath.Join(w.dir, fmt.Sprint(w.files, ".db"))
}

func (w *walker) open(path string) {
	e, err := Open(path, w.m, Options{NoSync: true, Failing: func() error { return w.failing }})
	w.must(err)
	w.engine, w.path = e, path
}

// pending returns how many events are applied next: some of those that wait.
func (w *walker) pending() int {
	waiting := len(w.m.records) - int(w.engine.Head().Seq)
	return min(waiting, 1+w.IntN(40))
}

func (w *walker) apply(n int) {
	if n == 0 {
		return
	}
	from := w.engine.Head().Seq
	w.must(commit(w.engine, w.m.records[from:from+uint64(n)]))
	for _, rec := range w.m.records[w.model.heard : from+uint64(n)] {
		w.model.hear(rec)
	}
}

var errDropped = errors.New("dropped")

// drop folds events in a transaction that is not committed.
func (w *walker) drop() {
	n := w.pending()
	if n == 0 {
		return
	}
	from := w.engine.Head().Seq
	w.failing = errDropped
	err := commit(w.engine, w.m.records[from:from+uint64(n)])
	w.failing = nil
	if !errors.Is(err, errDropped) {
		w.t.Fatal(err)
	}
}

// kill continues from the bytes that are on disk while the file is open.
func (w *walker) kill() {
	path := w.fresh()
	w.must(copyOf(w.path, path), w.engine.Close())
	w.open(path)
}

// rebuild makes the file one of another version, and has it replaced.
func (w *walker) rebuild() {
	was := w.engine.Head()
	w.must(engine.Rebuild(context.Background(), w.engine.Engine))
	if now := w.engine.Head(); now != was {
		w.t.Fatal("rebuilt at ", now.String(), ", was at ", was.String())
	}
}

// look reads at some position, as known then and at present.
func (w *walker) look() {
	head := w.engine.Head().Seq
	if head == 0 {
		return
	}
	n := head
	if w.chance(1, 2) {
		n = 1 + uint64(w.IntN(int(head)))
	}
	w.compare(AsOf{Seq: n, Pinned: true}, w.model.knew[n-1])
	now := w.instant().Time
	w.compare(AsOf{Seq: n, Now: now}, now)
}

// line is what is compared of an item.
type line struct {
	Fact, Standing  string
	Roots, Revision int
	Grade           *string
}

func (l line) String() string {
	grade := ""
	if l.Grade != nil {
		grade = *l.Grade
	}
	return fmt.Sprintf("%s %s roots %d revision %d %s\n", l.Fact, l.Standing, l.Roots, l.Revision, grade)
}

func (w *walker) compare(at AsOf, judge time.Time) {
	all := w.model.known(at.Seq)
	want, got := "", ""
	for _, it := range inOrder(all) {
		l := line{Fact: it.e.ID, Standing: it.standing(all, judge), Roots: it.roots(), Revision: it.revision}
		if it.grade != "" {
			l.Grade = &it.grade
		}
		want += l.String()
	}
	page, err := w.engine.Timeline(context.Background(), Query{Reading: at, Limit: 10_000}, at.Now)
	w.must(err)
	for _, raw := range page.Items {
		var l line
		w.must(json.Unmarshal(raw, &l))
		got += l.String()
	}
	if got != want {
		w.t.Fatal(fmt.Sprintf("timeline at %+v\n%s\nwant\n%s", at, got, want))
	}
	w.comparePlanes(at, all)
}

func (w *walker) comparePlanes(at AsOf, all []supposed) {
	for _, when := range []time.Time{{}, w.instant().Time} {
		answer, err := w.engine.Status(context.Background(), at, when)
		w.must(err)
		var s struct {
			Aircraft []struct{ ID, State string }
		}
		w.must(json.Unmarshal(answer.JSON, &s))
		got := map[string]string{}
		for _, a := range s.Aircraft {
			got[a.ID] = a.State
		}
		for _, id := range []string{"p0", "p1"} {
			if want := flying(all, entity(events.KindAircraft, id), when); got[id] != want {
				w.t.Fatal(fmt.Sprintf("%s at %+v, %s: %q, want %q", id, at, when, got[id], want))
			}
		}
	}
}
