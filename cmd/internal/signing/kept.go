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
	return json.MarshalIndent(f, "", "  ")
}

func readKept(b []byte, verifier note.Verifier, origin string) (*kept, error) {
	var f keptFile
	if err := json.Unmarshal(b, &f); err != nil {
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

// swapFile replaces the content of a file durably. It returns errSwapped if the
// file does not have the old content.
func swapFile(path string, old, content []byte) error {
	have, err := readFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, old) {
		return errSwapped
	}
	return durable.WriteFile(path, content, 0o600)
}
