package merkle

import (
	"slices"
	"strings"
	"testing"
)

func TestTilePathsRoundTrip(t *testing.T) {
	for want, p := range map[string]TilePath{
		"tile/0/000":                          {0, 0, 256},
		"tile/0/x001/x234/067":                {0, 1234067, 256}, // the specification's
		"tile/entries/x001/x234/067.p/8":      {EntriesLevel, 1234067, 8},
		"tile/entries/000":                    {EntriesLevel, 0, 256},
		"tile/1/999.p/255":                    {1, 999, 255},
		"tile/2/x001/000.p/1":                 {2, 1000, 1},
		"tile/63/001.p/16":                    {63, 1, 16},
		"tile/0/x018/x014/x398/x509/x481/983": {0, maxIndex, 256},
	} {
		if got, err := p.Format(); err != nil || got != want {
			t.Errorf("%+v is formatted as %s (%v), want %s", p, got, err, want)
		}
		if got, err := ParseTilePath(want); err != nil || got != p {
			t.Errorf("%s is read as %+v (%v), want %+v", want, got, err, p)
		}
	}
}

func TestLenientTilePathsAreRefused(t *testing.T) {
	for _, s := range []string{
		"", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile//000", "tile/0/000/", "tile/0/000 ",
		"tile/00/000", "tile/-1/000", "tile/+1/000", "tile/64/000", "tile/a/000", "tile/Entries/000", "tile/data/000",
		"tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/1234", "tile/0/001/000", "tile/0/x000/000", "tile/0/x001", "tile/0/x001/x000",
		"tile/0/x01/000", "tile/0/x001/0x0", "tile/0/X001/000", "tile/0/x001//000", "tile/0/-01", "tile/0/+01", "tile/0/x018/x014/x398/x509/x481/984",
		"tile/0/x999/x999/x999/x999/x999/x999/999", "tile/8/0/001",
		"tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/01", "tile/0/000.p/256", "tile/0/000.p/-1", "tile/0/000.p/1/", "tile/0/000.p/1.p/1",
	} {
		if p, err := ParseTilePath(s); err == nil {
			t.Errorf("%q was read as %+v", s, p)
		}
	}
}

func TestUnformattableTilePaths(t *testing.T) {
	for _, p := range []TilePath{{-2, 0, 1}, {64, 0, 1}, {0, -1, 1}, {0, maxIndex + 1, 1}, {0, 0, 0}, {0, 0, 257}} {
		if s, err := p.Format(); err == nil {
			t.Errorf("%+v was formatted as %s", p, s)
		}
	}
}

// The specification's example of a tree of 70,000.
func TestTilePathsOfATree(t *testing.T) {
	count := map[int][2]int{}
	var partial []string
	for p := range TilePaths(70000) {
		s, err := p.Format()
		if err != nil {
			t.Fatal(err)
		}
		n := count[p.Level]
		if p.Width < width {
			partial = append(partial, s)
			n[1]++
		} else {
			n[0]++
		}
		count[p.Level] = n
	}
	for level, want := range map[int][2]int{EntriesLevel: {273, 1}, 0: {273, 1}, 1: {1, 1}, 2: {0, 1}, 3: {0, 0}} {
		if count[level] != want {
			t.Errorf("level %d has %d full and partial tiles, want %d", level, count[level], want)
		}
	}
	if want := []string{"tile/entries/273.p/112", "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"}; !slices.Equal(partial, want) {
		t.Errorf("the partial tiles are %s, want %s", partial, want)
	}
	if got := slices.Collect(TilePaths(256)); !slices.Equal(got, []TilePath{{EntriesLevel, 0, 256}, {0, 0, 256}, {1, 0, 1}}) {
		t.Errorf("a tree of 256 has the tiles %+v", got)
	}
	if got := slices.Collect(TilePaths(0)); got != nil {
		t.Errorf("a tree of nothing has the tiles %+v", got)
	}
	for range TilePaths(70000) {
		break // it must stop when it is told to
	}
}

func FuzzTilePath(f *testing.F) {
	f.Add("tile/0/x001/x234/067.p/8")
	f.Add("tile/entries/000")
	f.Add(strings.Repeat("x", 9))
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseTilePath(s)
		if err != nil {
			return
		}
		if back, err := p.Format(); err != nil || back != s {
			t.Fatalf("%q came back as %q (%v)", s, back, err)
		}
	})
}
