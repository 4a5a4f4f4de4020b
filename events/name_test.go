package events

import (
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestNamesThatAreOne(t *testing.T) {
	for _, same := range [][]string{
		{"José Muñoz", norm.NFD.String("José Muñoz"), "JOSÉ MUÑOZ", "Jos\u00e9\u200b Mu\u00f1oz", "  José \t Muñoz "},
		{"Владимир Зеленський", "ВЛАДИМИР ЗЕЛЕНСЬКИЙ", norm.NFD.String("Владимир Зеленський")},
		{"Weißes Haus", "WEISSES HAUS", "Weisses Haus"},
		{"Reuters", "Reu\u00adters", "Reuters\u200f", "\ufeffReuters", "Reut\u2060ers", "Reu\u034fters", "Reuters\ufe0f", "Reuters\U000e0020", "Reu\u180eters", "\u061cReuters", "\u3164Reuters", "R\u2066euters\u2069"},
		{"White House", "White\u00a0House", "white\u2003house", "White \u200b House"},
		{"ΣΊΣΥΦΟΣ", "σίσυφος", "Σίσυφοσ"},
		{"한국", norm.NFD.String("한국")},
		{"a\u0301\u0323", "a\u0323\u0301", "a\u0301\u034f\u0323"},
		{"\u212bngström", "Ångström", "a\u030angstro\u0308m"},
	} {
		for _, x := range same[1:] {
			if !SameName(same[0], x) {
				t.Errorf("%+q and %+q are two: keys %+q, %+q", same[0], x, NameKey(same[0]), NameKey(x))
			}
		}
	}
}

func TestNamesThatAreTwo(t *testing.T) {
	for _, two := range [][2]string{
		{"Reuters", "Reuter s"}, {"José", "Jose"}, {"Donald Trump", "Donald Trump Jr"}, {"м", "m"}, {"١", "1"}, {"ﬁ\u0301", "fi"},
	} {
		if SameName(two[0], two[1]) {
			t.Errorf("%+q and %+q are one: %+q", two[0], two[1], NameKey(two[0]))
		}
	}
}

func TestANameKeyIsItsOwnKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		key := NameKey(name)
		if again := NameKey(key); again != key {
			t.Fatalf("%+q has the key %+q, whose key is %+q", name, key, again)
		}
		if other := NameKey(norm.NFD.String(name)); other != key {
			t.Fatalf("%+q is %+q, but decomposed %+q", name, key, other)
		}
	})
}

func TestTheCaseOfNoLetterCounts(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		key := NameKey(string(r))
		if again := NameKey(key); again != key {
			t.Errorf("%U has the key %+q, whose key is %+q", r, key, again)
		}
		if other := NameKey(string(unicode.SimpleFold(r))); other != key {
			t.Errorf("%U has the key %+q, in the other case %+q", r, key, other)
		}
	}
}

func TestOneNameIsOneRoot(t *testing.T) {
	const name = "Jos\u00e9"
	list := Sources{{ID: "a", Name: name}, {ID: "b", Name: norm.NFD.String(name)}, {ID: "c", Name: "jos\u00e9\u200b"}}
	if got := list.RootNames(); len(got) != 1 || got[0] != name {
		t.Errorf("roots %+q, want the one name as it came first", got)
	}
}
