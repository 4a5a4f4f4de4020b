package main

import (
	"crypto/sha256"
	"errors"
	"math/bits"
)

func leaf(entry []byte) [32]byte { return sha256.Sum256(append([]byte{0}, entry...)) }

func node(l, r [32]byte) [32]byte {
	return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
}

// root is MTH of RFC 6962, 2.1, over leaf hashes.
func root(leaves [][32]byte) [32]byte {
	switch n := len(leaves); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	default:
		k := 1 << (bits.Len(uint(n-1)) - 1)
		return node(root(leaves[:k]), root(leaves[k:]))
	}
}

// included is the verification of RFC 9162, 2.1.3.2.
func included(index, size int, hash [32]byte, path [][32]byte, root [32]byte) error {
	if index >= size {
		return errors.New("the index is beyond the tree")
	}
	fn, sn, r := index, size-1, hash
	for _, p := range path {
		if sn == 0 {
			return errors.New("the inclusion proof is too long")
		}
		if fn&1 == 1 || fn == sn {
			r = node(p, r)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			r = node(r, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	if sn != 0 || r != root {
		return errors.New("the inclusion proof does not hold")
	}
	return nil
}

// consistent is the verification of RFC 9162, 2.1.4.2.
func consistent(first, second int, path [][32]byte, firstRoot, secondRoot [32]byte) error {
	if first == second {
		if len(path) != 0 || firstRoot != secondRoot {
			return errors.New("the consistency proof does not hold")
		}
		return nil
	}
	if first&(first-1) == 0 {
		path = append([][32]byte{firstRoot}, path...)
	}
	if len(path) == 0 {
		return errors.New("the consistency proof is empty")
	}
	fn, sn := first-1, second-1
	for fn&1 == 1 {
		fn, sn = fn>>1, sn>>1
	}
	fr, sr := path[0], path[0]
	for _, c := range path[1:] {
		if sn == 0 {
			return errors.New("the consistency proof is too long")
		}
		if fn&1 == 1 || fn == sn {
			fr, sr = node(c, fr), node(c, sr)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			sr = node(sr, c)
		}
		fn, sn = fn>>1, sn>>1
	}
	if sn != 0 || fr != firstRoot || sr != secondRoot {
		return errors.New("the consistency proof does not hold")
	}
	return nil
}
