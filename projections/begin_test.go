package projections

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/projections/internal/engine"
	"github.com/summit-timeline/summit/projections/internal/item"
)

// copied returns a copy of the views of a story, and what they come to.
func copied(t *testing.T, m *memory, upTo int) (path string, said ViewDigest) {
	t.Helper()
	e := openStory(t, m, m.records[:upTo], 100)
	var b bytes.Buffer
	must(t, e.Snapshot(&b))
	path = filepath.Join(t.TempDir(), "copy.db")
	must(t, os.WriteFile(path, b.Bytes(), 0o600))
	said, err := e.ViewDigest(t.Context())
	must(t, err)
	return path, said
}

func TestACopyIsVouchedForByItsLog(t *testing.T) {
	m := plainStory(t, engine.WorthFetching+300)
	path, said := copied(t, m, engine.WorthFetching)
	must(t, VerifyCopy(t.Context(), path, m, said))
	other := plainStory(t, engine.WorthFetching+300)
	for i := range other.records[1:] {
		other.records[i+1].Raw = append(bytes.Clone(other.records[i+1].Raw), ' ')
	}
	if err := VerifyCopy(t.Context(), path, other, said); err == nil || !strings.Contains(err.Error(), "from another log") {
		t.Errorf("of another log: %v", err)
	}
	if err := VerifyCopy(t.Context(), path, &memory{records: m.records[:engine.WorthFetching-1]}, said); err == nil || !strings.Contains(err.Error(), "the log has events") {
		t.Errorf("longer than the log: %v", err)
	}
	must(t, os.WriteFile(path, []byte("no views"), 0o600))
	if err := VerifyCopy(t.Context(), path, m, said); err == nil {
		t.Error("no views are vouched for")
	}
}

// What fetching leaves behind when it is cut off or fails does no harm: the
// log is folded, or what was fetched is put in its place at the next start.
func TestWhateverBecomesOfFetchingTheLogIsServed(t *testing.T) {
	m := plainStory(t, engine.WorthFetching+200)
	path, said := copied(t, m, engine.WorthFetching)
	whole := openStory(t, m, m.records, 1000)
	deliver := func(_ context.Context, to string, note func(done, of uint64)) (Attestation, error) {
		note(1, 2)
		copyFile(t, path, to)
		return Attestation{ViewDigest: said, Signed: []byte("signed")}, nil
	}
	failing := errors.New("out of reach")
	for name, c := range map[string]struct {
		fetch Fetch
		leave func(t *testing.T, views string)
		began uint64
	}{
		"fetched": {deliver, nil, engine.WorthFetching},
		"out of reach": {func(context.Context, string, func(uint64, uint64)) (Attestation, error) {
			return Attestation{}, failing
		}, nil, 0},
		"half of it came, once before": {deliver, func(t *testing.T, v string) { must(t, os.WriteFile(v+endingNew, []byte("half"), 0o600)) }, engine.WorthFetching},
		"killed between the renames": {deliver, func(t *testing.T, v string) {
			copyFile(t, path, v+endingNew)
			must(t, os.WriteFile(v+endingOld, nil, 0o600))
		}, 0},
		"refused, and refused once before": {func(ctx context.Context, to string, n func(uint64, uint64)) (Attestation, error) {
			a, _ := deliver(ctx, to, n)
			a.Root[0] ^= 1
			return a, nil
		}, func(t *testing.T, v string) { must(t, os.WriteFile(v+endingRefused, []byte("kept"), 0o600)) }, 0},
		"the log is shorter than is worth it": {nil, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			views := filepath.Join(t.TempDir(), "views.db")
			if c.leave != nil {
				c.leave(t, views)
			}
			e, err := Open(views, m, Options{NoSync: true, Fetch: c.fetch})
			must(t, err)
			t.Cleanup(func() { must(t, e.Close()) })
			running(t, e)
			h := until(t, e, func(h Health) bool { return h.Position.Seq == uint64(len(m.records)) })
			sameDigests(t, e, whole)
			if h.Began != c.began || h.Fetching || h.Folded != uint64(len(m.records))-max(c.began, resumed(name)) {
				t.Errorf("began at %d, folded %d", h.Began, h.Folded)
			}
			if isFile(views+endingNew) || strings.HasPrefix(name, "refused") != isFile(views+endingRefused+"-2"+endingSigned) {
				t.Error("something was left, or not kept")
			}
		})
	}
}

// resumed returns where the views stood that a start found fetched.
func resumed(name string) uint64 {
	if name == "killed between the renames" {
		return engine.WorthFetching
	}
	return 0
}

func TestViewsOfAnotherVersionAreNotCopied(t *testing.T) {
	m := plainStory(t, 20)
	path, _ := oldFile(t, m)
	e := openAt(t, path, m)
	if err := e.Snapshot(&bytes.Buffer{}); !errors.Is(err, ErrNotYet) {
		t.Errorf("an older version: %v", err)
	}
	if err := openAt(t, filepath.Join(t.TempDir(), "empty.db"), m).Snapshot(&bytes.Buffer{}); !errors.Is(err, ErrNotYet) {
		t.Errorf("empty: %v", err)
	}
}

// A file that is rebuilt takes the place of the old one only on the same tree.
func TestViewsMadeAnewFromAnotherLogDoNotServe(t *testing.T) {
	m := plainStory(t, 600)
	path, _ := oldFile(t, m)
	other := &memory{records: append(m.records[:0:0], m.records...)}
	other.records[299].Raw = append(bytes.Clone(other.records[299].Raw), ' ') // no start can see it
	e := openAt(t, path, other)
	running(t, e)
	h := until(t, e, func(h Health) bool { return h.Doubt != nil })
	var d *InconsistencyError
	if !errors.As(h.Doubt, &d) || d.Kind != Altered || d.Seq != 300 || h.Position.Seq != 600 || versionOf(t, e) == item.Version {
		t.Errorf("%v at %s in version %d", h.Doubt, h.Position, versionOf(t, e))
	}
}
