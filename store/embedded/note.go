package embedded

import (
	"errors"
	"io/fs"

	"github.com/summit-timeline/summit/store/journal"
	"github.com/summit-timeline/summit/store/stored"
)

// Note writes down what is about to be appended to a stream after a sequence, so that it
// comes to the disk while the server takes it, and sooner than in the files of the server.
// All before it is on the disk. Once it is known how many of the events, from the first
// on, the log has, settle is called: it returns once they are on the disk, and the others
// cannot come back.
//
// It returns nil where it does not: then Force has to be called.
func (s *Server) Note(stream string, after uint64, list []stored.Event) (settle func(added int) error) {
	if s.journal == nil || after == 0 {
		return nil
	}
	b := s.blocksOf(stream)
	if !b.noting.TryLock() {
		return nil
	}
	note, err := s.journal.Add(stream, encodeNote(stream, after, list), false)
	if err != nil {
		b.noting.Unlock()
		if !errors.Is(err, journal.ErrFull) {
			s.fail(s.refuseAll(err))
		}
		return nil
	}
	synced := make(chan error, 1)
	go func() { synced <- note.Sync() }()
	return func(added int) error {
		defer b.noting.Unlock()
		defer note.Release()
		err := <-synced
		switch {
		case err == nil && !note.Stands() && added > 0: // the server was restarted meanwhile
			return s.Force(stream)
		case err == nil && note.Stands() && added < len(list):
			err = s.cut(stream, after+uint64(added)+1) //nolint:gosec // added is no less than 0
		}
		if err != nil {
			err = s.refuseAll(err)
			s.fail(err)
		}
		return err
	}
}

// cut has what was noted of a stream from a sequence on count for nothing.
func (s *Server) cut(stream string, from uint64) error {
	note, err := s.journal.Add(stream, encodeCut(stream, from), true)
	if err != nil {
		return err //nolint:wrapcheck // it says that the journal failed
	}
	defer note.Release()
	return note.Sync() //nolint:wrapcheck // as above
}

// refuseAll notes that what the journal holds of any stream may not be on the disk. It
// returns why nothing can be written.
func (s *Server) refuseAll(err error) error {
	err = failure(err.Error())
	for _, stream := range s.journal.Owners() {
		s.refuse(stream, err)
	}
	return err
}

func (s *Server) journalFailed() bool { return s.journal != nil && s.journal.Err() != nil }

// spill brings all that the server has of a stream to the disk. One that was deleted has
// nothing.
func (s *Server) spill(stream string) error {
	err := s.blocksOf(stream).force()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (s *Server) spillAll(streams []string) error {
	for _, stream := range streams {
		if err := s.spill(stream); err != nil {
			return err
		}
	}
	return nil
}

// clearJournal empties the journal, once all it holds is on the disk elsewhere.
func (s *Server) clearJournal() error {
	if s.journal == nil {
		return nil
	}
	if err := s.spillAll(s.journal.Owners()); err != nil {
		return err
	}
	return s.journal.Reset() //nolint:wrapcheck // it says what was being done
}
