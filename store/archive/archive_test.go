package archive

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/store"
)

func TestAnArchiveHoldsTheLogAsItWas(t *testing.T) {
	d := newDesk(t, 1)
	for _, n := range []int{1, 2, 6, 255, 256, 257, 512, 700} {
		want := story(t, n, n >= 6)
		n = len(want)
		file := d.write(want)
		if again := d.write(want); !bytes.Equal(file, again) {
			t.Fatalf("two archives of one log of %d differ", n)
		}
		report, err := check(file, Options{Key: d.vkey})
		if err != nil {
			t.Fatalf("%d events: %v", n, err)
		}
		if report.Size != int64(n) || !report.KeyGiven || report.Software != "v1.2.3" || report.Revision != "abc" || (n >= 6) != (report.Count == 4) || report.Held != int64(n) {
			t.Errorf("%d events: %+v", n, report)
		}
		a, err := Open(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for s, err := range a.Stored(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			if w := want[i]; string(s.Raw) != string(w.Raw) || s.Subject != w.Subject || s.MsgID != w.MsgID || !s.Stored.Equal(w.Stored) {
				t.Fatalf("event %d of %d is %+v, want %+v", i+1, n, s, w)
			}
			i++
		}
		if i != n {
			t.Errorf("%d events of %d", i, n)
		}
	}
}

// An event that was recorded ahead of the broker's clock stays one, to the
// nanosecond: what it is must not depend on when its log is restored.
func TestAnEventThatWasAheadStaysSo(t *testing.T) {
	d := newDesk(t, 1)
	want := story(t, 5, false)
	want = append(want, ahead(t, 6))
	file := d.write(want)
	if report, err := check(file, Options{Key: d.vkey}); err != nil || report.Count != 1 || report.Unreadable[0].Reason != want[5].Err.Error() {
		t.Errorf("%+v (%v)", report, err)
	}
	a, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for rec, err := range a.records(t.Context(), 1) {
		if err != nil {
			t.Fatal(err)
		}
		if w := want[i]; !rec.Stored.Equal(w.Stored) || store.ReasonOf(rec.Err) != store.ReasonOf(w.Err) {
			t.Errorf("event %d was stored %s (%v), want %s", i+1, rec.Stored, rec.Err, w.Stored)
		}
		i++
	}
	stamp := want[5].Stored.UTC().Format(time.RFC3339Nano)
	for _, other := range []string{"", "2199-01-01T00:00:00Z", strings.Replace(stamp, "Z", "+00:00", 1), "once"} {
		changed := change(t, file, envelopesName(0), func(b []byte) []byte { return bytes.Replace(b, []byte(stamp), []byte(other), 1) })
		if _, err := check(changed, Options{}); err == nil {
			t.Errorf("a stamp %q is taken", other)
		}
	}
}

// An archive of fewer events than the log had says so, and is not verified.
func TestAnArchiveThatLeavesEventsOutIsBad(t *testing.T) {
	d := newDesk(t, 1)
	c := d.content(story(t, 12, true))
	c.Held = 14
	var b bytes.Buffer
	if err := Write(&b, c); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{}, {Key: d.vkey}, {BytesOnly: true}} {
		report, err := check(b.Bytes(), o)
		var fault *Fault
		if !errors.As(err, &fault) || fault.Seq != 13 || report.Held != 14 {
			t.Errorf("%+v: %v, held %d", o, err, report.Held)
		}
	}
}

func TestAnArchiveReadsAsALog(t *testing.T) {
	d := newDesk(t, 1)
	want := story(t, 300, true)
	file := d.write(want)
	a, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	log := a.Log()
	info, err := log.Info(context.Background())
	if err != nil || info.Last != 300 || info.First != 1 || log.Summit() != summit {
		t.Errorf("%+v (%v)", info, err)
	}
	for _, seq := range []uint64{1, 3, 256, 257, 300} {
		if rec, err := log.Get(context.Background(), seq); err != nil || rec.Seq != seq || string(rec.Raw) != string(want[seq-1].Raw) || (rec.Err == nil) != (want[seq-1].Err == nil) {
			t.Errorf("event %d: %+v (%v)", seq, rec, err)
		}
	}
	for _, seq := range []uint64{0, 301} {
		if _, err := log.Get(context.Background(), seq); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("event %d: %v", seq, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	next := uint64(200)
	for rec, err := range log.Follow(ctx, next) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			break
		}
		if rec.Seq != next {
			t.Fatalf("%d came, want %d", rec.Seq, next)
		}
		if next++; rec.Seq == 300 {
			cancel()
		}
	}
	if next != 301 {
		t.Errorf("it ended before %d", next)
	}
	cancel()
}

func TestWhatIsNotInTheTreeIsNotWritten(t *testing.T) {
	d := newDesk(t, 1)
	records := story(t, 300, false)
	altered := story(t, 300, false)
	altered[270].Raw = bytes.Replace(altered[270].Raw, []byte("note"), []byte("Note"), 1)
	gap := append(append([]store.Record{}, records[:100]...), records[101:]...)
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		records func(func(store.Record, error) bool)
		seq     uint64
	}{
		"altered": {each(altered), 271}, "gap": {each(gap), 0}, "short": {each(records[:290]), 291},
		"broken": {func(yield func(store.Record, error) bool) { yield(store.Record{}, broken) }, 0},
	} {
		content := d.content(records)
		content.Records = c.records
		var fault *Fault
		err := Write(&bytes.Buffer{}, content)
		if err == nil || errors.As(err, &fault) != (c.seq > 0) || c.seq > 0 && fault.Seq != c.seq {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A writer that fails ends the writing.
type short int

func (s *short) Write(p []byte) (int, error) {
	if *s -= short(len(p)); *s < 0 {
		return 0, errors.New("no space")
	}
	return len(p), nil
}

func TestAFullDiskIsTold(t *testing.T) {
	d := newDesk(t, 1)
	records := story(t, 300, false)
	whole := len(d.write(records))
	for _, room := range []int{0, 1, 5000, whole - 65, whole - 1} {
		w := short(room)
		if err := Write(&w, d.content(records)); err == nil {
			t.Errorf("%d bytes were written where there is room for %d", whole, room)
		}
	}
}
