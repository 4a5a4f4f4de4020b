package item

import (
	"bytes"
	"encoding/binary"
)

// once is where a stored core has the sources of the item, which stand in its data as
// well: they are stored once.
type once struct {
	from, length int // the sources of the item
	at           int // where they belong in the data; 0 where nothing was left out
}

// leaveOut returns a core without the sources in its data. It returns false where the data
// does not have them as the item has.
func leaveOut(core []byte) ([]byte, once, bool) {
	before, rest, found := bytes.Cut(core, sourcesMember)
	list, _, ends := bytes.Cut(rest, rootsMember)
	if !found || !ends {
		return core, once{}, false
	}
	o := once{from: len(before) + len(sourcesMember), length: len(list)}
	data := bytes.Index(core, []byte(dataMember))
	if data < o.from {
		return core, once{}, false
	}
	data += len(dataMember)
	member := core[len(before)+1 : o.from+o.length] // without its comma
	n := bytes.Index(core[data:], member)
	if n < 1 {
		return core, once{}, false
	}
	from := data + n
	to := from + len(member)
	switch {
	case core[from-1] == ',':
		from--
	case core[from-1] == '{' && to < len(core) && core[to] == ',':
		to++
	default:
		return core, once{}, false
	}
	o.at = from
	return append(append(make([]byte, 0, len(core)-(to-from)), core[:from]...), core[to:]...), o, true
}

// appendRest appends an end of the core, with what was left out of it.
func (r Row) appendRest(b, rest []byte) []byte {
	n := r.once.at - (len(r.Core) - len(rest))
	if r.once.at == 0 || n < 0 {
		return append(b, rest...)
	}
	member := r.Core[r.once.from-len(sourcesMember) : r.once.from+r.once.length]
	b = append(b, rest[:n]...)
	if r.Core[r.once.at-1] == '{' {
		b = append(append(b, member[1:]...), ',')
	} else {
		b = append(b, member...)
	}
	return append(b, rest[n:]...)
}

func (o once) encode(b []byte) []byte {
	for _, n := range []int{o.from, o.length, o.at} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

func (d *decoder) once() once {
	return once{from: int(d.uvarint()), length: int(d.uvarint()), at: int(d.uvarint())}
}

// within reports whether it can be of a stored core.
func (o once) within(core []byte) bool {
	return o.at == 0 || o.from >= len(sourcesMember) && o.from <= o.at && o.length >= 0 && o.length <= o.at-o.from && o.at <= len(core)
}
