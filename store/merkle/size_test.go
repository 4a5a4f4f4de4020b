package merkle

import (
	"math"
	"testing"

	"github.com/summit-timeline/summit/store/merkle/merkletest"
)

// Unbounded, each of these would run for ever.
func TestSizesNoTreeCanHaveAreRefused(t *testing.T) {
	for _, n := range []int64{MaxSize + 1, math.MaxInt64, -1} {
		_, rootErr := RootAt(merkletest.Tiles{}, n)
		_, inclusionErr := ProveInclusion(merkletest.Tiles{}, 0, n)
		_, consistencyErr := ProveConsistency(merkletest.Tiles{}, 1, n)
		for name, err := range map[string]error{
			"root": rootErr, "inclusion": inclusionErr, "consistency": consistencyErr,
			"verify inclusion":   VerifyInclusion(nil, 0, n, Hash{}, Hash{}),
			"verify consistency": VerifyConsistency(nil, 1, n, Hash{}, Hash{}),
		} {
			if err == nil {
				t.Errorf("%s at %d passed", name, n)
			}
		}
	}
	for _, err := range []error{
		VerifyInclusion(nil, 0, MaxSize, Hash{}, Hash{}), VerifyConsistency(nil, 1, MaxSize, Hash{}, Hash{}),
	} {
		if err == nil {
			t.Error("an empty proof passed")
		}
	}
	if _, err := RootAt(merkletest.Tiles{}, MaxSize); err == nil {
		t.Error("an empty store has a root")
	}
}
