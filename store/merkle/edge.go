package merkle

import (
	"fmt"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
)

// Edge returns the roots of the perfect subtrees that the leaves so far make up,
// the largest first: all that is needed to go on from here.
func (a *Accumulator) Edge() []Hash {
	parts := a.r.Hashes()
	edge := make([]Hash, len(parts))
	for i, p := range parts {
		edge[i] = Hash(p)
	}
	return edge
}

// ResumeAccumulator continues from a size and its edge. Whether the edge is that
// of a tree is told by the root, which the caller has to know.
func ResumeAccumulator(size int64, edge []Hash) (*Accumulator, error) {
	if err := checkSize(size); err != nil {
		return nil, err
	}
	parts := make([][]byte, len(edge))
	for i, h := range edge {
		parts[i] = append([]byte(nil), h[:]...)
	}
	f := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	r, err := f.NewRange(0, uint64(size), parts)
	if err != nil {
		return nil, fmt.Errorf("resume at %d: %w", size, err)
	}
	return &Accumulator{r}, nil
}
