package archive

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/summit-timeline/summit/store/merkle"
)

// Sum is a SHA-256.
type Sum = [32]byte

// Table is the digest of the rows of one table of the views.
type Table struct {
	Name string
	Rows int
	Sum  Sum
}

// Views are the digests of the views at the archive's size.
type Views struct {
	Version int
	Tables  []Table
}

// Manifest is what the archive says beside the log. It is signed by the log's
// key, and bound to one head.
type Manifest struct {
	Origin             string
	Size               int64
	Root               merkle.Hash
	Software, Revision string
	Envelopes          int // events that stood under something their bytes do not say
	EnvelopesSum       Sum // of all envelope members, one after another
	// Held is how many events the log had when the archive was made, or 0 if an
	// archive of the first layout does not say.
	Held  int64
	Views *Views
}

// format writes the one text of a manifest. Its third line is not a root, so that
// it can never be taken for a checkpoint.
func (m Manifest) format() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/archive\n%d\nroot %s\nsoftware %s\nrevision %s\nenvelopes %d %x\n",
		m.Origin, m.Size, m.Root, m.Software, m.Revision, m.Envelopes, m.EnvelopesSum)
	if m.Held > 0 {
		fmt.Fprintf(&b, "log %d\n", m.Held)
	}
	if m.Views == nil {
		return []byte(b.String() + "views none\n")
	}
	fmt.Fprintf(&b, "views %d\n", m.Views.Version)
	for _, t := range m.Views.Tables {
		fmt.Fprintf(&b, "table %s %d %x\n", t.Name, t.Rows, t.Sum)
	}
	return []byte(b.String())
}

// parseManifest accepts only what format writes.
func parseManifest(text string) (Manifest, error) {
	m, err := readManifest(text)
	if err == nil && string(m.format()) != text {
		err = errors.New("it is not a manifest in canonical form")
	}
	return m, err
}

func readManifest(text string) (m Manifest, err error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 7 {
		return m, fmt.Errorf("it has %d lines; at least 7 are needed", len(lines))
	}
	m.Origin = strings.TrimSuffix(lines[0], "/archive")
	if m.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return m, errors.New("its size is not a number")
	}
	root, err := merkle.ParseHash(strings.TrimPrefix(lines[2], "root "))
	if err != nil {
		return m, errors.New("its root is not a hash")
	}
	m.Root = root
	m.Software, m.Revision = strings.TrimPrefix(lines[3], "software "), strings.TrimPrefix(lines[4], "revision ")
	e := strings.Fields(lines[5])
	if len(e) != 3 {
		return m, errors.New("its envelopes are not a number and a sum")
	}
	if m.Envelopes, m.EnvelopesSum, err = numberAndSum(e[1], e[2]); err != nil {
		return m, err
	}
	rest := lines[6:]
	if held, said := strings.CutPrefix(rest[0], "log "); said && len(rest) > 1 {
		if m.Held, err = strconv.ParseInt(held, 10, 64); err != nil || m.Held < 1 {
			return m, errors.New("the length of its log is not a number")
		}
		rest = rest[1:]
	}
	version := strings.TrimPrefix(rest[0], "views ")
	if version == "none" {
		return m, nil
	}
	m.Views = &Views{}
	if m.Views.Version, err = strconv.Atoi(version); err != nil {
		return m, errors.New("the version of its views is not a number")
	}
	for _, line := range rest[1:] {
		f := strings.Fields(line)
		if len(f) != 4 {
			return m, fmt.Errorf("its line %.80q is not a table", line)
		}
		t := Table{Name: f[1]}
		if t.Rows, t.Sum, err = numberAndSum(f[2], f[3]); err != nil {
			return m, err
		}
		m.Views.Tables = append(m.Views.Tables, t)
	}
	return m, nil
}

func numberAndSum(n, sum string) (int, Sum, error) {
	count, err := strconv.Atoi(n)
	if err != nil {
		return 0, Sum{}, fmt.Errorf("%.80q is not a number", n)
	}
	b, err := hex.DecodeString(sum)
	if err != nil || len(b) != len(Sum{}) {
		return 0, Sum{}, fmt.Errorf("%.80q is not a SHA-256", sum)
	}
	return count, Sum(b), nil
}

// line makes a text fit for one line of a manifest.
func line(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if s == "" {
		return "unknown"
	}
	return strings.ToValidUTF8(s, "?")
}
