package merkle

// LeafAt is the hash of the entry at an index, as the tree has it.
func LeafAt(s Store, index int64) (Hash, error) {
	if err := checkSize(index); err != nil {
		return Hash{}, err
	}
	return hashes{s}.hash(0, index)
}
