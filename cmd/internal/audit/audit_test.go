package audit_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"iter"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/audit"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
	"github.com/summit-timeline/summit/store/merkle"
)

const summit = "geneva"

// server is a server with views of its own log. The fields change what it says.
type server struct {
	*testing.T
	lines  [][]byte
	views  *projections.Engine
	row    func(table string, row *projections.Row)
	checks func(size uint64) ([]byte, error)
}

// serving returns an honest server of a log.
func serving(t *testing.T, log *logtest.Memory) *server {
	t.Helper()
	path, s := filepath.Join(t.TempDir(), "views.db"), &server{T: t}
	for _, rec := range log.Records() {
		s.lines = append(s.lines, rec.Raw)
	}
	s.must(projections.Build(t.Context(), path, log, uint64(len(s.lines)), func(uint64) {}))
	var err error
	s.views, err = projections.Open(path, log, projections.Options{NoSync: true})
	s.must(err)
	t.Cleanup(func() { s.must(s.views.Close()) })
	return s
}

func (s *server) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *server) Lines(_ context.Context, from, to uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for seq := from; seq <= min(to, uint64(len(s.lines))); seq++ {
			if !yield(s.lines[seq-1], nil) {
				return
			}
		}
	}
}

func (s *server) Account(ctx context.Context) (audit.Account, error) {
	d, err := s.views.ViewDigest(ctx)
	a := audit.Account{Position: d.Position, Version: d.Version, Root: d.Root[:]}
	for _, t := range d.Tables {
		sum := hex.EncodeToString(t.Sum[:])
		if s.row != nil {
			sum = "another"
		}
		a.Tables = append(a.Tables, audit.Table{Table: t.Table, Rows: t.Rows, SHA256: sum})
	}
	return a, err
}

// pageSize is how many rows a page has: several pages to a table.
const pageSize = 2

func (s *server) Rows(ctx context.Context, table string, after []byte) (audit.Rows, error) {
	at, rows, more, err := s.views.Rows(ctx, table, after, pageSize)
	if s.row != nil {
		for i := range rows {
			rows[i].Value = slices.Clone(rows[i].Value)
			s.row(table, &rows[i])
		}
	}
	return audit.Rows{Seq: at.Seq, Rows: rows, More: more}, err
}

func (s *server) Checkpoint(_ context.Context, size uint64) ([]byte, error) {
	if s.checks == nil {
		return nil, nil
	}
	return s.checks(size)
}

// audited returns what an audit finds.
func (s *server) audited(set ...func(*audit.Options)) *audit.Report {
	s.Helper()
	o := audit.Options{Summit: summit, Scratch: s.TempDir(), Clock: time.Now, Progress: func(uint64, uint64) {}}
	for _, change := range set {
		change(&o)
	}
	r, err := audit.Run(s.Context(), s, o)
	s.must(err)
	return r
}

// at is some minutes into the story.
func at(minutes int) time.Time {
	return time.Date(2025, 8, 14, 12, minutes, 0, 0, time.UTC)
}

// story is a log of an opening and some notes.
func story(t *testing.T, notes int) *logtest.Memory {
	t.Helper()
	log := logtest.NewMemory(summit)
	add(t, log, logtest.Opened(summit), 0)
	for n := range notes {
		add(t, log, logtest.Note(summit, n), n+1)
	}
	return log
}

// add records an event as its recorder would, a number of minutes into the story.
func add(t *testing.T, log *logtest.Memory, e events.Event, minutes int) {
	t.Helper()
	e.Recorded = events.Instant{Time: at(minutes)}
	raw, err := events.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	log.Put(raw, store.Subject(e), e.ID)
}

