package naming

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The spellings are those of ALA-LC and BGN/PCGN, of agencies, and of German and French papers.
func TestSpellingsOfOneName(t *testing.T) {
	for _, spellings := range [][]string{
		{"Сергей Лавров", "Sergey Lavrov", "Sergei Lavrov", "SERGEJ LAWROW", "Serguei Lavrov"},
		{"Юрий Ушаков", "I\ufe20U\ufe21riĭ Ushakov", "Yuriy Ushakov", "Yuri Ushakov", "Yury Ushakov", "Juri Uschakow"},
		{"Володимир Зеленський", "Volodymyr Zelenskyy", "Volodymyr Zelensky", "Volodymyr Zelenskiy"},
		{"Дмитрий Песков", "Dmitry Peskov", "Dmitrii Peskov", "Dmitri Peskow"},
		{"Алексей Лихачёв", "Aleksey Likhachyov", "Alexei Likhachev"},
		{"Мария Захарова", "Mariya Zakharova", "Maria Zakharova"},
		{"Александр Новак", "Aleksandr Novak", "Alexander Novak"},
		{"Кирилл Дмитриев", "Kirill Dmitriev", "Kirill Dmitriyev"},
		{"Марко Рубио", "Marco Rubio"},
		{"Эльмендорф-Ричардсон", "Elmendorf-Richardson", "elmendorf richardson"},
		{"Ил-96-300", "Il-96-300", "il 96 300"},
		{"Київ", "Kyiv"},
		{"习近平", "Xi Jinping", "Xi Jin Ping"},
		{"Zoë Müller", "Zoe Mueller", "zoe muller"},
		{"O'Hare", "O’Hare", "Ohare"},
	} {
		for _, other := range spellings[1:] {
			if !SameSpelling(spellings[0], other) {
				t.Errorf("%q (%q) and %q (%q) are not one name", spellings[0], Spelling(spellings[0]), other, Spelling(other))
			}
		}
	}
}

func TestOtherNamesAreOtherSpellings(t *testing.T) {
	for _, pair := range [][2]string{
		{"Сергей Лавров", "Sergei Lavrin"},
		{"Putin", "Pushin"},
		{"Il-96-300", "Il-96-400"},
		{"RA-96022", "RA-9602"},
		{"RA-96022", "RA-96002"},
		{"Иван", "Ivanov"},
		{"Anton", "Antony"},
		{"", ""},
		{"–", "—"},
	} {
		if SameSpelling(pair[0], pair[1]) {
			t.Errorf("%q and %q are taken for one name: %q", pair[0], pair[1], Spelling(pair[0]))
		}
	}
}

// A name and the id that is made of it are found alike, and so is a name in capitals.
func TestAnIDIsSpelledAsItsName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-Za-zА-Яа-яÀ-ÿ一-龥0-9 ’.-]{0,8}`).Draw(t, "name")
		if id := Slug(name); id != "" && !SameSpelling(name, id) {
			t.Fatalf("%q is spelled %q, its id %q %q", name, Spelling(name), id, Spelling(id))
		}
		if upper := strings.ToUpper(name); len(upper) == len(name) && Spelling(upper) != Spelling(name) {
			t.Fatalf("%q is spelled %q, in capitals %q", name, Spelling(name), Spelling(upper))
		}
	})
}
