package item

import (
	"encoding/binary"
	"errors"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections/internal/keys"
	"github.com/summit-timeline/summit/projections/internal/posting"
)

var errRow = errors.New("the row is cut short")

// DecodeRow reads the header of a row; core is not copied.
func DecodeRow(b []byte) (Row, error) {
	if len(b) < 9 {
		return Row{}, errRow
	}
	r := Row{flags: b[0], OverdueAt: int64(keys.Uint64(b[1:]))}
	d := decoder{b: b[9:]}
	r.Amendments = d.uvarint()
	r.roots = d.uvarint()
	r.Grade = d.bytes()
	for range d.uvarint() {
		r.voices = append(r.voices, d.text())
		if d.err != nil {
			break
		}
	}
	r.Type = typeName(d.bytes())
	r.time = d.bytes()
	r.announced = posting.NoKey
	if r.flags&flagAnnounced != 0 {
		r.announced = d.int64()
	}
	more := byte(0)
	if r.flags&flagWorded != 0 {
		more = d.byte()
		if r.denied = more&flagDenied != 0; more&flagExtended != 0 {
			r.extensions = d.bytes()
		}
		r.split = int(d.uvarint())
		r.message = d.bytes()
	}
	if more&flagOnce != 0 {
		r.once = d.once()
	}
	r.Core = d.b
	if r.split < 0 || r.split > len(r.Core) || !r.once.within(r.Core) {
		return r, errRow
	}
	return r, d.err
}

// typeNames are the names of all types: a row has one of them, and need not copy it.
var typeNames = func() map[string]string {
	all := map[string]string{}
	for _, t := range events.Types() {
		all[t.Name] = t.Name
	}
	return all
}()

func typeName(b []byte) string {
	if name, known := typeNames[string(b)]; known {
		return name
	}
	return string(b)
}

type decoder struct {
	b   []byte
	err error
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.err, d.b = errRow, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.err = errRow
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

func (d *decoder) int64() int64 {
	if len(d.b) < 8 {
		d.err, d.b = errRow, nil
		return 0
	}
	v := int64(keys.Uint64(d.b))
	d.b = d.b[8:]
	return v
}

func (d *decoder) text() string { return string(d.bytes()) }

func (d *decoder) bytes() []byte {
	n := d.uvarint()
	if d.err != nil || n > uint64(len(d.b)) {
		d.err, d.b = errRow, nil
		return nil
	}
	s := d.b[:n]
	d.b = d.b[n:]
	return s
}
