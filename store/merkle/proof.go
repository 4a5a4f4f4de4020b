package merkle

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// hashes reads the hashes of a tree of a size out of its tiles.
type hashes struct{ store Store }

// ReadHashes returns stored hashes by their indexes, as tlog numbers them.
func (r hashes) ReadHashes(indexes []int64) ([]Hash, error) {
	out := make([]Hash, len(indexes))
	for i, x := range indexes {
		level, n := tlog.SplitStoredHashIndex(x)
		h, err := r.hash(level, n)
		if err != nil {
			return nil, err
		}
		out[i] = h
	}
	return out, nil
}

// hash is the root of the perfect subtree of 2^level leaves, number n. Tiles
// hold every eighth level; those between are computed.
func (r hashes) hash(level int, n int64) (Hash, error) {
	span := int64(1) << (level % height)
	first := n * span
	b, err := r.store.Tile(level/height, first/width)
	if err != nil {
		return Hash{}, fmt.Errorf("read tile: %w", err)
	}
	from, count := int(first%width), int(span)
	if len(b) < (from+count)*tlog.HashSize {
		return Hash{}, fmt.Errorf("tile %d/%d is too short for hash %d of level %d", level/height, first/width, n, level)
	}
	if s, ok := r.store.(*remembered); ok && count >= group {
		all := s.middles.of(tileID{level / height, first / width}, b, from+count)
		return perfect(all[from/group : (from+count)/group]), nil
	}
	return perfect(row(b, from, count)), nil
}

// RootAt is the head of the first size leaves.
func RootAt(s Store, size int64) (Hash, error) {
	if err := checkSize(size); err != nil {
		return Hash{}, err
	}
	h, err := tlog.TreeHash(size, hashes{s})
	if err != nil {
		return Hash{}, fmt.Errorf("root at %d: %w", size, err)
	}
	return h, nil
}

// LeafAt is the hash of the leaf at an index.
func LeafAt(s Store, index int64) (Hash, error) {
	if err := checkSize(index); err != nil {
		return Hash{}, err
	}
	return hashes{s}.hash(0, index)
}

// ProveInclusion proves that the leaf at an index is in the tree of a size
// (RFC 6962, 2.1.1).
func ProveInclusion(s Store, index, size int64) ([]Hash, error) {
	if err := checkSize(index, size); err != nil {
		return nil, err
	}
	p, err := tlog.ProveRecord(size, index, hashes{s})
	if err != nil {
		return nil, fmt.Errorf("prove inclusion of %d in %d: %w", index, size, err)
	}
	return p, nil
}

// ProveConsistency proves that the tree of size to begins with the tree of
// size from (RFC 6962, 2.1.2).
func ProveConsistency(s Store, from, to int64) ([]Hash, error) {
	if err := checkSize(from, to); err != nil {
		return nil, err
	}
	p, err := tlog.ProveTree(to, from, hashes{s})
	if err != nil {
		return nil, fmt.Errorf("prove consistency of %d and %d: %w", from, to, err)
	}
	return p, nil
}

// VerifyInclusion checks a proof of [ProveInclusion].
func VerifyInclusion(proof []Hash, index, size int64, leaf, root Hash) error {
	if err := checkSize(index, size); err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, size, root, index, leaf); err != nil {
		return fmt.Errorf("leaf %d is not proven to be in the tree of %d: %w", index, size, err)
	}
	return nil
}

// VerifyConsistency checks a proof of [ProveConsistency].
func VerifyConsistency(proof []Hash, from, to int64, rootFrom, rootTo Hash) error {
	if err := checkSize(from, to); err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, to, rootTo, from, rootFrom); err != nil {
		return fmt.Errorf("the tree of %d is not proven to extend that of %d: %w", to, from, err)
	}
	return nil
}

// ParseHash reads the base64 of a hash, in its one text.
func ParseHash(s string) (Hash, error) {
	b, err := decode64(s)
	if err != nil || len(b) != HashSize {
		return Hash{}, fmt.Errorf("%.80q is not a hash in canonical base64", s)
	}
	return Hash(b), nil
}
