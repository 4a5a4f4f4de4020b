package summits

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
)

// memoryVault keeps disclosures in memory, and notes where the log ended at each Put.
type memoryVault struct {
	mu     sync.Mutex
	values map[string][]byte
	ended  func() uint64
	puts   []uint64
}

func (v *memoryVault) Put(_ context.Context, _ string, values map[string][]byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	maps.Copy(v.values, values)
	v.puts = append(v.puts, v.ended())
	return nil
}

func (v *memoryVault) Get(_ context.Context, _ string, keys ...string) (map[string][]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	found := map[string][]byte{}
	for _, k := range keys {
		if b, ok := v.values[k]; ok {
			found[k] = b
		}
	}
	return found, nil
}

// sealing opens a summit with a vault.
func sealing(b *broker) (*Summit, *memoryVault) {
	v := &memoryVault{values: map[string][]byte{}}
	var salt atomic.Int32
	h := b.run("one", func(o *Options) {
		o.Vault, o.Salt = v, func() (s [events.SaltSize]byte) {
			s[0] = byte(salt.Add(1))
			return s
		}
	})
	s := b.summit(h, "sealed")
	v.ended = func() uint64 {
		info, err := s.Log.Info(b.Context())
		b.must(err)
		return info.Last
	}
	return s, v
}

// secretNote is a note whose text is to be sealed.
func secretNote(text string) events.Event {
	e := events.Event{
		ID: numbered("secret", 1), Source: "/desks/test", Type: events.TypeNoteAdded, Summit: "sealed", Subject: events.Entity{Kind: events.KindNote, ID: "n"},
		Data: &events.NoteAdded{Common: events.Common{Sources: events.Sources{{ID: "s", Name: "Somebody"}}}, Text: text},
	}
	e.Data.Base().Sealed = []string{"/text"}
	return e
}

func TestWhatIsSealedIsKeptBeforeTheEventIsRecorded(t *testing.T) {
	b := newBroker(t)
	s, v := sealing(b)
	outcomes, err := s.Record(t.Context(), []events.Event{secretNote("a protected name")}, nil)
	b.must(err)
	if outcomes[0].Outcome != store.Created || !slices.Equal(v.puts, []uint64{1}) {
		t.Errorf("%+v; the log ended at %v when the disclosure was put", outcomes, v.puts)
	}
	rec, err := s.Log.Get(t.Context(), outcomes[0].Seq)
	b.must(err)
	if strings.Contains(string(rec.Raw), "protected") || !strings.Contains(string(rec.Raw), `"text":{"sealed":"`) {
		t.Errorf("recorded: %s", rec.Raw)
	}
	sealed, err := events.SealedValues(rec.Event.Data)
	b.must(err)
	disclosed, err := s.Disclosed(t.Context(), sealed[0].Commitment)
	b.must(err)
	d := disclosed[sealed[0].Commitment]
	if c, err := d.Commitment(); err != nil || c != sealed[0].Commitment || string(d.Value) != `"a protected name"` {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestASealedEventIsTheSameByItsDisclosures(t *testing.T) {
	b := newBroker(t)
	s, v := sealing(b)
	record := func(text string) (store.Outcome, error) {
		outcomes, err := s.Record(t.Context(), []events.Event{secretNote(text)}, nil)
		if err != nil {
			return "", err
		}
		return outcomes[0].Outcome, nil
	}
	if o, err := record("a name"); err != nil || o != store.Created {
		t.Fatalf("%s, %v", o, err)
	}
	if o, err := record("a name"); err != nil || o != store.Duplicate {
		t.Errorf("the same again: %s, %v", o, err)
	}
	var taken *store.IDTakenError
	if _, err := record("another name"); !errors.As(err, &taken) {
		t.Errorf("another value: %v", err)
	}
	clear(v.values) // it is withheld: nobody can tell any more
	if o, err := record("another name"); err != nil || o != store.Duplicate {
		t.Errorf("the public part again: %s, %v", o, err)
	}
	other := secretNote("a name")
	other.Subject.ID = "m"
	if _, err := s.Record(t.Context(), []events.Event{other}, nil); !errors.As(err, &taken) {
		t.Errorf("another public part: %v", err)
	}
}

func TestTheSameSealedEventAtOnceIsRecordedOnce(t *testing.T) {
	b := newBroker(t)
	s, _ := sealing(b)
	var wg sync.WaitGroup
	var mu sync.Mutex
	count := map[store.Outcome]int{}
	for range 8 {
		wg.Go(func() {
			outcomes, err := s.Record(t.Context(), []events.Event{secretNote("a name")}, nil)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			count[outcomes[0].Outcome]++
		})
	}
	wg.Wait()
	if count[store.Created] != 1 || count[store.Duplicate] != 7 {
		t.Errorf("%v", count)
	}
}

func TestWithoutAVaultNothingIsSealed(t *testing.T) {
	b := newBroker(t)
	s := b.summit(b.run("one"), "sealed")
	if _, err := s.Record(t.Context(), []events.Event{secretNote("a name")}, nil); !errors.Is(err, ErrNoVault) {
		t.Errorf("%v", err)
	}
	sealed, _, err := events.Seal(secretNote("a name"), func() (s [events.SaltSize]byte) { return s })
	b.must(err)
	if _, err := s.Record(t.Context(), []events.Event{sealed}, nil); !errors.Is(err, ErrNoVault) {
		t.Errorf("one that is sealed already: %v", err)
	}
	patched := events.Event{
		ID: numbered("patch", 1), Source: "/desks/test", Type: events.TypeFactCorrected, Summit: "sealed", Subject: events.Entity{Kind: events.KindNote, ID: "n"},
		Data: &events.FactCorrected{
			Target: events.Target{Target: numbered("secret", 1)}, Class: events.ClassCorrected, Notice: "set right",
			Patch: []byte(`{"sources":[{"id":"s","name":{"sealed":"` + strings.Repeat("A", 43) + `"}}]}`),
		},
	}
	if _, err := s.Record(t.Context(), []events.Event{patched}, nil); !errors.Is(err, ErrNoVault) {
		t.Errorf("a correction with a commitment: %v", err)
	}
	if info, err := s.Log.Info(t.Context()); err != nil || info.Last != 1 {
		t.Errorf("%+v, %v", info, err)
	}
}
