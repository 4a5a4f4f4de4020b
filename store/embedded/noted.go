package embedded

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/summit-timeline/summit/store/stored"
)

// What the journal holds: events of a stream that follow a sequence, or that none counts
// from a sequence on.
const (
	noteKind = 'n'
	cutKind  = 'c'
)

func encodeNote(stream string, after uint64, list []stored.Event) []byte {
	size := len(stream) + 3*binary.MaxVarintLen64
	for _, e := range list {
		size += len(e.Subject) + len(e.MsgID) + len(e.Raw) + 4*binary.MaxVarintLen64
	}
	b := appendText(append(make([]byte, 0, size), noteKind), stream)
	b = binary.AppendUvarint(b, after)
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, e := range list {
		b = appendText(appendText(b, e.Subject), e.MsgID)
		b = binary.AppendVarint(b, e.Stored.UnixNano())
		b = append(binary.AppendUvarint(b, uint64(len(e.Raw))), e.Raw...)
	}
	return b
}

func encodeCut(stream string, from uint64) []byte {
	return binary.AppendUvarint(appendText([]byte{cutKind}, stream), from)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// noted is what the journal holds of a stream: events that follow each other.
type noted struct {
	first uint64
	list  []stored.Event
}

// end returns the sequence after the last.
func (n *noted) end() uint64 { return n.first + uint64(len(n.list)) }

// cut leaves out what stands at a sequence and after it.
func (n *noted) cut(from uint64) {
	n.list = n.list[:min(max(from, n.first), n.end())-n.first]
}

// add puts events after a sequence. What stood before a sequence that is not the next one
// was forced.
func (n *noted) add(after uint64, list []stored.Event) {
	if n.cut(after + 1); n.end() != after+1 {
		n.first, n.list = after+1, nil
	}
	n.list = append(n.list, list...)
}

// readNotes returns what counts of a journal, by stream.
func readNotes(notes [][]byte) (map[string]*noted, error) {
	all := map[string]*noted{}
	for _, b := range notes {
		d := decoder{b: b}
		kind, stream, seq := d.byte(), string(d.bytes()), d.number()
		if all[stream] == nil {
			all[stream] = &noted{}
		}
		switch kind {
		case cutKind:
			all[stream].cut(seq)
		case noteKind:
			all[stream].add(seq, d.events())
		default:
			d.failed = true
		}
		if d.failed {
			return nil, errors.New("the journal holds what this version cannot read: start the version that wrote it")
		}
	}
	return all, nil
}

// decoder reads what was encoded. What it returns after it failed counts for nothing.
type decoder struct {
	b      []byte
	failed bool
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.failed = true
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

func (d *decoder) number() uint64 {
	n, size := binary.Uvarint(d.b)
	return decoded(d, n, size)
}

func (d *decoder) time() time.Time {
	n, size := binary.Varint(d.b)
	return time.Unix(0, decoded(d, n, size)).UTC()
}

func decoded[N any](d *decoder, n N, size int) N {
	if size <= 0 {
		d.failed, size = true, 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) bytes() []byte {
	n := d.number()
	if n > uint64(len(d.b)) {
		d.failed, n = true, 0
	}
	text := d.b[:n]
	d.b = d.b[n:]
	return text
}

func (d *decoder) events() (list []stored.Event) {
	for n := d.number(); n > 0 && !d.failed; n-- {
		list = append(list, stored.Event{Subject: string(d.bytes()), MsgID: string(d.bytes()), Stored: d.time(), Raw: d.bytes()})
	}
	return list
}
