package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/minio/highwayhash"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
	"github.com/summit-timeline/summit/store/viewdb"
)

func one(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

func pair(a, b uint64) []byte { return binary.BigEndian.AppendUint64(one(a), b) }

// block is the first block file of the stream.
func (s *stage) block() string { return filepath.Join(s.stream(), "msgs", "1.blk") }

// blockRecord is where a message lies in a block: u32 length (its highest bit
// says that there are headers), u64 sequence, i64 time, u16 length of the
// subject, then the subject itself, headers with their u32 length, text, u64
// checksum.
type blockRecord struct{ from, text, sum, end int }

func (s *stage) find(block []byte, seq uint64) blockRecord {
	s.Helper()
	for at := 0; at < len(block); {
		length := binary.LittleEndian.Uint32(block[at:])
		n := int(length &^ (1 << 31))
		r := blockRecord{from: at, sum: at + n - 8, end: at + n}
		if binary.LittleEndian.Uint64(block[at+4:]) == seq {
			r.text = at + 22 + int(binary.LittleEndian.Uint16(block[at+20:]))
			if length&(1<<31) != 0 {
				r.text += 4 + int(binary.LittleEndian.Uint32(block[r.text:]))
			}
			return r
		}
		at += n
	}
	s.Fatalf("no event %d in the block", seq)
	return blockRecord{}
}

// edit changes the file of the first block.
func (s *stage) edit(fn func(block []byte) []byte) {
	s.Helper()
	b, err := os.ReadFile(s.block())
	s.must(err)
	s.must(os.WriteFile(s.block(), fn(b), 0o600))
}

// flip flips one bit of an event's text.
func (s *stage) flip(seq uint64) {
	s.edit(func(b []byte) []byte {
		b[s.find(b, seq).text+20] ^= 1
		return b
	})
}

// change makes an event say something else, and repairs the checksum: its key
// is made of the stream's name and the number of the block.
func (s *stage) change(seq uint64) {
	s.edit(func(b []byte) []byte {
		r := s.find(b, seq)
		was, now := fmt.Appendf(nil, `"text":"note %d"`, seq), fmt.Appendf(nil, `"text":"nope %d"`, seq)
		text := b[r.text:r.sum]
		if !bytes.Contains(text, was) {
			s.Fatalf("event %d is %s", seq, text)
		}
		copy(text, bytes.Replace(text, was, now, 1))
		key := sha256.Sum256([]byte("SUMMIT_" + staged + "-1"))
		h, err := highwayhash.New64(key[:])
		s.must(err)
		subject := int(binary.LittleEndian.Uint16(b[r.from+20:]))
		for _, part := range [][]byte{b[r.from+4 : r.from+20], b[r.from+22 : r.from+22+subject], b[r.from+22+subject+4 : r.text], text} {
			_, err := h.Write(part)
			s.must(err)
		}
		copy(b[r.sum:], h.Sum(nil))
		return b
	})
}

// cut takes the last events off the block.
func (s *stage) cut(n uint64) {
	s.edit(func(b []byte) []byte { return b[:s.find(b, stagedEvents-n+1).from+30] })
}

func (s *stage) loseIndex() { s.must(os.Remove(filepath.Join(s.stream(), "msgs", "index.db"))) }

// lines are the stored bytes of every event.
func (s *stage) lines() (list [][]byte) {
	s.Helper()
	s.broker(func(_ jetstream.JetStream, logs func(store.Options) *store.Logs) {
		log, err := logs(store.Options{}).Open(s.Context(), staged)
		s.must(err)
		for rec, err := range log.Read(s.Context(), 1, 0) {
			s.must(err)
			list = append(list, slices.Clone(rec.Raw))
		}
	})
	return list
}

// remade puts another stream of the same name in the place of the log.
func (s *stage) remade(change func(lines [][]byte) [][]byte) {
	s.Helper()
	lines := change(s.lines())
	s.broker(func(js jetstream.JetStream, logs func(store.Options) *store.Logs) {
		stream, err := js.Stream(s.Context(), "SUMMIT_"+staged)
		s.must(err)
		config := stream.CachedInfo().Config
		s.must(js.DeleteStream(s.Context(), "SUMMIT_"+staged))
		_, err = js.CreateStream(s.Context(), config)
		s.must(err)
		for _, raw := range lines {
			var e struct{ ID, Subject string }
			s.must(json.Unmarshal(raw, &e))
			entity, err := events.ParseEntity(e.Subject)
			s.must(err)
			m := nats.NewMsg(store.Subject(events.Event{Summit: staged, Subject: entity}))
			m.Data = raw
			m.Header.Set(jetstream.MsgIDHeader, e.ID)
			_, err = js.PublishMsg(s.Context(), m)
			s.must(err)
		}
	})
}

// doctored does the same and gives the stream the birth of the old one: nothing
// but the events tells them apart.
func (s *stage) doctored(change func(lines [][]byte) [][]byte) {
	s.Helper()
	born := map[string][]byte{}
	for _, name := range []string{"meta.inf", "meta.sum"} {
		b, err := os.ReadFile(filepath.Join(s.stream(), name))
		s.must(err)
		born[name] = b
	}
	s.remade(change)
	for name, b := range born {
		s.must(os.WriteFile(filepath.Join(s.stream(), name), b, 0o600))
	}
}

// backdated is an event that nobody has recorded, with a time that fits.
func (s *stage) backdated() []byte {
	e := logtest.Note(staged, 5000)
	e.Recorded = events.Instant{Time: logtest.Note(staged, 49).Recorded.Add(500 * time.Millisecond)}
	raw, err := events.Encode(e)
	s.must(err)
	return raw
}

// limit lowers the most messages of the stream.
func (s *stage) limit(most int64) {
	s.broker(func(js jetstream.JetStream, _ func(store.Options) *store.Logs) {
		stream, err := js.Stream(s.Context(), "SUMMIT_"+staged)
		s.must(err)
		config := stream.CachedInfo().Config
		config.MaxMsgs, config.Discard = most, jetstream.DiscardOld
		_, err = js.UpdateStream(s.Context(), config)
		s.must(err)
	})
}

// update changes the view file.
func (s *stage) update(fn func(tx *viewdb.Tx) error) {
	s.Helper()
	db, err := viewdb.Open(s.views(), viewdb.Options{})
	s.must(err)
	s.must(db.Update(fn))
	s.must(db.Close())
}

// settle notes in a view file that was copied which file it is, as a server does
// that has checked it.
func (s *stage) settle() {
	s.Helper()
	db, err := viewdb.Open(s.views(), viewdb.Options{})
	s.must(err)
	s.must(db.Update(func(tx *viewdb.Tx) error {
		return tx.Put("meta", []byte("file"), binary.BigEndian.AppendUint64(nil, db.Identity()))
	}))
	s.must(db.Close())
}

// changeRow flips a bit of a row; at -1 it is its last byte but one.
func (s *stage) changeRow(table string, key []byte, at int) {
	s.Helper()
	s.update(func(tx *viewdb.Tx) error {
		b := slices.Clone(tx.Get(table, key))
		if len(b) == 0 {
			s.Fatalf("no row %x in %s", key, table)
		}
		if at < 0 {
			at = len(b) - 2
		}
		b[at] ^= 1
		return tx.Put(table, key, b)
	})
}

func (s *stage) dropRow(table string, key []byte) {
	s.update(func(tx *viewdb.Tx) error { return tx.Delete(table, key) })
}

func (s *stage) putRow(table string, key, value []byte) {
	s.update(func(tx *viewdb.Tx) error { return tx.Put(table, key, value) })
}

// changeRoot changes the root in the cursor.
func (s *stage) changeRoot() {
	s.update(func(tx *viewdb.Tx) error {
		var cursor map[string]any
		s.must(json.Unmarshal(tx.Get("meta", []byte("cursor")), &cursor))
		cursor["root"] = make([]byte, 32)
		b, err := json.Marshal(cursor)
		s.must(err)
		return tx.Put("meta", []byte("cursor"), b)
	})
}

// misfile publishes an event where another belongs.
func (s *stage) misfile(e events.Event) {
	s.Helper()
	raw, err := events.Encode(e)
	s.must(err)
	s.broker(func(js jetstream.JetStream, _ func(store.Options) *store.Logs) {
		_, err := js.Publish(s.Context(), "facts."+staged+".note.elsewhere", raw)
		s.must(err)
	})
}

func removeAll(views string) error {
	for _, ending := range []string{"", ".doubt"} {
		if err := os.RemoveAll(views + ending); err != nil {
			return err
		}
	}
	return nil
}
