// Package journal brings to the disk what is being written elsewhere, sooner than that
// place could: a write-ahead journal.
//
// A file that grows costs a sync twice, once for its content and once for its size. A
// journal has two segments, files of a fixed size that are filled in turn. The door is
// [Open].
package journal

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
)

// Options of a journal.
type Options struct {
	// Size is that of a segment, in bytes; 0 is 4 MiB.
	Size int64
	// Sync syncs the content of a file.
	Sync func(*os.File) error
	// Spill returns once all that an owner has noted, and that was released, is on the
	// disk where it belongs. It is called before notes are overwritten.
	Spill func(owner string) error
}

const segmentSize = 4 << 20

// Journal takes notes. A note belongs to an owner, which spills it.
type Journal struct {
	dir string
	o   Options

	syncing sync.Mutex // held while a segment is synced
	synced  uint64     // the last note that is on the disk; guarded by syncing

	mu      sync.Mutex // guards what follows
	changed *sync.Cond // a note was released, or a segment spilled
	written uint64     // notes written
	gone    uint64     // the last note that was forgotten
	last    uint64     // the last generation that was begun
	now     *segment   // the one that is filled
	other   *segment   // the one before; free once it was spilled
	spills  int        // running
	err     error      // why nothing more can be noted
	remake  bool       // the files are not to be used any more
}

// Exists reports whether a folder has a journal.
func Exists(dir string) bool {
	list, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	return err == nil && len(list) > 0
}

const prefix = "journal-"

// Note is what was written of one owner.
type Note struct {
	j  *Journal
	s  *segment
	no uint64
}

// ErrFull is the error of a note for which there is no room, for now or at all.
var ErrFull = errors.New("the journal has no room")

// spare is how much of a segment is kept for urgent notes.
const spare = 64 << 10

// Open opens the journal in a folder, and returns what it holds, in the order in which it
// was noted. A note that was not synced may be missing, with all that came after it.
// Nothing can be noted before [Journal.Reset].
func Open(dir string, o Options) (*Journal, [][]byte, error) {
	if o.Size == 0 {
		o.Size = segmentSize
	}
	j := &Journal{dir: dir, o: o, err: errors.New("the journal was not reset")}
	j.changed = sync.NewCond(&j.mu)
	for i := range 2 {
		s, err := openSegment(j.path(i))
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("open the journal: %w", err), j.closeFiles())
		}
		j.now, j.other = s, j.now
		j.remake = j.remake || s.size != o.Size
	}
	if j.now.generation < j.other.generation {
		j.now, j.other = j.other, j.now
	}
	j.last = j.now.generation
	var notes [][]byte
	for _, s := range []*segment{j.other, j.now} {
		if s.generation == 0 || s.generation < j.now.first {
			continue
		}
		list, full, err := s.read()
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("read the journal: %w", err), j.closeFiles())
		}
		if full || s == j.now {
			notes = append(notes, list...)
		}
	}
	return j, notes, nil
}

func (j *Journal) path(i int) string { return filepath.Join(j.dir, prefix+strconv.Itoa(i)) }

// Reset forgets all notes: what they say is on the disk where it belongs, or counts for
// nothing. A journal that failed has new files then, since a system that could not write a
// page does not try it again.
func (j *Journal) Reset() error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	remake := j.remake
	j.fail(errors.New("it is being reset")) // which ends those that spill
	for j.spills > 0 {
		j.changed.Wait()
	}
	begin := j.again
	if remake {
		begin = j.anew
	}
	if err := begin(); err != nil {
		j.err = fmt.Errorf("reset the journal: %w", err)
		return j.err
	}
	j.err, j.remake, j.synced, j.gone = nil, false, j.written, j.written
	return nil
}

// again begins a generation in the files there are. It says that no earlier one counts.
func (j *Journal) again() error {
	j.now, j.other = j.other.empty(), j.now.empty()
	return j.first()
}

// first begins a generation before which none counts.
func (j *Journal) first() error {
	j.last++
	if err := j.now.begin(j.last, j.last); err != nil {
		return err
	}
	return j.o.Sync(j.now.file)
}

