package store

import "testing"

func TestABatchThatIsBeingWrittenIsNoOutcomeYet(t *testing.T) {
	at := func(seq uint64) Result { return Result{Seq: seq, Outcome: Created} }
	for name, c := range map[string]struct {
		results []Result
		found   int
		last    uint64
		want    bool
	}{
		"none of it":                {[]Result{{}, {}}, 0, 7, false},
		"all of it":                 {[]Result{at(6), at(7)}, 2, 7, false},
		"its beginning, at the end": {[]Result{at(6), at(7), {}}, 2, 7, true},
		"its beginning, earlier":    {[]Result{at(5), at(6), {}}, 2, 7, false},
		"its end":                   {[]Result{{}, at(7)}, 1, 7, false},
		"what another recorded":     {[]Result{{Seq: 7, Outcome: Duplicate}, {}}, 1, 7, false},
	} {
		if got := writing(c.results, c.found, c.last); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
