package signing

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/merkle"
)

// ledger is what was signed for one summit.
type ledger struct {
	n      *Notary
	key    key
	summit string
	hold   chan struct{} // held by the caller that signs

	verifier note.Verifier // nil until open
	signer   note.Signer
	kept     *kept // nil until a head was signed
	file     headFile
	revision uint64 // of the register, as it was read last
}

func newLedger(n *Notary, k key, summit string) *ledger {
	return &ledger{n: n, key: k, summit: summit, hold: make(chan struct{}, 1)}
}

func (l *ledger) origin() string { return Origin(l.key.name, l.summit) }

// open reads the last signed head, once. The head is trusted because this key has
// signed it, and its edge because it hashes to the signed root.
func (l *ledger) open() error {
	if l.verifier != nil {
		return nil
	}
	signer, err := merkle.NewLogSigner(l.key.secret, l.origin())
	if err != nil {
		return err
	}
	vkey, err := l.key.of(l.summit)
	if err != nil {
		return err
	}
	verifier, err := merkle.ParseVerifier(vkey)
	if err != nil {
		return err
	}
	file, err := readFile(l.path())
	if err != nil {
		return &UnkeptError{l.path(), err}
	}
	if file != nil {
		k, err := readKept(file, verifier, l.origin())
		if err != nil {
			return &RefusedError{Reason: fmt.Sprintf("the last signed head, in %s, cannot be used: %v; put back the key or the file, or move the file away to begin anew", l.path(), err)}
		}
		l.kept = k
	}
	l.file, l.signer, l.verifier = headFile{path: l.path(), content: file}, signer, verifier
	return nil
}

func (l *ledger) signed() (merkle.Checkpoint, bool) {
	if l.kept == nil {
		return merkle.Checkpoint{}, false
	}
	return l.kept.checkpoint, true
}

// served is the head of the tree in the views.
type served struct {
	size  int64
	root  merkle.Hash
	proof []merkle.Hash // that it continues the last signed head
}

// head signs the head that is served. If no event has been added since, it returns the
// last signed one, without asking the other servers with the key.
func (l *ledger) head(ctx context.Context, s Source) (Signed, error) {
	if l.n.register != nil {
		if signed, ok := l.again(s); ok {
			return signed, nil
		}
	}
	for {
		if err := l.join(ctx, s); err != nil {
			return Signed{}, err
		}
		signed, err := l.next(ctx, s)
		if !errors.Is(err, errOvertaken) {
			return signed, err
		}
	}
}

// again returns the last signed head, or false if events have been added since.
func (l *ledger) again(s Source) (Signed, bool) {
	now, err := l.look(s)
	last, before := l.signed()
	if err != nil || !before || now.size != last.Size || now.root != last.Root {
		return Signed{}, false
	}
	return Signed{last, l.kept.note}, true
}

// next signs the head that is served if it continues the last signed one.
func (l *ledger) next(ctx context.Context, s Source) (Signed, error) {
	now, err := l.look(s)
	if err != nil {
		return Signed{}, err
	}
	if err := l.continues(ctx, s, now); err != nil {
		return Signed{}, err
	}
	if last, before := l.signed(); before && now.size == last.Size {
		return Signed{last, l.kept.note}, nil
	}
	acc, err := l.recompute(ctx, s, now)
	if err != nil {
		return Signed{}, err
	}
	return l.sign(ctx, now, acc)
}

// continues returns an error unless the head that is served continues the last
// signed one.
func (l *ledger) continues(ctx context.Context, s Source, now served) error {
	last, before := l.signed()
	switch {
	case !before:
		return nil
	case now.size < last.Size:
		return l.shrunk(ctx, s, now)
	case now.size == last.Size && now.root != last.Root:
		return l.refuse(now, "another head of that size was signed: the log forked")
	case now.size == last.Size || last.Size == 0:
		return nil
	}
	if err := merkle.VerifyConsistency(now.proof, last.Size, now.size, last.Root, now.root); err != nil {
		return l.refuse(now, "it does not continue what was signed: "+err.Error())
	}
	return nil
}

// look reads the tree of the views.
func (l *ledger) look(s Source) (now served, err error) {
	last, _ := l.signed()
	err = s.Tree(func(head events.Position, tiles merkle.Store) error {
		now.size = int64(head.Seq)
		if now.root, err = merkle.RootAt(tiles, now.size); err != nil {
			return l.refuse(now, "the tree in the views cannot be read: "+err.Error())
		}
		if last.Size > 0 && last.Size < now.size {
			if now.proof, err = merkle.ProveConsistency(tiles, last.Size, now.size); err != nil {
				return l.refuse(now, "the tree in the views cannot be read: "+err.Error())
			}
		}
		return nil
	})
	return now, err
}

