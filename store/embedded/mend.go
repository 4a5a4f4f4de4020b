package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	// lookEvery is how often the server is asked whether it is frozen, and, where it
	// is, whether the disk takes writes again.
	lookEvery = 250 * time.Millisecond
	// restPause is how long a server that was restarted is left alone, and
	// longestRest how long where it freezes again and again: each start cuts the
	// connections of clients.
	restPause, longestRest = time.Second, time.Minute
)

// Run tries again what a disk did not take. Where a write error has frozen a
// stream, which nats-server ends only at its next start, Run restarts the server
// once the disk takes writes again. It returns when ctx ends.
func (s *Server) Run(ctx context.Context) error {
	rest := restPause
	for pause(ctx, lookEvery) {
		if s.look() == nil || !s.mend() {
			continue
		}
		if !pause(ctx, rest) {
			return nil
		}
		if s.look() == nil {
			rest = restPause
		} else {
			rest = min(2*rest, longestRest)
		}
	}
	return nil
}

// pause waits; it returns false if ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Failing returns why nothing can be written for now, and nil if it can. Unless
// something has failed it is cheap: the server is asked only after it has logged
// an error. Where something has, the disk is tried too, and where that fails
// nothing is written before Run finds that it takes writes again. The error
// wraps the system's if that is known, and names no path.
func (s *Server) Failing(failed error) error {
	if err := s.logged(); err != nil || failed == nil {
		return err
	}
	err := s.probe()
	if err != nil {
		s.fail(err)
	}
	return err
}

// logged returns why the server fails; it is asked if it has logged an error.
func (s *Server) logged() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing == nil && s.now != nil && s.now.log.erred.Swap(false) {
		s.failing = s.now.frozen()
	}
	return s.failing
}

// look asks the server why it fails.
func (s *Server) look() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.failing == nil && s.now == nil:
		return errRestarting
	case s.failing == nil:
		s.failing = s.now.frozen()
	}
	return s.failing
}

// fail notes why nothing can be written.
func (s *Server) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = err
}

// Health returns why facts cannot be taken, and nil if they can.
func (s *Server) Health() error {
	if err := s.look(); err != nil {
		return err
	}
	r, err := s.current()
	if err != nil {
		return err
	}
	if !s.whole() {
		return errRestarting
	}
	return r.health()
}

// healthTries is how often the server is asked before what is wrong with it counts: it
// gives itself one millisecond to find that it is ready, and a busy machine may take
// longer to let it look.
const healthTries = 5

func (r *running) health() (err error) {
	for range healthTries {
		h := r.ns.Healthz(&server.HealthzOptions{})
		if h.Error == "" {
			return nil
		}
		err = errors.New(h.Error)
	}
	return err
}

// mend lets facts be written again if the disk takes them; it reports whether
// the server was restarted for that.
func (s *Server) mend() bool {
	if err := s.probe(); err != nil {
		s.fail(err)
		return false
	}
	s.starting.Lock()
	defer s.starting.Unlock()
	log := newLogger(s.o.Logger)
	if r := s.takeFrozen(); r != nil {
		log.Warnf("the disk is writable again: restarting the embedded NATS server")
		r.close()
	}
	if _, err := s.current(); err == nil {
		return false // it was not frozen
	}
	if err := s.rewrite(); err != nil {
		s.fail(fmt.Errorf("restarting the embedded NATS server: %w", failure(err.Error())))
		return false
	}
	r, err := start(s.o, s.o.Interval == 0 && !s.forces)
	if err != nil {
		log.Errorf("restarting the embedded NATS server: %v", err)
		s.fail(fmt.Errorf("restarting the embedded NATS server failed and will be retried: %w", errors.Join(errRestarting, systemError(err.Error()))))
		return false
	}
	log.Warnf("the embedded NATS server was restarted after a write error; acknowledged events are intact")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now, s.failing = r, nil
	return true
}

// takeFrozen takes the server out of use if it is frozen, and returns it then.
// From here on nothing fails for that: what is appended meanwhile waits for the
// next server.
func (s *Server) takeFrozen() *running {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = nil
	if s.now == nil || len(s.refused) == 0 && !s.journalFailed() && s.now.frozen() == nil {
		return nil
	}
	r := s.now
	s.now = nil
	return r
}

// frozen returns the write error after which the server takes nothing before its
// next start.
func (r *running) frozen() error {
	const writeError = "write error: "
	for _, e := range r.ns.Healthz(&server.HealthzOptions{Details: true}).Errors {
		if _, reason, found := strings.Cut(e.Error, writeError); found {
			return failure(reason)
		}
		if e.Type == server.HealthzErrorJetStream {
			return failure(e.Error)
		}
	}
	return nil
}

// failure is an error of the disk whose text alone is known.
func failure(text string) error {
	if err := systemError(text); err != nil {
		return fmt.Errorf("writes to the disk fail (%w); the server resumes by itself once they succeed", err)
	}
	return errors.New("writes to the disk fail; the server resumes by itself once they succeed: the operator's log has the details")
}

// systemError finds the system's error that a text ends with, or nil if it is none
// that a disk has.
func systemError(text string) error {
	for _, e := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EIO, syscall.EROFS, syscall.EACCES} {
		if strings.HasSuffix(text, e.Error()) {
			return e
		}
	}
	return nil
}

const (
	// probeSize is more than the largest event.
	probeSize = 1<<20 + 64<<10
	// probeAt is how far into its file a stream writes: a limit on the size of files
	// is met too.
	probeAt = 8 << 20
)

// probe writes a file durably, and takes it away again.
func (s *Server) probe() error {
	s.probing.Lock()
	defer s.probing.Unlock()
	if err := tryToWrite(filepath.Join(s.o.Dir, "probe")); err != nil {
		return failure(err.Error())
	}
	return nil
}

func tryToWrite(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(make([]byte, probeSize), probeAt)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Remove(path))
}