// anew does the same in new files.
func (j *Journal) anew() (err error) {
	_ = j.closeFiles() // what they hold counts no more
	if j.now, err = makeSegment(j.path(1), j.o.Size); err != nil {
		return err
	}
	// It comes first: the file in the other place may be older.
	if err := j.first(); err != nil {
		return err
	}
	if j.other, err = makeSegment(j.path(0), j.o.Size); err != nil {
		return err
	}
	return j.o.Sync(j.other.file)
}

// Add writes a note of an owner. It is on the disk once [Note.Sync] returns. Whoever adds
// calls [Note.Release] in the end. An urgent note finds room where others do not.
func (j *Journal) Add(owner string, content []byte, urgent bool) (*Note, error) {
	room := int64(len(content))
	if !urgent {
		room += spare
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil && !j.now.room(room) {
		if !j.other.free || !j.other.holds(room) {
			return nil, ErrFull
		}
		if err := j.turn(); err != nil {
			j.fail(err)
		}
	}
	if j.err != nil {
		return nil, j.err
	}
	if err := j.now.write(content); err != nil {
		j.fail(err)
		return nil, j.err
	}
	j.now.owners[owner] = true
	j.now.held++
	j.written++
	return &Note{j: j, s: j.now, no: j.written}, nil
}

// turn begins to fill the other segment, which is free, and spills the full one.
func (j *Journal) turn() error {
	full := j.now
	err := full.write(nil)
	if err == nil {
		err = j.o.Sync(full.file)
	}
	if err != nil {
		return err
	}
	j.last++
	if err := j.other.begin(j.last, full.first); err != nil {
		return err
	}
	j.now, j.other = j.other, full
	j.spills++
	go j.spill(full)
	return nil
}

// spill frees a segment that is full, once all its notes were released.
func (j *Journal) spill(s *segment) {
	j.mu.Lock()
	for s.held > 0 && j.err == nil {
		j.changed.Wait()
	}
	err := j.err
	j.mu.Unlock()
	for owner := range s.owners { // nobody adds to a segment that is full
		if err == nil {
			err = j.o.Spill(owner)
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.spills--
	s.free = err == nil
	if err != nil {
		j.fail(err)
	}
	j.changed.Broadcast()
}

func (j *Journal) fail(err error) {
	if j.err == nil {
		j.err = fmt.Errorf("the journal: %w", err)
	}
	j.remake = true
	j.changed.Broadcast()
}

// Err returns why nothing can be noted before [Journal.Reset], and nil if it can.
func (j *Journal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// Owners returns whose notes the journal may hold.
func (j *Journal) Owners() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := maps.Clone(j.now.owners)
	maps.Copy(all, j.other.owners)
	return slices.Sorted(maps.Keys(all))
}

// Remove closes the journal and takes it away.
func (j *Journal) Remove() error {
	err := j.Close()
	for i := range 2 {
		if gone := os.Remove(j.path(i)); !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// Close closes the files. What was noted stays in them.
func (j *Journal) Close() error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.spills > 0 {
		j.changed.Wait()
	}
	err := j.closeFiles()
	j.fail(os.ErrClosed)
	return err
}

func (j *Journal) closeFiles() (err error) {
	for _, s := range []*segment{j.now, j.other} {
		if s != nil {
			err = errors.Join(err, s.close())
		}
	}
	return err
}

// Sync returns once the note, and all that was noted before it, is on the disk, or was
// forgotten by Reset. One sync serves all who wait.
func (n *Note) Sync() error {
	j := n.j
	j.syncing.Lock()
	defer j.syncing.Unlock()
	if j.synced >= n.no {
		return nil
	}
	j.mu.Lock()
	upTo, now, err := j.written, j.now, j.err
	j.mu.Unlock()
	if err == nil {
		err = j.o.Sync(now.file) // a full one was synced when it was
	}
	if err != nil {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.fail(err)
		return j.err
	}
	j.synced = upTo
	return nil
}

// Stands reports whether the note was not forgotten by [Journal.Reset].
func (n *Note) Stands() bool {
	n.j.mu.Lock()
	defer n.j.mu.Unlock()
	return n.no > n.j.gone
}

// Release says that what the note says is written where it belongs, though it may not be
// on the disk there, or that it counts for nothing.
func (n *Note) Release() {
	n.j.mu.Lock()
	defer n.j.mu.Unlock()
	if n.s.held--; n.s.held == 0 {
		n.j.changed.Broadcast()
	}
}