// shrunk returns ErrBehind if the views are being built, and a refusal if the log
// was rolled back.
func (l *ledger) shrunk(ctx context.Context, s Source, now served) error {
	info, err := s.Log.Info(ctx)
	if err != nil {
		return err
	}
	if last, _ := l.signed(); int64(info.Last) >= last.Size {
		return ErrBehind
	}
	return l.refuse(now, fmt.Sprintf("the log ends at %d, and more was signed: it was rolled back", info.Last))
}

// recompute reads the bytes stored since the last signing and computes the
// root from them, with other code than the tree's.
func (l *ledger) recompute(ctx context.Context, s Source, now served) (*merkle.Accumulator, error) {
	acc := merkle.NewAccumulator()
	if l.kept != nil {
		var err error
		if acc, err = merkle.ResumeAccumulator(l.kept.checkpoint.Size, l.kept.edge); err != nil {
			return nil, err
		}
	}
	if now.size > acc.Size() { // to 0 would read to the end
		for rec, err := range s.Log.ReadBytes(ctx, uint64(acc.Size())+1, uint64(now.size)) {
			var gap *store.GapError
			if errors.As(err, &gap) {
				return nil, l.refuse(now, err.Error())
			}
			if err != nil {
				return nil, err
			}
			if err := acc.AppendEntry(rec.Raw); err != nil {
				return nil, err
			}
		}
	}
	root, err := acc.Root()
	if err != nil {
		return nil, err
	}
	if acc.Size() != now.size {
		return nil, l.refuse(now, fmt.Sprintf("the log ends at %d", acc.Size()))
	}
	if root != now.root {
		return nil, l.refuse(now, fmt.Sprintf("the stored bytes come to %s: a stored event or the tree in the views was altered", root))
	}
	return acc, nil
}

// sign signs a head, stores it, and only then returns it.
func (l *ledger) sign(ctx context.Context, now served, acc *merkle.Accumulator) (Signed, error) {
	c := merkle.Checkpoint{Origin: l.origin(), Size: now.size, Root: now.root}
	text, err := merkle.Sign(c, l.signer)
	if err != nil {
		return Signed{}, err
	}
	k := &kept{checkpoint: c, note: text, edge: acc.Edge()}
	content, err := k.format()
	if err != nil {
		return Signed{}, err
	}
	if err := l.enter(ctx, content); err != nil {
		return Signed{}, err
	}
	return Signed{c, text}, l.keep(k)
}

// keep stores a signed head in place of the one before.
func (l *ledger) keep(k *kept) error {
	head, err := k.format()
	if err != nil {
		return err
	}
	err = l.file.add(head)
	if errors.Is(err, errSwapped) {
		return l.refuse(served{size: k.checkpoint.Size, root: k.checkpoint.Root},
			fmt.Sprintf("another process has signed in the meantime, or the file was changed: %s is not what this process wrote last; restore it, or restart the server to continue from the file as it is", l.path()))
	}
	if err != nil {
		return &UnkeptError{l.path(), err}
	}
	l.kept = k
	return nil
}

// at signs a smaller head, which the last signed one must contain.
func (l *ledger) at(s Source, size int64) (Signed, error) {
	last, _ := l.signed()
	switch {
	case size < 0 || size > last.Size:
		return Signed{}, &SizeError{Size: size, Have: last.Size}
	case size == last.Size:
		return Signed{last, l.kept.note}, nil
	}
	c := merkle.Checkpoint{Origin: last.Origin, Size: size}
	err := s.Tree(func(head events.Position, tiles merkle.Store) (err error) {
		if int64(head.Seq) < last.Size {
			return ErrBehind
		}
		if c.Root, err = merkle.RootAt(tiles, size); err != nil {
			return err
		}
		if size == 0 {
			return nil
		}
		proof, err := merkle.ProveConsistency(tiles, size, last.Size)
		if err != nil {
			return err
		}
		if err := merkle.VerifyConsistency(proof, size, last.Size, c.Root, last.Root); err != nil {
			return l.refuse(served{size: size, root: c.Root}, "the tree in the views was altered: "+err.Error())
		}
		return nil
	})
	if err != nil {
		return Signed{}, err
	}
	text, err := merkle.Sign(c, l.signer)
	return Signed{c, text}, err
}

func (l *ledger) refuse(now served, reason string) error {
	e := &RefusedError{Reason: reason, Size: now.size, Root: now.root.String()}
	if l.kept != nil {
		e.Signed = string(l.kept.note)
	}
	return e
}
