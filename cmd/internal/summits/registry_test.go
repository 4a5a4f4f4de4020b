package summits

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
)

// opening is what came of opening a summit.
type opening struct {
	s       *Summit
	outcome Outcome
	err     error
}

func open(b *broker, h *Registry, e events.Event) opening {
	s, outcome, err := h.OpenSummit(b.Context(), e)
	return opening{s, outcome, err}
}

func TestASummitOpenedTwiceAtOnceIsOpenedOnce(t *testing.T) {
	b := newBroker(t)
	h := b.run("views")
	for name, id := range map[string]string{"with-an-id": uuid.NewString(), "without-an-id": ""} {
		created, ids := 0, map[string]bool{}
		for _, o := range callers(16, func(int) opening { return open(b, h, opened(name, id, "T")) }) {
			b.must(o.err)
			if o.outcome.Outcome == store.Created {
				created++
			}
			if o.s.ID != name || o.outcome.Seq != 1 {
				t.Errorf("%s: %+v", name, o.outcome)
			}
			ids[o.outcome.ID] = true
		}
		s, _ := h.Summit(name)
		if created != 1 || len(ids) != 1 || len(b.stored(s)) != 1 {
			t.Errorf("%s: %d created, ids %v, log %v", name, created, ids, b.stored(s))
		}
	}
	created := 0
	for _, o := range callers(16, func(i int) opening { return open(b, h, opened("rivals", "", fmt.Sprint("T", i))) }) {
		if o.err == nil {
			created++
		} else if !errors.Is(o.err, store.ErrExists) {
			t.Error(o.err)
		}
	}
	if created != 1 {
		t.Errorf("%d rivals opened one summit", created)
	}
}

func TestASummitOpenedByAnotherProcessIsTheSame(t *testing.T) {
	b := newBroker(t)
	one, two := b.run("one"), b.run("two")
	first := open(b, one, opened("geneva", "", "T"))
	b.must(first.err)
	again := open(b, two, opened("geneva", "", "T"))
	if again.err != nil || again.outcome != (Outcome{ID: first.outcome.ID, Seq: 1, Outcome: store.Duplicate}) {
		t.Errorf("the same: %+v, %v", again.outcome, again.err)
	}
	third := b.run("three")
	if o := open(b, third, opened("geneva", "", "Another")); !errors.Is(o.err, store.ErrExists) {
		t.Errorf("another: %+v, %v", o.outcome, o.err)
	}
}

func TestAnotherProcesssSummitIsFound(t *testing.T) {
	b := newBroker(t)
	one, two := b.run("one"), b.run("two")
	s := b.summit(one, "geneva")
	b.must(record(b.Context(), s, note("geneva", numbered("note", 0), "a")).err)
	b.must(two.look(b.Context()))
	b.must(two.look(b.Context()))
	found, ok := two.Summit("geneva")
	if list := two.Summits(); !ok || len(list) != 1 || list[0] != found {
		t.Fatalf("summits %v", list)
	}
	b.must(found.Views.Wait(b.Context(), 2))
	if list := b.open("three").Summits(); len(list) != 1 || list[0].ID != "geneva" {
		t.Errorf("opened later: %v", list)
	}
}

func TestALogThatGotNoEventIsContinued(t *testing.T) {
	b := newBroker(t)
	b.summit(b.run("one"), "vienna")
	config := b.config("vienna")
	config.Name, config.Subjects = "SUMMIT_geneva", []string{"facts.geneva.>"}
	_, err := b.js.CreateStream(b.Context(), config) // what a process leaves that ended before its first append
	b.must(err)
	h := b.run("two")
	s := b.summit(h, "geneva")
	b.must(s.Views.Wait(b.Context(), 1))
	b.must(record(b.Context(), s, note("geneva", numbered("note", 0), "a")).err)
	if o := open(b, h, opened("geneva", uuid.NewString(), "Another")); !errors.Is(o.err, store.ErrExists) {
		t.Errorf("another: %v", o.err)
	}
}

// config is the configuration of a summit's stream.
func (b *broker) config(summit string) jetstream.StreamConfig {
	b.Helper()
	stream, err := b.js.Stream(b.Context(), "SUMMIT_"+summit)
	b.must(err)
	return stream.CachedInfo().Config
}