// Quarantined events are listed, and do not count: neither for the time that the log
// spans, nor among types, sources and occurrences.
func TestOnlyWhatStandsIsCounted(t *testing.T) {
	log := story(t, 3)
	again := logtest.Opened(summit) // a log is opened once
	again.ID = "0198a9f2-7c1e-7000-8000-000000000001"
	add(t, log, again, 50)
	early := logtest.Note(summit, 9) // takes back what nobody said
	early.Type, early.Time = events.TypeFactRetracted, events.Instant{Time: at(-500)}
	early.Data = &events.FactRetracted{Target: events.Target{Target: again.ID}, Reason: "It was wrong", Common: events.Common{Sources: events.Sources{{ID: "s", Name: "Somebody else"}}}}
	add(t, log, early, -50)
	misfiled := logtest.Note(summit, 10)
	misfiled.Recorded = events.Instant{Time: at(55)}
	raw, err := events.Encode(misfiled)
	if err != nil {
		t.Fatal(err)
	}
	log.Put(raw, "facts."+summit+".note.another", misfiled.ID)

	r := serving(t, log).audited()
	if !r.Sound || r.Events != 7 || len(r.Quarantined) != 3 || r.Misfiled != 1 {
		t.Fatalf("%+v", r)
	}
	if !r.Known.First.Equal(at(0)) || !r.Known.Last.Equal(at(3)) {
		t.Errorf("recorded from %v to %v, want %v to %v", r.Known.First, r.Known.Last, at(0), at(3))
	}
	if r.Types[events.TypeSummitOpened] != 1 || r.Types[events.TypeNoteAdded] != 3 || len(r.Types) != 2 || r.Sources != 1 || r.Roots != 1 {
		t.Errorf("types %v, %d sources, %d roots", r.Types, r.Sources, r.Roots)
	}
}

// A name is the same however it is composed, and with characters that nobody sees in it.
func TestOneNameIsCountedOnce(t *testing.T) {
	log := story(t, 1)
	for n, name := range []string{"Agence Élysée", "Agence E\u0301lyse\u0301e", "AGENCE  ÉLYS\u200bÉE", "Agence \u00c9ly\u00ads\u00e9e"} {
		e := logtest.Note(summit, 20+n)
		e.Data = &events.NoteAdded{Common: events.Common{Sources: events.Sources{{ID: "s", Name: name}}}, Text: "A text"}
		add(t, log, e, 10+n)
	}
	if r := serving(t, log).audited(); !r.Sound || r.Sources != 2 || r.Roots != 2 { // with that of the story
		t.Errorf("%d sources, %d roots, sound %v", r.Sources, r.Roots, r.Sound)
	}
}

// An honest server is sound; each difference is found where it begins.
func TestADifferenceIsFoundWhereItBegins(t *testing.T) {
	log := story(t, 5)
	for name, c := range map[string]struct {
		tamper func(s *server)
		check  string
		seq    uint64
		table  string
	}{
		"honest":          {func(*server) {}, "", 0, ""},
		"an event":        {func(s *server) { s.lines[2] = s.lines[3] }, audit.CheckTree, 3, "tiles"},
		"the first event": {func(s *server) { s.lines[0] = s.lines[1] }, audit.CheckTree, 1, ""},
		"the end":         {func(s *server) { s.lines = s.lines[:4] }, audit.CheckLog, 5, ""},
		"a row": {func(s *server) {
			s.row = func(table string, row *projections.Row) {
				if table == "facts" {
					row.Value[len(row.Value)-1]++
				}
			}
		}, audit.CheckViews, 1, "facts"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serving(t, log)
			c.tamper(s)
			r := s.audited()
			if r.Sound != (c.check == "") || r.Sound != (len(r.Findings) == 0) {
				t.Fatalf("sound is %v: %+v", r.Sound, r.Findings)
			}
			if r.Sound {
				if r.Events != 6 || r.Facts != 5 || len(r.Tables) == 0 {
					t.Errorf("%+v", r)
				}
				return
			}
			if f := r.Findings[0]; f.Check != c.check || f.Seq != c.seq {
				t.Errorf("%+v", r.Findings)
			}
			if !slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return f.Table == c.table }) {
				t.Errorf("nothing is found in %q: %+v", c.table, r.Findings)
			}
		})
	}
}

