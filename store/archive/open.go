package archive

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/merkle"
)

// Archive is an archive that is open for reading. It may be read by several
// goroutines at once.
type Archive struct {
	Summit     string
	Key        string // the verifier key that the archive itself names
	Checkpoint merkle.Checkpoint
	Note       []byte
	Manifest   Manifest

	layoutOf  int // the version of the layout
	r         io.ReaderAt
	size      int64
	verifier  note.Verifier
	bundles   []*zip.File
	envelopes map[int64]*zip.File
	tiles     map[merkle.TilePath]*zip.File
}

// Open reads what frames an archive: that its members are those of a log of the
// signed size, no more and no fewer and in their order, and that its checkpoint
// and manifest are signed by the key it names. The events are not read. What is
// wrong is told as a *Fault; memory is bounded whatever the file says.
func Open(r io.ReaderAt, size int64) (*Archive, error) {
	budget := &budgeted{r: r, left: maxDirectory}
	z, err := zip.NewReader(budget, size)
	if err != nil {
		return nil, faultIn("", "it is not a complete archive: %v", err)
	}
	budget.left = -1
	if len(z.Comment) != sealSize {
		return nil, faultIn("", "it is not a summit archive: it has no seal at its end")
	}
	a := &Archive{r: r, size: size, envelopes: map[int64]*zip.File{}, tiles: map[merkle.TilePath]*zip.File{}}
	rest, err := a.readHead(z.File)
	if err != nil {
		return nil, err
	}
	if rest, err = a.layout(rest); err != nil {
		return nil, err
	}
	return a, a.readManifest(rest)
}

// budgeted fails once more was read than a directory can have. A negative
// rest means no limit.
type budgeted struct {
	r    io.ReaderAt
	left int64
}

var errDirectory = errors.New("its directory is larger than that of any valid archive")

func (b *budgeted) ReadAt(p []byte, off int64) (int, error) {
	if b.left >= 0 {
		if b.left -= int64(len(p)); b.left < 0 {
			b.left = 0
			return 0, errDirectory
		}
	}
	return b.r.ReadAt(p, off)
}

func (a *Archive) readHead(files []*zip.File) ([]*zip.File, error) {
	files, b, err := take(files, nameSummit, maxText)
	if err != nil {
		return nil, err
	}
	var about about
	if err := json.Unmarshal(b, &about); err != nil {
		return nil, faultIn(nameSummit, "it cannot be read: %v", err)
	}
	if again, err := json.Marshal(about); err != nil || string(again) != string(b) {
		return nil, faultIn(nameSummit, "it is not in canonical form")
	}
	if about.Format < 1 || about.Format > format {
		return nil, faultIn(nameSummit, "the layout has version %d, but only versions up to %d are supported: verify it with a newer program", about.Format, format)
	}
	if !events.IsSlug(about.Summit) {
		return nil, faultIn(nameSummit, "%.80q is not the id of a summit", about.Summit)
	}
	a.Summit, a.Key, a.layoutOf = about.Summit, about.Key, about.Format
	if a.verifier, err = merkle.ParseVerifier(a.Key); err != nil {
		return nil, faultIn(nameSummit, "its key cannot be used: %v", err)
	}
	if files, a.Note, err = take(files, nameCheckpoint, maxText); err != nil {
		return nil, err
	}
	if a.Checkpoint, _, err = merkle.Open(a.Note, a.verifier); err != nil {
		return nil, faultIn(nameCheckpoint, "%v", err)
	}
	if a.Checkpoint.Origin != a.verifier.Name() {
		return nil, faultIn(nameCheckpoint, "it is for the log %.80q, but the key is for %.80q", a.Checkpoint.Origin, a.verifier.Name())
	}
	if a.Checkpoint.Size == 0 {
		return nil, faultIn(nameCheckpoint, "it is for a log without events")
	}
	return files, nil
}

// layout finds the bundles, their envelopes, and the tiles.
func (a *Archive) layout(files []*zip.File) ([]*zip.File, error) {
	for p := range merkle.TilePaths(a.Checkpoint.Size) {
		name, err := p.Format()
		if err != nil {
			return nil, faultIn("", "%v", err)
		}
		limit := uint64(p.Width) * merkle.HashSize
		if p.Level == merkle.EntriesLevel {
			limit = maxBundle
		}
		f, err := first(files, name, limit)
		if err != nil {
			return nil, err
		}
		files = files[1:]
		if p.Level != merkle.EntriesLevel {
			a.tiles[p] = f
			continue
		}
		a.bundles = append(a.bundles, f)
		if name := envelopesName(p.Index); len(files) > 0 && files[0].Name == name {
			if a.envelopes[p.Index], err = first(files, name, maxEnvelopes); err != nil {
				return nil, err
			}
			files = files[1:]
		}
	}
	return files, nil
}

func (a *Archive) readManifest(files []*zip.File) error {
	files, b, err := take(files, nameManifest, maxText)
	if err != nil {
		return err
	}
	if len(files) > 0 {
		return faultIn("", "it has %d unexpected members after the last one, beginning with %.80q", len(files), files[0].Name)
	}
	text, err := merkle.OpenText(b, a.verifier)
	if err != nil {
		return faultIn(nameManifest, "%v", err)
	}
	if a.Manifest, err = parseManifest(text); err != nil {
		return faultIn(nameManifest, "%v", err)
	}
	if m := a.Manifest; m.Origin != a.Checkpoint.Origin || m.Size != a.Checkpoint.Size || m.Root != a.Checkpoint.Root {
		return faultIn(nameManifest, "it is for another head than the checkpoint")
	}
	if (a.layoutOf == 1) != (a.Manifest.Held == 0) {
		return faultIn(nameManifest, "it does not match the layout that is named")
	}
	return nil
}

// first returns the next member, which must be the one that has to come.
func first(files []*zip.File, name string, limit uint64) (*zip.File, error) {
	if len(files) == 0 {
		return nil, faultIn(name, "it is missing, and so is everything after it")
	}
	f := files[0]
	switch {
	case f.Name != name:
		return nil, faultIn(name, "it is missing: %.80q is in its place", f.Name)
	case f.Method != zip.Store && f.Method != zip.Deflate, f.Flags&1 != 0:
		return nil, faultIn(name, "it is compressed in a way that is not supported")
	case f.UncompressedSize64 > limit:
		return nil, faultIn(name, "it declares %d bytes; the limit is %d", f.UncompressedSize64, limit)
	}
	return f, nil
}

func take(files []*zip.File, name string, limit uint64) ([]*zip.File, []byte, error) {
	f, err := first(files, name, limit)
	if err != nil {
		return nil, nil, err
	}
	b, err := content(f)
	if err != nil {
		return nil, nil, faultIn(name, "%v", err)
	}
	return files[1:], b, nil
}

// content reads a member, no more than it says it has. What could be read is
// given even where the error is not nil.
func content(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	into := make([]byte, f.UncompressedSize64)
	got, err := io.ReadFull(r, into)
	if err != nil {
		return into[:got], fmt.Errorf("it cannot be unpacked: %w", err)
	}
	var one [1]byte
	if extra, err := r.Read(one[:]); extra > 0 || !errors.Is(err, io.EOF) {
		if err == nil {
			err = errors.New("it has more bytes than it declares")
		}
		return into, fmt.Errorf("it cannot be unpacked: %w", err)
	}
	return into, nil
}
