package signing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/merkle"
)

// Register stores the last signed head of each summit for all servers that sign
// with the same key.
type Register interface {
	// Read returns the content under a name and its revision; nil if there is
	// none.
	Read(ctx context.Context, name string) (content []byte, revision uint64, err error)
	// Swap replaces a revision with new content. It returns false if another
	// revision came first.
	Swap(ctx context.Context, name string, content []byte, revision uint64) (swapped bool, err error)
}

// OpenShared is [Open] for one of several servers with the same key. The notary
// signs no head that does not continue the last one that any of them has signed.
// While the register cannot be read it signs nothing new. With a nil register
// OpenShared is Open.
func OpenShared(dir, skey string, r Register) (*Notary, error) {
	n, err := Open(dir, skey)
	if err == nil {
		n.register = r
	}
	return n, err
}

// entry returns the name of the summit's head in the register. Each key has names
// of its own.
func (l *ledger) entry() string {
	sum := sha256.Sum256([]byte(l.key.verifier))
	return hex.EncodeToString(sum[:8]) + "." + l.summit
}

// errOvertaken is returned when another server with this key has signed meanwhile.
var errOvertaken = errors.New("another server with this key has signed in the meantime")

// join adopts the last head that another server with this key has signed, if it
// is a later one of the same history.
func (l *ledger) join(ctx context.Context, s Source) error {
	if l.n.register == nil {
		return nil
	}
	content, revision, err := l.n.register.Read(ctx, l.entry())
	if err != nil {
		return fmt.Errorf("compare with the other servers with this key: %w", err)
	}
	l.revision = revision
	if content == nil {
		return nil
	}
	theirs, err := readKept(content, l.verifier, l.origin())
	if err != nil {
		return &RefusedError{Reason: fmt.Sprintf("the last head that was signed with this key, in the register of the cluster as %s, cannot be used: %v; with the broker's own tools, purge that entry: the servers of this key then enter what each has signed", l.entry(), err)}
	}
	own, before := l.signed()
	if before && own.Size == theirs.checkpoint.Size && own.Root == theirs.checkpoint.Root {
		return nil
	}
	err = l.sameHistory(ctx, s, theirs)
	if errors.Is(err, ErrBehind) && l.await(ctx, s, uint64(theirs.checkpoint.Size)) {
		err = l.sameHistory(ctx, s, theirs)
	}
	if err != nil {
		return err
	}
	if before && own.Size > theirs.checkpoint.Size {
		return nil // the register lost the head: it is written again
	}
	return l.keep(theirs)
}

// behindWait is how long join waits for views that are behind those of another
// server. Most are behind by a moment.
const behindWait = 2 * time.Second

func (l *ledger) await(ctx context.Context, s Source, size uint64) bool {
	if s.Wait == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, behindWait)
	defer cancel()
	return s.Wait(ctx, size) == nil
}

// sameHistory returns an error unless the views hold both the last head of this
// server and that of another.
func (l *ledger) sameHistory(ctx context.Context, s Source, theirs *kept) error {
	now := served{}
	heads := []merkle.Checkpoint{theirs.checkpoint}
	if own, before := l.signed(); before {
		heads = append(heads, own)
	}
	behind := false
	err := s.Tree(func(head events.Position, tiles merkle.Store) (err error) {
		now.size = int64(head.Seq)
		if now.root, err = merkle.RootAt(tiles, now.size); err != nil {
			return l.refuse(now, "the tree in the views cannot be read: "+err.Error())
		}
		for _, h := range heads {
			if behind = behind || now.size < h.Size; now.size < h.Size {
				continue
			}
			if root, err := merkle.RootAt(tiles, h.Size); err != nil || root != h.Root {
				return l.forked(now, theirs, fmt.Sprintf("its first %d events come to %s, and with this key %s was signed for them: there are two histories", h.Size, root, h.Root))
			}
		}
		return nil
	})
	if err != nil || !behind {
		return err
	}
	info, err := s.Log.Info(ctx)
	if err != nil {
		return err
	}
	if most := max(theirs.checkpoint.Size, heads[len(heads)-1].Size); int64(info.Last) < most {
		return l.forked(now, theirs, fmt.Sprintf("the log ends at %d, and %d were signed for with this key: it was rolled back", info.Last, most))
	}
	return ErrBehind
}

// forked returns a refusal with both heads as evidence.
func (l *ledger) forked(now served, theirs *kept, reason string) error {
	e := &RefusedError{Reason: reason, Size: now.size, Root: now.root.String(), Other: string(theirs.note)}
	if l.kept != nil {
		e.Signed = string(l.kept.note)
	}
	return e
}

// enter writes a head into the register. Until then it must not be published.
func (l *ledger) enter(ctx context.Context, content []byte) error {
	if l.n.register == nil {
		return nil
	}
	swapped, err := l.n.register.Swap(ctx, l.entry(), content, l.revision)
	if err != nil {
		return fmt.Errorf("inform the other servers with this key: %w", err)
	}
	if !swapped {
		return errOvertaken
	}
	return nil
}