func TestALogWithOtherSettingsIsNotedAndOthersGoOn(t *testing.T) {
	b := newBroker(t)
	first := b.open("one")
	b.summit(first, "geneva")
	b.summit(first, "vienna")
	config := b.config("vienna")
	config.AllowDirect = false
	_, err := b.js.UpdateStream(b.Context(), config)
	b.must(err)
	_, err = b.js.CreateStream(b.Context(), jetstream.StreamConfig{Name: "SUMMIT_Not-Ours", Subjects: []string{"other.>"}})
	b.must(err)
	h := b.run("two")
	var settings *store.SettingsError
	problems := h.Problems()
	if len(problems) != 1 || !errors.As(problems["vienna"], &settings) || len(settings.Faults) != 1 {
		t.Fatalf("problems %v", problems)
	}
	if list := h.Summits(); len(list) != 1 || list[0].ID != "geneva" {
		t.Errorf("summits %v", list)
	}
	geneva, _ := h.Summit("geneva")
	b.must(record(b.Context(), geneva, note("geneva", numbered("note", 0), "a")).err)
	if o := open(b, h, opened("vienna", "", "vienna")); !errors.As(o.err, &settings) {
		t.Errorf("opened: %v", o.err)
	}
	b.must(h.look(b.Context()))
	if got := b.config("vienna"); got.AllowDirect {
		t.Error("the settings of a log were changed")
	}
	config.AllowDirect = true
	_, err = b.js.UpdateStream(b.Context(), config)
	b.must(err)
	b.must(h.look(b.Context()))
	vienna, ok := h.Summit("vienna")
	if !ok || len(h.Problems()) != 0 {
		t.Fatalf("once its settings are right: problems %v", h.Problems())
	}
	b.must(record(b.Context(), vienna, note("vienna", numbered("note", 1), "a")).err)
}

func TestViewsWithoutALogAreLost(t *testing.T) {
	b := newBroker(t)
	first := b.open("views")
	b.summit(first, "geneva")
	b.summit(first, "vienna")
	b.must(first.Close())
	first.summits = map[string]*Summit{}
	b.must(b.js.DeleteStream(b.Context(), "SUMMIT_geneva"))
	h := b.run("views")
	if list := h.Summits(); len(list) != 2 || list[0].ID != "geneva" || len(h.Problems()) != 0 {
		t.Errorf("summits %v, problems %v", list, h.Problems())
	}
	geneva, _ := h.Summit("geneva")
	var doubt *projections.InconsistencyError
	if !errors.As(geneva.Views.Health().Doubt, &doubt) || doubt.Kind != projections.Vanished {
		t.Errorf("the views of a lost log are served without a doubt: %v", geneva.Views.Health().Doubt)
	}
	if o := open(b, h, opened("geneva", "", "geneva")); !errors.Is(o.err, ErrInDoubt) {
		t.Errorf("opened over the views of a lost log: %v", o.err)
	}
	if o := record(b.Context(), geneva, note("geneva", numbered("note", 0), "a")); !errors.Is(o.err, ErrInDoubt) {
		t.Errorf("recorded into a lost log: %v", o.err)
	}
	names, err := b.logs.Names(b.Context())
	b.must(err)
	if len(names) != 1 {
		t.Errorf("logs %v", names)
	}
	if files, err := filepath.Glob(filepath.Join(b.dir, "views", "geneva*")); err != nil || len(files) == 0 {
		t.Errorf("the views of the lost log are gone: %v, %v", files, err)
	}
}

func TestALogThatIsListedBeforeItIsThereStopsNobody(t *testing.T) {
	b := newBroker(t)
	h := b.open("views")
	b.summit(b.run("another"), "here")
	b.must(h.loadAll(t.Context(), map[string]store.Info{"coming": {}, "here": {}}))
	if _, found := h.Summit("here"); !found {
		t.Error("the log that is there was not opened")
	}
	if _, found := h.Summit("coming"); found {
		t.Error("the log that is not there was opened")
	}
	b.must(os.WriteFile(h.viewsPath("coming"), nil, 0o600))
	if err := h.loadAll(t.Context(), map[string]store.Info{"coming": {}}); !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrNotFound) {
		t.Errorf("a log that has views: %v", err)
	}
}
