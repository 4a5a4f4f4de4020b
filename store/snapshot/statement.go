package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/merkle"
)

// Sum is a SHA-256.
type Sum = [sha256.Size]byte

// Table is the digest of the rows of one table of the views.
type Table struct {
	Name string
	Rows int
	Sum  Sum
}

// Statement is what the key of a log attests about views: where they are, on which
// tree they stand, and the digests of their rows.
type Statement struct {
	Origin   string // of the log
	Position events.Position
	Root     merkle.Hash
	Version  int   // of the views
	Bytes    int64 // of the view file
	Sum      Sum   // of the same
	Tables   []Table
	// Signed is what was read: the signed statement, and the signed checkpoint
	// after it.
	Signed []byte
}

// Format writes the one text of a statement. Its third line is not a root, so that
// it can never be taken for a checkpoint.
func (s Statement) Format() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/snapshot\n%s\nroot %s\nviews %d\nbytes %d %x\n", s.Origin, s.Position, s.Root, s.Version, s.Bytes, s.Sum)
	for _, t := range s.Tables {
		fmt.Fprintf(&b, "table %s %d %x\n", t.Name, t.Rows, t.Sum)
	}
	return []byte(b.String())
}

// parse accepts only what Format writes.
func parse(text string) (Statement, error) {
	s, err := statement(strings.Split(strings.TrimSuffix(text, "\n"), "\n"))
	if err == nil && string(s.Format()) != text {
		err = errors.New("it is not a statement in canonical form")
	}
	return s, err
}

// headLines are those before the tables.
const headLines = 5

func statement(lines []string) (s Statement, err error) {
	if len(lines) < headLines {
		return s, fmt.Errorf("it has %d lines; at least %d are needed", len(lines), headLines)
	}
	s.Origin = strings.TrimSuffix(lines[0], "/snapshot")
	if s.Position, err = events.ParsePosition(lines[1]); err != nil {
		return s, err
	}
	if s.Root, err = merkle.ParseHash(strings.TrimPrefix(lines[2], "root ")); err != nil {
		return s, errors.New("its root is not a hash")
	}
	if s.Version, err = strconv.Atoi(strings.TrimPrefix(lines[3], "views ")); err != nil {
		return s, errors.New("the version of its views is not a number")
	}
	size, sum, _ := strings.Cut(strings.TrimPrefix(lines[4], "bytes "), " ")
	if s.Bytes, err = strconv.ParseInt(size, 10, 64); err != nil || s.Bytes < 0 {
		return s, errors.New("the size of its views is not a number")
	}
	if s.Sum, err = readSum(sum); err != nil {
		return s, err
	}
	for _, line := range lines[headLines:] {
		t, err := table(line)
		if err != nil {
			return s, err
		}
		s.Tables = append(s.Tables, t)
	}
	return s, nil
}

func table(line string) (t Table, err error) {
	f := strings.Fields(line)
	if len(f) != 4 {
		return t, fmt.Errorf("its line %.80q is not a table", line)
	}
	t.Name = f[1]
	if t.Rows, err = strconv.Atoi(f[2]); err != nil {
		return t, fmt.Errorf("%.40q is not a number of rows", f[2])
	}
	t.Sum, err = readSum(f[3])
	return t, err
}

func readSum(text string) (Sum, error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(Sum{}) {
		return Sum{}, fmt.Errorf("%.80q is not a SHA-256", text)
	}
	return Sum(b), nil
}
