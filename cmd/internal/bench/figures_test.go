package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// A generated story is valid: a server takes its events, which are in order, unique, of
// the usual size, and the same each time.
func TestAMadeStoryIsTaken(t *testing.T) {
	const length = 2500
	ids, types, bytesOfAll := map[string]int{}, map[string]int{}, 0
	last, n := "", 0
	for stored, err := range told("bench", length) {
		if err != nil {
			t.Fatal(err)
		}
		e, err := events.Decode(stored.Raw)
		if err != nil {
			t.Fatalf("event %d: %v", n+1, err)
		}
		if rec := store.NewRecord("bench", uint64(n+1), e.Recorded.Time, stored.Raw, stored.Subject, stored.MsgID); rec.Err != nil {
			t.Fatalf("event %d cannot be read: %v", n+1, rec.Err)
		}
		if a, amends := e.Amends(); amends {
			if at, known := ids[a.TargetID()]; !known || at != n-1 {
				t.Fatalf("event %d amends what is not the one before", n+1)
			}
		}
		if n > 0 && e.ID <= last {
			t.Fatalf("event %d has the id %s after %s", n+1, e.ID, last)
		}
		if n > 0 {
			last = e.ID
		}
		ids[e.ID] = n
		types[e.Type]++
		bytesOfAll += len(stored.Raw)
		n++
	}
	if len(ids) != length || n != length {
		t.Errorf("%d events with %d ids", n, len(ids))
	}
	if size := bytesOfAll / length; size < 550 || size > 900 {
		t.Errorf("an event has %d bytes", size)
	}
	for _, typ := range []string{events.TypeSummitOpened, events.TypeNoteAdded, events.TypeAircraftDeparted, events.TypeAircraftLanded, events.TypePositionStated, events.TypeFactDisputed} {
		if types[typ] == 0 {
			t.Errorf("no %s in %v", typ, types)
		}
	}
	if a, b := made("bench", 19), made("bench", 19); a.ID != b.ID || made("other", 19).ID == a.ID {
		t.Error("a story is not the same each time, or the same as another")
	}
}

// A rate counts what was done. An error of any caller gives no figure.
func TestARateCountsWhatWasDone(t *testing.T) {
	var done atomic.Int64
	got, err := rate(50*time.Millisecond, 4, func(int) (int, error) {
		done.Add(3)
		return 3, nil
	})
	if most := float64(done.Load()) / 0.05; err != nil || got <= 0 || got > most {
		t.Errorf("%v a second, at most %v: %v", got, most, err)
	}
	broken := errors.New("broken")
	if got, err := rate(time.Hour, 3, func(caller int) (int, error) {
		if caller == 1 {
			return 0, broken
		}
		return 1, nil
	}); !errors.Is(err, broken) || got != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

// A benchmark and its ceiling take turns, and each gets its share of the time.
func TestACeilingIsMeasuredInTurn(t *testing.T) {
	var order strings.Builder
	measured := func(name string, value float64) measure {
		return func(d time.Duration) (float64, error) {
			if d != time.Second/turns {
				t.Errorf("%s for %v", name, d)
			}
			order.WriteString(name)
			return value, nil
		}
	}
	got, top, err := beside(time.Second, measured("a", 30), measured("b", 60))
	if err != nil || got < 29.99 || got > 30.01 || top < 59.99 || top > 60.01 || order.String() != strings.Repeat("ab", turns) {
		t.Errorf("%v of %v, in turn %s: %v", got, top, &order, err)
	}
	broken := func(time.Duration) (float64, error) { return 0, errors.New("broken") }
	if _, _, err := beside(time.Second, broken, measured("b", 1)); err == nil {
		t.Error("what is broken was measured")
	}
	if _, _, err := beside(time.Second, measured("a", 1), broken); err == nil {
		t.Error("a broken ceiling was measured")
	}
}

// The median of the rounds counts, for each figure by itself.
func TestTheMiddleOfTheRoundsCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := stream{}
		var p50s, p99s []float64
		for range 2*rapid.IntRange(0, 3).Draw(t, "rounds") + 1 {
			f := figures{p50: rapid.Float64Range(0, 100).Draw(t, "p50"), p99: rapid.Float64Range(0, 100).Draw(t, "p99")}
			m.rounds, p50s, p99s = append(m.rounds, f), append(p50s, f.p50), append(p99s, f.p99)
		}
		got := m.median()
		for _, x := range []struct {
			middle float64
			all    []float64
		}{{got.p50, p50s}, {got.p99, p99s}} {
			below := len(slices.DeleteFunc(slices.Clone(x.all), func(v float64) bool { return v >= x.middle }))
			above := len(slices.DeleteFunc(slices.Clone(x.all), func(v float64) bool { return v <= x.middle }))
			if !slices.Contains(x.all, x.middle) || below > len(x.all)/2 || above > len(x.all)/2 {
				t.Fatalf("%v is the middle of %v", x.middle, x.all)
			}
		}
	})
	m := stream{rounds: []figures{{p99: 3}, {p99: 1.25}, {p99: 2}}}
	if got := m.spread(); got != "the rounds: 1.2 to 3.0" {
		t.Error(got)
	}
}