// signed returns what a key signs of the first events of a log.
func (s *server) signed(key, origin string, size uint64) []byte {
	s.Helper()
	tree := merkle.NewAccumulator()
	for _, line := range s.lines[:size] {
		s.must(tree.AppendEntry(line))
	}
	root, err := tree.Root()
	s.must(err)
	signer, err := merkle.NewLogSigner(key, origin)
	s.must(err)
	text, err := merkle.Sign(merkle.Checkpoint{Origin: origin, Size: int64(size), Root: root}, signer)
	s.must(err)
	return text
}

// The checkpoint that is signed now is of the log that was read, and the kept one is of
// its beginning.
func TestCheckpointsAreHeldAgainstTheLog(t *testing.T) {
	const origin = "server.example/summits/" + summit
	key, public, err := merkle.GenerateKey(rand.Reader, "server.example")
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := merkle.GenerateKey(rand.Reader, "server.example")
	if err != nil {
		t.Fatal(err)
	}
	log := story(t, 5)
	honest := func(s *server, size uint64) ([]byte, error) { return s.signed(key, origin, size), nil }
	for name, c := range map[string]struct {
		signs func(s *server, size uint64) ([]byte, error)
		kept  func(s *server) []byte
		check string
	}{
		"honest":        {honest, func(s *server) []byte { return s.signed(key, origin, 3) }, ""},
		"nothing":       {func(*server, uint64) ([]byte, error) { return nil, nil }, nil, audit.CheckCheckpoint},
		"refused":       {func(*server, uint64) ([]byte, error) { return nil, &audit.RefusedError{Detail: "no"} }, nil, audit.CheckCheckpoint},
		"another key":   {func(s *server, n uint64) ([]byte, error) { return s.signed(other, origin, n), nil }, nil, audit.CheckCheckpoint},
		"another log":   {func(s *server, n uint64) ([]byte, error) { return s.signed(key, origin+"-2", n), nil }, nil, audit.CheckCheckpoint},
		"a stale one":   {func(s *server, n uint64) ([]byte, error) { return s.signed(key, origin, n-1), nil }, nil, audit.CheckCheckpoint},
		"another start": {honest, func(*server) []byte { return serving(t, story(t, 6)).changed(1).signed(key, origin, 3) }, audit.CheckSince},
		"a longer log":  {honest, func(*server) []byte { return serving(t, story(t, 6)).signed(key, origin, 7) }, audit.CheckSince},
	} {
		t.Run(name, func(t *testing.T) {
			s := serving(t, log)
			s.checks = func(size uint64) ([]byte, error) { return c.signs(s, size) }
			r := s.audited(func(o *audit.Options) {
				if o.Key = public; c.kept != nil {
					o.Since = c.kept(s)
				}
			})
			switch {
			case c.check == "" && (!r.Sound || !r.Checkpoint.Verified || !r.Since.Verified):
				t.Errorf("%+v", r)
			case c.check != "" && (len(r.Findings) != 1 || r.Findings[0].Check != c.check):
				t.Errorf("%+v", r.Findings)
			}
		})
	}
	s := serving(t, log)
	for name, kept := range map[string][]byte{"no note": []byte("x"), "another key": s.signed(other, origin, 3), "another summit": s.signed(key, origin+"-2", 3)} {
		if _, err := audit.Run(t.Context(), s, audit.Options{Summit: summit, Scratch: t.TempDir(), Clock: time.Now, Since: kept, Key: public}); err == nil {
			t.Errorf("%s was taken for what was kept", name)
		}
	}
}

// changed has the server tell another event in the place of one.
func (s *server) changed(n int) *server {
	s.lines[n] = s.lines[n+1]
	return s
}
