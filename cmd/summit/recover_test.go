package main

import (
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
)

func TestABlockFileThatIsGoneIsFoundAtStart(t *testing.T) {
	t.Parallel()
	// A quota makes small blocks: this log has several.
	whole := newStage(t, 150, 120_000)
	last := "3.blk"
	if _, err := os.Stat(filepath.Join(whole.stream(), "msgs", last)); err != nil {
		t.Fatalf("the log has not as many blocks: %v", err)
	}
	for _, c := range []struct {
		block string
		index bool
		kind  projections.InconsistencyKind
	}{
		{"1.blk", true, projections.Trimmed},
		{"1.blk", false, projections.Trimmed},
		{"2.blk", true, projections.Gap},
		{"2.blk", false, projections.Gap},
		{last, true, projections.Gap},
		{last, false, projections.RolledBack},
	} {
		name := c.block
		if !c.index {
			name += ", and the index"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := whole.copy(t)
			s.must(os.Remove(filepath.Join(s.stream(), "msgs", c.block)))
			if !c.index {
				s.loseIndex()
			}
			s.serve(scrubNow, func(x *served) {
				x.until("the doubt", func() bool { return x.report().Summits[0].Doubt != nil })
				d := x.report().Summits[0].Doubt
				if d.Kind != c.kind {
					t.Errorf("in doubt: %v, want %s", d, c.kind)
				}
				x.finds(audited{"log", d.Seq, ""})
			})
		})
	}
}

func TestADoubtIsLiftedWhereTheLogIsRightAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, stagedEvents, 0)
	good := filepath.Join(t.TempDir(), "nats")
	s.must(os.CopyFS(good, os.DirFS(filepath.Join(s.dir, "nats"))))
	s.change(50)
	s.serve(scrubNow, func(x *served) { x.inDoubt(projections.Altered, 50) })
	// No scrub ran yet when a restart finds it again, in the middle of the log.
	s.serve(server.ScrubOptions{}, func(x *served) { x.inDoubt(projections.Altered, 50) })
	s.must(os.RemoveAll(filepath.Join(s.dir, "nats")))
	s.must(os.CopyFS(filepath.Join(s.dir, "nats"), os.DirFS(good)))
	s.serve(scrubNow, func(x *served) {
		x.until("a scrub", func() bool { return x.report().Summits[0].Scrub.Passes > 0 })
		x.sound()
		x.audit(true)
	})
	s.grow(logtest.Notes(staged, 1000, 1))
	s.serve(server.ScrubOptions{}, func(x *served) {
		x.reach(stagedEvents + 1)
		x.sound()
	})
}

func TestSettingsThatAreSetBackLiftTheDoubt(t *testing.T) {
	s := newStage(t, stagedEvents, 0)
	s.limit(1000)
	s.serve(server.ScrubOptions{}, func(x *served) { x.inDoubt(projections.Settings, stagedEvents) })
	s.limit(-1)
	s.broker(func(js jetstream.JetStream, _ func(store.Options) *store.Logs) {
		stream, err := js.Stream(t.Context(), "SUMMIT_"+staged)
		s.must(err)
		config := stream.CachedInfo().Config
		config.Discard = jetstream.DiscardNew
		_, err = js.UpdateStream(t.Context(), config)
		s.must(err)
	})
	s.serve(server.ScrubOptions{}, func(x *served) {
		x.reach(stagedEvents)
		x.sound()
		x.audit(true)
	})
}

func TestViewsPutAsideAreMadeAnewFromALogThatIsRight(t *testing.T) {
	t.Parallel()
	s := newStage(t, stagedEvents, 0)
	s.changeRow("tiles", pair(0, 0), 49*32)
	s.serve(scrubNow, func(x *served) { x.inDoubt(projections.Unsound, 50) })
	s.must(os.Rename(s.views(), s.views()+".damaged"))
	s.serve(scrubNow, func(x *served) {
		x.reach(stagedEvents)
		x.sound()
		x.audit(true)
	})
	if _, err := os.Stat(s.views() + ".doubt"); !os.IsNotExist(err) {
		t.Errorf("the doubt stays written down: %v", err)
	}
}

func TestDoctorReadsWholeLogsOfAServerThatDoesNotRun(t *testing.T) {
	s := newStage(t, stagedEvents, 0)
	doctor := func(want int) {
		t.Helper()
		std := &served{stage: s}
		if code, out := std.verb("doctor", "--data", s.dir); code != want {
			t.Errorf("exit %d, want %d: %s", code, want, out)
		}
	}
	doctor(cli.Good)
	s.serve(server.ScrubOptions{}, func(*served) { doctor(cli.Bad) }) // a server holds the folder
	s.change(50)
	doctor(cli.Bad)
	s.serve(server.ScrubOptions{}, func(x *served) { x.inDoubt(projections.Altered, 50) })
}

func TestTheDemoServesALogInDoubt(t *testing.T) {
	s := &stage{t, t.TempDir()}
	p := start(t, s.dir)
	p.end(t, syscall.SIGTERM)
	s.must(os.RemoveAll(filepath.Join(s.dir, "nats", "jetstream")))
	p = start(t, s.dir)
	var page timeline
	if status := p.get(t, "/v1/summits/alaska-2025/timeline", &page); status != http.StatusOK || len(page.Items) != 25 {
		t.Errorf("%d, %d items", status, len(page.Items))
	}
	p.end(t, syscall.SIGTERM)
}