func TestAReportIsATableAndJSON(t *testing.T) {
	var r Report
	r.Name = "live"
	r.add(Row{What: "fast", Value: 1234.5, Unit: "events/s", Ceiling: 2469}, Row{What: "slow", Value: 0.26, Unit: "ms", Note: "alone"})
	var table, text bytes.Buffer
	if err := r.Table(&table); err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(table.String(), "\n")
	if got := strings.Join(strings.Fields(rows[1]), " "); got != "fast 1234 events/s 2469 0.50" {
		t.Errorf("%s", got)
	}
	if got := strings.Join(strings.Fields(rows[2]), " "); got != "slow 0.3 ms alone" {
		t.Errorf("%s", got)
	}
	var back Report
	if err := r.JSON(&text); err != nil || json.Unmarshal(text.Bytes(), &back) != nil || back.Name != "live" || len(back.Rows) != 2 || back.Rows[0] != r.Rows[0] {
		t.Errorf("%s, %v", &text, err)
	}
}

func TestTheSizeOfAFolderIsThatOfItsFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int{"x": 10, "a/y": 200, "a/b/z": 3000} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := sizeOf(dir); err != nil || got != 3210 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := sizeOf(filepath.Join(dir, "away")); err == nil {
		t.Error("a folder that is not there has a size")
	}
}

// The memory of a process is what the system reports. A process that has ended has
// none.
func TestTheMemoryOfAProcess(t *testing.T) {
	m := held(os.Getpid())
	if m.own <= 0 || m.now < m.own || m.resident < m.now/2 {
		t.Errorf("this process holds %+v", m)
	}
	if gone := held(1 << 30); gone != (memory{}) || gone.rows("x") != nil {
		t.Errorf("a process that is not there holds %+v", gone)
	}
	rows := memory{own: 3 * mib, resident: 5 * mib}.rows("serve")
	if len(rows) != 2 || rows[0].Value != 3 || rows[1].Value != 5 {
		t.Errorf("%+v", rows)
	}
	stop := watch(os.Getpid())
	if most := stop(); most.own <= 0 || most.resident < most.own {
		t.Errorf("the most was %+v", most)
	}
	if (*process)(nil).worked() != 0 {
		t.Error("no process worked")
	}
}

// A ratio that moved by more than noise is named, in the direction that counts for its
// unit; a figure without a ceiling is of a machine and an hour, and is not compared.
func TestRatiosAreComparedWithThoseOfBefore(t *testing.T) {
	report := func(rows ...Row) Report { return Report{Name: "live", Rows: rows} }
	row := func(what, unit string, ratio float64) Row {
		return Row{What: what, Unit: unit, Value: 10 * ratio, Ceiling: 10}
	}
	var file bytes.Buffer
	for _, r := range []Report{{Name: "append", Rows: []Row{row("rate", "events/s", 9)}}, report(
		row("rate", "events/s", 1), row("delay", "ms", 1), row("steady", "events/s", 1), row("dropped", "ms", 3), Row{What: "memory", Value: 3, Unit: "MB"})} {
		if err := r.JSON(&file); err != nil {
			t.Fatal(err)
		}
	}
	accepted, err := Accepted(&file)
	if err != nil || len(accepted) != 2 {
		t.Fatal(len(accepted), err)
	}
	var out bytes.Buffer
	now := report(row("rate", "events/s", 2), row("delay", "ms", 2), row("steady", "events/s", 1.2), row("added", "ms", 4), Row{What: "memory", Value: 30, Unit: "MB"})
	if err := Compare(&out, accepted, now); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n")[1:] {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	want := []string{"rate 1.00 2.00 ×2.00 better", "delay 1.00 2.00 ×2.00 worse", "steady 1.00 1.20 ×1.20", "added 4.00 new", "dropped 3.00 not measured"}
	if !slices.Equal(got, want) {
		t.Errorf("compared:\n%s", &out)
	}
	if _, err := Accepted(strings.NewReader(`{"name":"x"} nothing`)); err == nil {
		t.Error("what is no report is accepted")
	}
}
