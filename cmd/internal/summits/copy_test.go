package summits

import (
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// A copy is of one moment, says what it is, and leaves nothing in the folder of
// the views; what a server that was killed was copying into goes at the start.
func TestACopyLeavesNothingBehind(t *testing.T) {
	b := newBroker(t)
	views := filepath.Join(b.dir, "views")
	b.must(os.MkdirAll(views, 0o700))
	b.must(os.WriteFile(filepath.Join(views, "vienna.db.copy-123"), []byte("half a copy"), 0o600))
	h := b.run("views")
	s := b.summit(h, "vienna")
	_, err := s.Record(t.Context(), []events.Event{note("vienna", uuid.NewString(), "a")}, nil)
	b.must(err)
	b.must(s.Views.Wait(t.Context(), 2))
	c, err := h.Copy(t.Context(), s)
	b.must(err)
	_, err = s.Record(t.Context(), []events.Event{note("vienna", uuid.NewString(), "later")}, nil)
	b.must(err)
	b.must(s.Views.Wait(t.Context(), 3))
	copied, err := io.ReadAll(c)
	b.must(err)
	b.must(c.Close())
	if int64(len(copied)) != c.Bytes || sha256.Sum256(copied) != c.Sum {
		t.Errorf("it has %d bytes and is said to have %d, or others", len(copied), c.Bytes)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	b.must(os.WriteFile(path, copied, 0o600))
	b.must(projections.VerifyCopy(t.Context(), path, s.Log, c.Account))
	if c.Account.Position.Seq != 2 {
		t.Errorf("it is at %s", c.Account.Position)
	}
	left, err := os.ReadDir(views)
	if b.must(err); len(left) != 1 {
		t.Errorf("the folder of the views holds %v", left)
	}
}
