package signing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/merkle"
)

// kept is the last signed head, with the edge from which the second computation
// continues: a start costs log2(size) hashes instead of reading the whole log.
type kept struct {
	checkpoint merkle.Checkpoint
	note       []byte
	edge       []merkle.Hash
}

type keptFile struct {
	Checkpoint string   `json:"checkpoint"`
	Edge       [][]byte `json:"edge"`
}

func (k *kept) format() ([]byte, error) {
	f := keptFile{Checkpoint: string(k.note)}
	for _, h := range k.edge {
		f.Edge = append(f.Edge, h[:])
	}
	return json.Marshal(f)
}

// readKept reads the last head of a file.
func readKept(b []byte, verifier note.Verifier, origin string) (*kept, error) {
	var f keptFile
	if err := json.Unmarshal(lastHead(b), &f); err != nil {
		return nil, err
	}
	k := &kept{note: []byte(f.Checkpoint)}
	var err error
	if k.checkpoint, _, err = merkle.Open(k.note, verifier); err != nil {
		return nil, err
	}
	if k.checkpoint.Origin != origin {
		return nil, fmt.Errorf("it is of %s", k.checkpoint.Origin)
	}
	for _, h := range f.Edge {
		if len(h) != len(merkle.Hash{}) {
			return nil, errors.New("its edge is damaged")
		}
		k.edge = append(k.edge, merkle.Hash(h))
	}
	acc, err := merkle.ResumeAccumulator(k.checkpoint.Size, k.edge)
	if err != nil {
		return nil, err
	}
	if root, err := acc.Root(); err != nil || root != k.checkpoint.Root {
		return nil, errors.New("its edge does not produce the signed root")
	}
	return k, nil
}

// lastHead returns the last head of a file, which has one a line. What follows the last line
// was being written when the process ended, and nobody has seen it. Versions before 0.1 kept
// one head, on several lines, and no end of line after it.
func lastHead(b []byte) []byte {
	whole := bytes.LastIndexByte(b, '\n') + 1
	if whole < len(b) && json.Valid(b) {
		return b
	}
	b = bytes.TrimSuffix(b[:whole], []byte("\n"))
	return b[bytes.LastIndexByte(b, '\n')+1:]
}

func (l *ledger) path() string { return filepath.Join(l.n.dir, l.summit+endingKept) }

const endingKept = ".json"

// Kept returns the summits whose last signed head is in a folder; none if there is
// no folder.
func Kept(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("list the signed heads: %w", err)
	}
	var list []string
	for _, e := range entries {
		if summit, ok := strings.CutSuffix(e.Name(), endingKept); ok && !strings.HasPrefix(summit, ".") {
			list = append(list, summit)
		}
	}
	return list, nil
}

// readFile returns the content of a file; nil if there is no file.
func readFile(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

var errSwapped = errors.New("the file is not what was written last")

// headFile is the file of the signed heads of a summit, of which the last counts. A head is
// added at its end, which takes one sync; the file is replaced where that would make it long.
type headFile struct {
	path    string
	content []byte // as this process read or wrote it; nil is no file
	tried   []byte // what it may have instead, because a write failed; nil is nothing
}

// mostHeads is how many bytes the file has at most.
const mostHeads = 64 << 10

// add adds a head durably. It returns errSwapped if the file is not what this process read or
// wrote last.
func (f *headFile) add(head []byte) error {
	have, err := readFile(f.path)
	if err != nil {
		return err
	}
	if !f.expects(have) {
		return errSwapped
	}
	line := append(bytes.Clone(head), '\n')
	if f.tried == nil && bytes.HasSuffix(have, []byte("\n")) && len(have)+len(line) <= mostHeads {
		f.tried = append(bytes.Clone(have), line...)
		err = appendTo(f.path, line)
	} else {
		f.tried = line
		err = durable.WriteFile(f.path, line, 0o600)
	}
	if err == nil {
		f.content, f.tried = f.tried, nil
	}
	return err
}

// expects reports whether the file may have a content: what was written last, or what a write
// that failed has left of it.
func (f *headFile) expects(have []byte) bool {
	if bytes.Equal(have, f.content) {
		return true
	}
	return f.tried != nil && bytes.HasPrefix(f.tried, have) && (len(have) == len(f.tried) || bytes.HasPrefix(have, f.content))
}

// appendTo adds bytes to the end of a file, and brings them to the disk.
func appendTo(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = durable.SyncData(f)
	}
	return errors.Join(err, f.Close())
}
