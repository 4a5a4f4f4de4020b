package projections

import (
	"path/filepath"
	"testing"
)

// A read sees a commit a moment before it is told: the position that it gives
// is one that can be asked for.
func TestAPositionThatWasGivenCanBeAskedFor(t *testing.T) {
	m := randomStory(t, 1, 10)
	var e *Engine
	between := 0
	watch := func(_ string, first uint64, _ []string) func(error) {
		return func(error) { // it is committed, and not told yet
			last := first
			if e.Head().Seq >= last {
				t.Fatalf("the head is %s", e.Head())
			}
			given, err := e.Summary(t.Context(), AsOf{Seq: last - 1})
			if err != nil || given.Position.Seq != last {
				t.Fatalf("%s is given, and %d was committed: %v", given.Position, last, err)
			}
			if at, err := e.Resolve(given.Position.String(), opening); first > 1 && (err != nil || at.Seq != last) {
				t.Errorf("%+v, %v", at, err)
			}
			between++
		}
	}
	e, err := Open(filepath.Join(t.TempDir(), "views.db"), m, Options{NoSync: true, Commit: watch})
	must(t, err)
	t.Cleanup(func() { must(t, e.Close()) })
	for i := range m.records {
		must(t, commit(e, m.records[i:i+1]))
	}
	beyond := e.Head()
	beyond.Seq++
	if _, err := e.Resolve(beyond.String(), opening); err == nil || between != len(m.records) {
		t.Error("a position in the future is taken")
	}
}
