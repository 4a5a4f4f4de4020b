package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/store/journal"
)

// openJournal opens the journal of a folder, and returns what it holds by stream. There is
// none where the server syncs by itself, unless one was left.
func (s *Server) openJournal() (map[string]*noted, error) {
	if !s.o.takesNotes() && !journal.Exists(s.o.Dir) {
		return nil, nil
	}
	j, notes, err := journal.Open(s.o.Dir, journal.Options{Sync: s.o.syncFile(), Spill: s.spill})
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what was being done
	}
	s.journal = j
	return readNotes(notes)
}

// takesNotes reports whether the caller forces the streams.
func (o Options) takesNotes() bool { return o.Forced && o.Interval == 0 }

// startFirst starts the server for the first time in the process, with all that the journal
// holds in its streams.
func (s *Server) startFirst() error {
	all, err := s.openJournal()
	if err != nil {
		return err
	}
	for stream := range all {
		// It may say more of the blocks than the disk has of them.
		if err := os.Remove(s.newBlocks(stream).index()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("replay the journal: %w", err)
		}
	}
	for {
		if s.now, s.forces, err = startProbed(s.o); err != nil {
			return err
		}
		torn, err := s.now.replay(all)
		if err == nil && torn == "" {
			err = s.replayed(all)
		}
		if err == nil && torn == "" {
			return nil
		}
		s.now.close()
		if err == nil {
			s.now.log.Warnf("the last block of %s is read from the journal: the one before it is not whole", torn)
			err = s.newBlocks(torn).removeLast()
		}
		if err != nil {
			return fmt.Errorf("replay the journal: %w", err)
		}
	}
}

// replay appends what the journal holds beyond the end of the streams. It returns a stream
// of which an earlier block is not whole, if the journal has all that comes after it:
// the last block has to go first.
func (r *running) replay(all map[string]*noted) (torn string, err error) {
	if len(all) == 0 {
		return "", nil
	}
	c, err := connect(r.ns, r.secret, "replay")
	if err != nil {
		return "", err
	}
	defer c.Close()
	js, err := jetstream.New(c)
	if err != nil {
		return "", err //nolint:wrapcheck // the caller says what was being done
	}
	ctx, cancel := context.WithTimeout(context.Background(), startWait)
	defer cancel()
	for name, n := range all {
		has, err := stateOf(ctx, js, name)
		switch {
		case errors.Is(err, jetstream.ErrStreamNotFound):
		case err != nil:
			return "", fmt.Errorf("%s: %w", name, err)
		case len(has.Deleted) > 0 && has.Deleted[0] >= n.first && has.LastSeq < n.end():
			return name, nil
		case has.LastSeq+1 < n.first && len(n.list) > 0:
			r.log.Errorf("%s ends at event %d, and the journal begins at %d: what stood between them is lost", name, has.LastSeq, n.first)
		default:
			if err := r.append(ctx, js, name, n, has.LastSeq+1); err != nil {
				return "", fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return "", nil
}

func stateOf(ctx context.Context, js jetstream.JetStream, name string) (jetstream.StreamState, error) {
	stream, err := js.Stream(ctx, name)
	if err != nil {
		return jetstream.StreamState{}, err //nolint:wrapcheck // the caller says what was being done
	}
	info, err := stream.Info(ctx, jetstream.WithDeletedDetails(true))
	if err != nil {
		return jetstream.StreamState{}, err //nolint:wrapcheck // as above
	}
	return info.State, nil
}

// append appends the events from a sequence on.
func (r *running) append(ctx context.Context, js jetstream.JetStream, stream string, n *noted, from uint64) error {
	if from >= n.end() {
		return nil
	}
	r.log.Warnf("events %d to %d of %s are read from the journal: the machine stopped before they were in the log's own files", from, n.end()-1, stream)
	for seq := from; seq < n.end(); seq++ {
		ack, err := js.PublishMsg(ctx, n.list[seq-n.first].Message(), jetstream.WithExpectLastSequence(seq-1))
		if err != nil {
			return fmt.Errorf("append event %d: %w", seq, err)
		}
		if ack.Sequence != seq {
			return fmt.Errorf("append event %d: the server says that it is event %d", seq, ack.Sequence)
		}
	}
	return nil
}

// replayed begins with an empty journal, now that all it held is in the streams.
func (s *Server) replayed(all map[string]*noted) error {
	if s.journal == nil {
		return nil
	}
	if err := s.spillAll(slices.Collect(maps.Keys(all))); err != nil {
		return err
	}
	if s.forces {
		err := s.journal.Reset()
		if err == nil {
			return nil
		}
		s.now.log.Warnf("recording without a journal, which is slower: %v", err)
	}
	err := s.journal.Remove()
	s.journal = nil
	return err //nolint:wrapcheck // the caller says what was being done
}

// removeLast takes away the last block.
func (b *blocks) removeLast() error {
	last, err := b.newest()
	if err != nil {
		return err
	}
	return errors.Join(os.Remove(b.path(last)), os.RemoveAll(b.index()))
}

// closeJournal closes the journal, which stays.
func (s *Server) closeJournal() error {
	if s.journal == nil {
		return nil
	}
	return s.journal.Close() //nolint:wrapcheck // the callers say what was being done
}

// endJournal takes the journal away once all it holds is in the files of the streams, for
// a server that has stopped.
func (s *Server) endJournal() error {
	if s.journal == nil {
		return nil
	}
	if err := s.spillAll(s.journal.Owners()); err != nil {
		return errors.Join(err, s.closeJournal())
	}
	return s.journal.Remove() //nolint:wrapcheck // the caller says what was being done
}
