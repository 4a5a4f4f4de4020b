package main

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/store/logtest"
)

// rewrite changes the view file at rest, without its being touched as a file.
func (s *stage) rewrite(change func(b []byte)) {
	s.Helper()
	b, err := os.ReadFile(s.views())
	s.must(err)
	change(b)
	f, err := os.OpenFile(s.views(), os.O_WRONLY, 0)
	s.must(err)
	_, err = f.WriteAt(b, 0)
	s.must(err)
	s.must(f.Close())
}

// Views that were altered or damaged on the disk are named, never served as
// complete, and rebuilt by themselves; then the server is ready and sound.
func TestDamagedViewsAreMadeAnewByThemselves(t *testing.T) {
	for name, change := range map[string]func(b []byte){
		"rows altered": func(b []byte) { copy(b, bytes.ReplaceAll(b, []byte(`"text":"note 7"`), []byte(`"text":"lie. 7"`))) },
		"a page of zeroes": func(b []byte) {
			at := bytes.Index(b, []byte(`"text":"note 7"`)) / 4096 * 4096
			clear(b[at : at+4096])
		},
		"every other page": func(b []byte) {
			for at := 8 * 4096; at+4096 <= len(b); at += 2 * 4096 {
				clear(b[at : at+4096])
			}
		},
		"all of it": func(b []byte) { clear(b) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, stagedEvents, 0)
			s.rewrite(change)
			s.serve(scrubNow, func(x *served) {
				x.until("views made anew", func() bool {
					var page struct {
						Complete bool
						Items    []struct{ Data struct{ Text string } }
					}
					status := x.ask(http.MethodGet, "/v1/summits/"+staged+"/timeline?limit=500", "", "", &page)
					if status == http.StatusOK && page.Complete {
						for _, it := range page.Items {
							if strings.HasPrefix(it.Data.Text, "lie") {
								t.Fatal("an altered row is served as complete")
							}
						}
					}
					if status != http.StatusOK && status != http.StatusServiceUnavailable {
						t.Fatalf("timeline: %d", status)
					}
					return status == http.StatusOK && page.Complete && len(page.Items) == stagedEvents-1
				})
				x.until("ready", func() bool {
					var r struct{ Reasons []string }
					return x.ask(http.MethodGet, "/readyz", "", "", &r) == http.StatusOK
				})
				x.audit(true)
				if !strings.Contains(x.log.String(), "damaged") {
					t.Errorf("it is not said: %s", x.log)
				}
			})
		})
	}
}

// A folder that is copied while its server writes serves: views that were copied
// before the log go on, and torn ones start again.
func TestAHotCopyServes(t *testing.T) {
	s := newStage(t, stagedEvents, 0)
	var copies []*stage
	s.serve(server.ScrubOptions{}, func(x *served) {
		stop, ended := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(ended)
			for n := 1000; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				raw := logtest.Note(staged, n)
				code, _ := x.verb("record", staged, "--type", "note.added", "--entity", raw.Subject.String(), "--source", "A", "--set", "text="+strings.Repeat("long ", 500))
				if code != cli.Good {
					t.Errorf("record: exit %d", code)
				}
			}
		}()
		for range 3 {
			c := &stage{t, t.TempDir()}
			s.must(os.CopyFS(filepath.Join(c.dir, "views"), os.DirFS(filepath.Join(s.dir, "views"))))
			s.must(os.CopyFS(c.dir, beside{os.DirFS(s.dir)}))
			copies = append(copies, c)
		}
		close(stop)
		<-ended
	})
	for _, c := range copies {
		c.serve(scrubNow, func(x *served) {
			x.until("ready", func() bool {
				var r struct{ Reasons []string }
				return x.ask(http.MethodGet, "/readyz", "", "", &r) == http.StatusOK && len(x.report().Summits) == 1
			})
			x.audit(true)
			if code, out := x.verb("record", staged, "--type", "note.added", "--entity", "note/later", "--source", "A", "--set", "text=It goes on"); code != cli.Good {
				t.Errorf("record: exit %d: %s", code, out)
			}
		})
	}
}

// beside is a data folder without its views and its lock.
type beside struct{ fs.FS }

func (b beside) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(b.FS, name)
	return slices.DeleteFunc(list, func(d fs.DirEntry) bool {
		return d.Name() == "views" || strings.EqualFold(d.Name(), "lock") || !d.IsDir() && !d.Type().IsRegular()
	}), err
}

// An empty doubt file, left by a loss of power, does not stop the server.
func TestATornDoubtStopsNothing(t *testing.T) {
	s := newStage(t, stagedEvents, 0)
	s.must(os.WriteFile(s.views()+".doubt", nil, 0o600))
	s.serve(scrubNow, func(x *served) {
		x.wantReady(t)
		if code, out := x.verb("record", staged, "--type", "note.added", "--entity", "note/later", "--source", "A", "--set", "text=It goes on"); code != cli.Good {
			t.Errorf("record: exit %d: %s", code, out)
		}
		code, out := x.verb("doctor")
		if code != cli.Bad || !strings.Contains(out, s.views()+".doubt") || !strings.Contains(out, "summit audit "+staged) {
			t.Errorf("doctor: exit %d: %s", code, out)
		}
		x.audit(true)
	})
	if b, err := os.ReadFile(s.views() + ".doubt"); err != nil || len(b) > 0 {
		t.Errorf("the evidence is now %q, %v", b, err)
	}
}
