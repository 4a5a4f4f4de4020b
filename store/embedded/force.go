package embedded

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/summit-timeline/summit/store/durable"
)

// blocks are the files of one stream. The server appends events to the last of its
// blocks, and begins another when that is full.
type blocks struct {
	dir  string
	sync func(*os.File) error

	noting sync.Mutex // held while events that were noted are appended

	mu   sync.Mutex  // guards what follows
	made os.FileInfo // the folder of which last is known: a stream may be deleted and made again
	last int         // the last block that is known to be on the disk; 0 before the first call
}

// Force returns once all that the server has acknowledged of a stream is on the
// disk. One call serves all events before it: nats-server itself would sync once for
// each. The first call for a stream syncs all its files, since what an earlier
// process was about to sync may not be on the disk. A stream that was deleted is an
// fs.ErrNotExist.
func (s *Server) Force(stream string) error {
	b := s.blocksOf(stream)
	if err := b.force(); err != nil {
		if _, gone := os.Stat(b.dir); errors.Is(gone, fs.ErrNotExist) {
			return fmt.Errorf("sync a stream: %w", gone)
		}
		err = failure(err.Error())
		s.refuse(stream, err)
		return err
	}
	return nil
}

// Forces reports whether the caller has to call Force before it counts on an
// acknowledgement: else the server syncs by itself.
func (s *Server) Forces() bool { return s.forces }

// refuse notes a stream that could not be synced: what the system still shows of it
// may not be on the disk.
func (s *Server) refuse(stream string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing, s.refused[stream] = err, true
}

// rewrite puts anew on the disk what could not be synced, while no server runs. A
// system that could not write a page does not try it again, and the next sync
// would succeed all the same.
func (s *Server) rewrite() error {
	if err := s.rewriteRefused(); err != nil {
		return err
	}
	return s.clearJournal()
}

func (s *Server) rewriteRefused() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for stream := range s.refused {
		if err := s.newBlocks(stream).rewrite(); err != nil {
			return err
		}
		delete(s.refused, stream)
	}
	for _, b := range s.streams {
		b.renew()
	}
	return nil
}

// renew has the next call sync all files: some may be other ones now.
func (b *blocks) renew() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = 0
}

func (b *blocks) rewrite() error {
	paths, err := b.paths()
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := rewriteFile(path); err != nil {
			return fmt.Errorf("rewrite a stream: %w", err)
		}
	}
	return nil
}

func rewriteFile(path string) error {
	old, err := os.Open(path)
	if err != nil {
		return err
	}
	defer old.Close()
	info, err := old.Stat()
	if err != nil {
		return err
	}
	return durable.Replace(path, info.Mode().Perm(), func(f *os.File) error {
		_, err := io.Copy(f, old)
		return err
	})
}

func (s *Server) blocksOf(stream string) *blocks {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.streams[stream]
	if b == nil {
		b = s.newBlocks(stream)
		s.streams[stream] = b
	}
	return b
}

func (s *Server) newBlocks(stream string) *blocks { return newBlocks(s.o.Dir, stream, s.o.syncFile()) }

func newBlocks(dir, stream string, sync func(*os.File) error) *blocks {
	return &blocks{dir: filepath.Join(streamsOf(dir), stream), sync: sync}
}

// streamsOf returns the folder of the streams.
func streamsOf(dir string) string {
	return filepath.Join(dir, server.JetStreamStoreDir, server.DEFAULT_GLOBAL_ACCOUNT, "streams")
}

// syncFile returns the function that syncs a file.
func (o Options) syncFile() func(*os.File) error {
	if o.Sync != nil {
		return o.Sync
	}
	return durable.SyncData
}

const blockSuffix = ".blk"

func (b *blocks) path(n int) string { return filepath.Join(b.dir, "msgs", strconv.Itoa(n)+blockSuffix) }

// index is the file in which the server notes what it knows of the blocks. It makes it anew
// from them where there is none.
func (b *blocks) index() string { return filepath.Join(b.dir, "msgs", "index.db") }

// paths returns the files of all blocks.
func (b *blocks) paths() ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(b.dir, "msgs", "*"+blockSuffix))
	if err != nil {
		return nil, fmt.Errorf("list the files of a stream: %w", err)
	}
	return paths, nil
}

// newest returns the number of the last block, and 0 if there is none.
func (b *blocks) newest() (last int, err error) {
	paths, err := b.paths()
	for _, path := range paths {
		if n, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(path), blockSuffix)); err == nil {
			last = max(last, n)
		}
	}
	return last, err
}

func (b *blocks) force() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, err := os.Stat(b.dir)
	if err != nil {
		return fmt.Errorf("sync a stream: %w", err)
	}
	if b.last == 0 || !os.SameFile(b.made, now) {
		return b.forceAll(now)
	}
	for {
		_, err := os.Stat(b.path(b.last + 1))
		grown := err == nil
		if err := b.syncPath(b.path(b.last)); err != nil || !grown {
			return err
		}
		if err := durable.SyncDir(filepath.Join(b.dir, "msgs")); err != nil {
			return fmt.Errorf("sync a stream: %w", err)
		}
		b.last++
	}
}

// forceAll syncs all files of the stream and the folders that lead to them.
func (b *blocks) forceAll(now os.FileInfo) error {
	last, err := b.newest()
	if err != nil {
		return err
	}
	err = filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != b.dir:
			return nil // the server has removed it, such as a file of an index
		case err != nil:
			return err
		case d.IsDir():
			return durable.SyncDir(path)
		}
		return b.syncPath(path)
	})
	for dir := filepath.Dir(b.dir); err == nil && filepath.Base(dir) != server.JetStreamStoreDir; dir = filepath.Dir(dir) {
		err = durable.SyncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("sync a stream: %w", err)
	}
	b.made, b.last = now, last
	return nil
}

func (b *blocks) syncPath(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if filepath.Ext(path) == blockSuffix {
			return fmt.Errorf("sync a stream: %w", err)
		}
		return nil // as above
	}
	if err != nil {
		return fmt.Errorf("sync a stream: %w", err)
	}
	return errors.Join(b.sync(f), f.Close())
}
