package viewdb

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// A cursor that is put before range after range finds what a new one finds, wherever it
// stood and whatever it was told of where to look.
func TestACursorIsUsedAgain(t *testing.T) {
	const keys = 3_000
	f := newFile(t)
	key := func(n int) []byte { return fmt.Appendf(nil, "%05d", max(n, 0)) }
	f.must(f.Update(func(tx *Tx) error {
		for n := 0; n < keys; n += 3 {
			if err := tx.Put("t", key(n), bytes.Repeat(key(n), 60)); err != nil {
				return err
			}
		}
		return nil
	}))
	dice, at := rand.New(rand.NewPCG(1, 2)), 0
	next := func() Range {
		if at += dice.IntN(13) - 6; dice.IntN(10) == 0 {
			at = dice.IntN(keys+20) - 10
		}
		r := Range{From: key(at - dice.IntN(6)), To: key(at), Reverse: dice.IntN(4) > 0}
		switch dice.IntN(20) {
		case 0:
			r.From = nil
		case 1:
			r.To = nil
		}
		return r
	}
	f.must(f.View(func(tx *Tx) error {
		used := tx.Cursor("t", Range{})
		for range 20_000 {
			r := next()
			used.Seek(r, dice.IntN(3) > 0)
			fresh := tx.Cursor("t", r)
			for range dice.IntN(4) {
				k, v, ok := used.Next()
				wantK, wantV, want := fresh.Next()
				if ok != want || !bytes.Equal(k, wantK) || !bytes.Equal(v, wantV) {
					t.Fatalf("%s to %s (down: %t): %s %t, want %s %t", r.From, r.To, r.Reverse, k, ok, wantK, want)
				}
			}
		}
		return nil
	}))
}
