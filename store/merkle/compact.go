package merkle

import (
	"fmt"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
)

// Accumulator computes a root from a stream of leaves, in memory of log2(size)
// hashes. It shares no code with [Tree]: an auditor need not trust what wrote
// the log, and a flipped bit is found before it is signed.
type Accumulator struct{ r *compact.Range }

// NewAccumulator has no leaves.
func NewAccumulator() *Accumulator {
	f := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return &Accumulator{f.NewEmptyRange(0)}
}

// Append adds a leaf by its hash.
func (a *Accumulator) Append(leaf Hash) error {
	if err := a.r.Append(leaf[:], nil); err != nil {
		return fmt.Errorf("append leaf %d: %w", a.Size(), err)
	}
	return nil
}

// AppendEntry adds a leaf by its bytes, hashed without the code of [LeafHash].
func (a *Accumulator) AppendEntry(entry []byte) error {
	return a.Append(Hash(rfc6962.DefaultHasher.HashLeaf(entry)))
}

// Size is the number of leaves.
func (a *Accumulator) Size() int64 { return int64(a.r.End()) }

// Root is the head of the leaves so far; more may follow.
func (a *Accumulator) Root() (Hash, error) {
	if a.Size() == 0 {
		return Hash(rfc6962.DefaultHasher.EmptyRoot()), nil
	}
	b, err := a.r.GetRootHash(nil)
	if err != nil {
		return Hash{}, fmt.Errorf("root at %d: %w", a.Size(), err)
	}
	return Hash(b), nil
}
