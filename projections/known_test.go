package projections

import "testing"

// A read sees a commit a moment before it is told: the position that it gives
// is one that can be asked for.
func TestAPositionThatWasGivenCanBeAskedFor(t *testing.T) {
	m := randomStory(t, 1, 10)
	e := openStory(t, m, m.records, 1)
	last := e.head
	e.head = cursor{Version: last.Version, Epoch: last.Epoch, Seq: last.Seq - 1} // as it is in between
	given, err := e.Summary(t.Context(), Reading{Seq: last.Seq - 1})
	if err != nil || given.Position != last.position() {
		t.Fatalf("%s is given, and %s was committed: %v", given.Position, last.position(), err)
	}
	if at, err := e.Resolve(given.Position.String(), opening); err != nil || at.Seq != last.Seq {
		t.Errorf("%+v, %v", at, err)
	}
	beyond := last.position()
	beyond.Seq++
	if _, err := e.Resolve(beyond.String(), opening); err == nil {
		t.Error("a position in the future is taken")
	}
}
