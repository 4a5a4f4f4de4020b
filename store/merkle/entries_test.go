package merkle

import (
	"bytes"
	"slices"
	"testing"
)

func TestBundlesRoundTrip(t *testing.T) {
	for name, entries := range map[string][][]byte{
		"one":         {[]byte("a")},
		"empty ones":  {{}, {}, []byte("b"), {}},
		"the most":    entriesOf(width),
		"the longest": {bytes.Repeat([]byte("x"), MaxEntry), []byte("y")},
	} {
		b, err := FormatEntries(entries)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseEntries(b, len(entries)); err != nil || !slices.EqualFunc(got, entries, bytes.Equal) {
			t.Errorf("%s: came back as %d entries (%v)", name, len(got), err)
		}
	}
}

func TestBundleBytes(t *testing.T) {
	b, err := FormatEntries([][]byte{[]byte("ab"), {}, bytes.Repeat([]byte("x"), 258)})
	if want := "\x00\x02ab\x00\x00\x01\x02" + string(bytes.Repeat([]byte("x"), 258)); err != nil || string(b) != want {
		t.Fatalf("formatted as %q (%v)", b, err)
	}
}

func TestBadBundlesAreRefused(t *testing.T) {
	for name, entries := range map[string][][]byte{
		"none": nil, "too many": entriesOf(width + 1), "too long": {make([]byte, MaxEntry+1)},
	} {
		if _, err := FormatEntries(entries); err == nil {
			t.Errorf("%s: formatted", name)
		}
	}
	for _, c := range []struct {
		bundle string
		count  int
	}{
		{"", 0},
		{"", 1},
		{"", -1},
		{"\x00", 1},
		{"\x00\x01", 1},
		{"\x00\x02a", 1},
		{"\x00\x01a\x00", 1},
		{"\x00\x01a\x00", 2},
		{"\x00\x01a\x00\x01b", 1},
		{"\x00\x01a", 2},
		{string(make([]byte, 2*(width+1))), width + 1},
	} {
		if got, err := ParseEntries([]byte(c.bundle), c.count); err == nil {
			t.Errorf("%q was read as %q", c.bundle, got)
		}
	}
}

func FuzzEntries(f *testing.F) {
	f.Add([]byte("\x00\x01a\x00\x00"), 2)
	f.Add([]byte("\x00\x02a"), 1)
	f.Add([]byte{}, 0)
	f.Fuzz(func(t *testing.T, bundle []byte, count int) {
		entries, err := ParseEntries(bundle, count)
		if err != nil {
			return
		}
		if b, err := FormatEntries(entries); err != nil || !bytes.Equal(b, bundle) || len(entries) != count {
			t.Fatalf("%q came back as %q (%v)", bundle, b, err)
		}
	})
}
