package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/server"
	"github.com/summit-timeline/summit/cmd/internal/summits"
)

// refusedStart starts a server that must not start, and returns why it did not.
func (s *stage) refusedStart(f server.Options) string {
	s.Helper()
	f.Data, f.Addr, f.NATS, f.Cluster = s.dir, "127.0.0.1:0", broker.ListenOptions{Listen: broker.Off}, broker.ClusterOptions{Durability: broker.Always}
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	f.Scrub = server.ScrubOptions{}
	out, in := io.Pipe()
	go func() { // whoever prints an address has started
		buf := make([]byte, 1)
		if _, err := out.Read(buf); err == nil {
			s.Error("the server started")
			cancel()
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	err := serve(ctx, cli.Streams{Out: in, Err: io.Discard}, f)
	_ = in.Close()
	return fmt.Sprint(err)
}

// aside runs the doctor on the folder, and wants an exit code and words.
func (s *stage) aside(want int, says ...string) {
	s.Helper()
	code, out := (&served{stage: s}).verb("doctor", "--data", s.dir)
	if code != want {
		s.Errorf("doctor: exit %d, want %d: %s", code, want, out)
	}
	for _, text := range says {
		if !strings.Contains(out, text) {
			s.Errorf("doctor does not say %q: %s", text, out)
		}
	}
}

func (s *stage) key() string { return filepath.Join(s.dir, server.KeyFile) }

func (s *stage) checkpoint() string {
	return filepath.Join(s.dir, "checkpoints", staged+".json")
}

// signed waits until a head is signed.
func (x *served) signed() {
	x.until("a signed head", func() bool { _, err := os.Stat(x.checkpoint()); return err == nil })
}

func TestALostKeyIsNotReplaced(t *testing.T) {
	s := newStage(t, stagedEvents, 0)
	s.serve(server.ScrubOptions{}, func(x *served) { x.signed() })
	kept, err := os.ReadFile(s.key())
	s.must(err)
	s.must(os.Remove(s.key()))
	for _, with := range []string{"checkpoints", "views alone"} {
		if with == "views alone" {
			s.must(os.Rename(filepath.Dir(s.checkpoint()), filepath.Dir(s.checkpoint())+".old"))
		}
		said := s.refusedStart(server.Options{})
		for _, text := range []string{s.key(), "restore it from a backup", "--key FILE", "summit keygen --name NAME -o " + s.key()} {
			if !strings.Contains(said, text) {
				t.Errorf("%s: it does not say %q: %s", with, text, said)
			}
		}
		if _, err := os.Stat(s.key()); !os.IsNotExist(err) {
			t.Errorf("%s: a key was made: %v", with, err)
		}
		s.aside(cli.Bad, "the signing key is missing")
	}
	s.must(os.Rename(filepath.Dir(s.checkpoint())+".old", filepath.Dir(s.checkpoint())))
	s.must(os.WriteFile(s.key(), kept, 0o600))
	s.serve(server.ScrubOptions{}, func(x *served) { x.sound() })
	s.aside(cli.Good)
}

// The remedy that a refusal names works.
func TestTheWayOutOfALostKeyIsOne(t *testing.T) {
	s := newStage(t, stagedEvents, 0)
	s.serve(server.ScrubOptions{}, func(x *served) { x.signed() })
	s.must(os.Remove(s.key()))
	_, way, found := strings.Cut(s.refusedStart(server.Options{}), "to every reader: ")
	if !found || way != fmt.Sprintf("mv %[1]s %[1]s.old && summit keygen --name NAME -o %s", filepath.Dir(s.checkpoint()), s.key()) {
		t.Fatalf("%q", way)
	}
	s.must(os.Rename(filepath.Dir(s.checkpoint()), filepath.Dir(s.checkpoint())+".old"))
	if code := run([]string{"keygen", "--name", "host.example", "-o", s.key()}, cli.Streams{Out: io.Discard, Err: io.Discard}); code != cli.Good {
		t.Fatalf("keygen: exit %d", code)
	}
	s.serve(server.ScrubOptions{}, func(x *served) {
		x.signed()
		x.sound()
	})
}

func TestAKeyThatCannotBeUsedIsNamedWithTheWayOut(t *testing.T) {
	s := newStage(t, stagedEvents, 0)
	good, err := os.ReadFile(s.key())
	s.must(err)
	for name, content := range map[string]string{
		"empty": "", "a line break": "\n", "half": string(good[:len(good)/2]), "without its end": string(good[:len(good)-3]), "zeros": strings.Repeat("\x00", len(good)),
		"a letter changed": strings.Replace(string(good), "+", "-", 1), "another file": `{"checkpoint":""}`,
	} {
		s.must(os.WriteFile(s.key(), []byte(content), 0o600))
		if said := s.refusedStart(server.Options{}); !strings.Contains(said, s.key()) || !strings.Contains(said, "backup") {
			t.Errorf("%s: %s", name, said)
		}
		s.aside(cli.Bad, s.key(), "backup")
	}
	s.must(os.Remove(s.key()))
	s.must(os.Mkdir(s.key(), 0o700))
	if said := s.refusedStart(server.Options{}); !strings.Contains(said, s.key()) {
		t.Errorf("a folder: %s", said)
	}
	s.must(os.Remove(s.key()))
	s.must(os.WriteFile(s.key(), append([]byte(" "+strings.TrimSpace(string(good))), "\r\n"...), 0o600)) // an editor of Windows
	s.serve(server.ScrubOptions{}, func(x *served) { x.sound() })
}

// If nothing is signed, /readyz is red and the doctor says why, while the
// server runs and while it does not.
func TestTheDoctorSeesThatNothingIsSigned(t *testing.T) {
	t.Parallel()
	signed := newStage(t, stagedEvents, 0)
	signed.serve(server.ScrubOptions{}, func(x *served) { x.signed() })
	good, err := os.ReadFile(signed.checkpoint())
	signed.must(err)
	for name, content := range map[string][]byte{
		"empty": {}, "half": good[:len(good)/2], "zeros": make([]byte, len(good)), "another text": []byte("{}"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := signed.copy(t)
			s.must(os.WriteFile(s.checkpoint(), content, 0o600))
			s.aside(cli.Bad, s.checkpoint(), "move the file away")
			s.serve(server.ScrubOptions{}, func(x *served) {
				x.until("a red readiness", func() bool { return x.ready() == http.StatusServiceUnavailable })
				if code, out := x.verb("doctor"); code != cli.Bad || !strings.Contains(out, "not signed") || !strings.Contains(out, "move the file away") {
					t.Errorf("doctor: exit %d: %s", code, out)
				}
				if r := x.report(); len(r.Unready) != 1 || r.Unready[0].Kind != summits.Unsigned || r.Unready[0].Summit != staged {
					t.Errorf("%+v", r.Unready)
				}
				s.must(os.WriteFile(s.checkpoint(), good, 0o600)) // without a start
				x.until("a green readiness", func() bool { return x.ready() == http.StatusOK })
				if code, out := x.verb("doctor"); code != cli.Good {
					t.Errorf("doctor: exit %d: %s", code, out)
				}
			})
		})
	}
}

func (x *served) ready() int {
	x.Helper()
	var answer map[string]any
	return x.ask(http.MethodGet, "/readyz", "", "", &answer)
}

// A key that everybody on the machine can read is used, with a warning.
func TestAKeyThatEverybodyCanReadIsToldOf(t *testing.T) {
	s := newStage(t, stagedEvents, 0)
	s.must(os.Chmod(s.key(), 0o644))
	s.serve(server.ScrubOptions{}, func(x *served) {
		x.signed()
		x.sound()
		if code, out := x.verb("doctor"); code != cli.Good || !strings.Contains(out, "chmod 600 "+s.key()) {
			t.Errorf("exit %d: %s", code, out)
		}
	})
	s.aside(cli.Good, "chmod 600 "+s.key())
	s.must(os.Chmod(s.key(), 0o640)) // as a group of its own has it
	s.aside(cli.Good, "nothing is wrong")
}
