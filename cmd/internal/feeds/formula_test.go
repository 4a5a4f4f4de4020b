package feeds

import (
	"bytes"
	"encoding/csv"
	stdjson "encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// numeric are the columns that hold numbers and nothing else.
var numeric = []string{"seq", "revision", "lat", "lon", "roots"}

// beginsFormula reports whether a spreadsheet could take a cell for a formula
// (OWASP, "CSV Injection").
func beginsFormula(cell string) bool {
	seen := strings.TrimLeftFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || r == '"' || unicode.Is(unicode.Cf, r) })
	return strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") || seen != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(seen)[0])
}

// said is a feed of one fact in which every text that a source can choose is the
// given one.
func said(t testing.TB, text string) Feed {
	t.Helper()
	data, err := stdjson.Marshal(map[string]any{text: text, "n": -1})
	if err != nil {
		t.Fatal(err)
	}
	lat, lon := -61.25, -149.807
	return feed(t, nil, fact(factA, "note.added", "note/a", func(it *projections.Item) {
		it.Headline, it.Attribution, it.Desk = text, text, text
		it.When, it.Where = &events.Moment{Text: text, Zone: text, After: text}, &events.Place{Name: text, ICAO: text, Lat: &lat, Lon: &lon}
		it.Data = jsontext.Value(data)
		amended(it, projections.AmendmentOf{ID: amend, Type: "fact.corrected", Recorded: hour(3), Notice: text + "\n" + text})
	}))
}

// cannotBeFormula checks a table as spreadsheets read it, with this separator or
// another.
func cannotBeFormula(t testing.TB, f Feed) {
	t.Helper()
	raw := written(t, func(b *bytes.Buffer) error { return writeCSV(b, f) })
	if !regexp.MustCompile(`^(?:"(?:[^"]|"")*",)*"(?:[^"]|"")*"\r\n`).MatchString(raw) {
		t.Errorf("a cell is not in quotes: %s", raw)
	}
	rows, err := csv.NewReader(strings.NewReader(raw)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v: %s", len(rows), err, raw)
	}
	for n, c := range rows[1] {
		if !slices.Contains(numeric, rows[0][n]) && beginsFormula(c) {
			t.Errorf("%s is a formula: %q", rows[0][n], c)
		}
	}
	for _, piece := range strings.FieldsFunc(raw, func(r rune) bool { return strings.ContainsRune(";\t\r\n", r) }) {
		if beginsFormula(piece) {
			t.Errorf("a formula for another separator: %q in %s", piece, raw)
		}
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	for _, text := range []string{
		"=1+1", "+1", "-1", "-8", "@SUM(A1)", "\t=1", " =1", "\n=1", "\r=1", "\x00=1", "＝1", "\u202e=1", "\u2066=1", "\u2067\u2069=1", `"=1+1`, `""=1`, "\u00a0=1", "\u200b=1", "\ufeff=1", hostile,
		"a;=1+1", "a; =1", `a;"=1`, "a;;=1", "a;=1;=2;", "a\n=1", "a\n\n=1", "a\t=1", "a;\t@x", "a;＋1", "x;=cmd|'/c calc'!A1;y",
	} {
		f := said(t, text)
		cannotBeFormula(t, f)
		row := readCSV(t, f)[0]
		if row["lat"] != "-61.25" || row["lon"] != "-149.807" {
			t.Errorf("a number is none any more: %s, %s", row["lat"], row["lon"])
		}
	}
	for _, text := range []string{"a = b, -c", "10:30-11:00", "a; b", "1,5 @ home", "'quoted'", "x=1"} {
		if s := cell(text); s != text {
			t.Errorf("an ordinary text became %q", s)
		}
	}
}

func TestTheDataOfATableIsTheSameJSON(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{";", "=", "+", "-", "@", `"`, " ", "\t", "\n", "\r", "a", "1", "＝", `\`, ",", "'", "\u2028", "é", "{", ":"})).Draw(r, "text"), "")
		f := said(t, text)
		cannotBeFormula(t, f)
		var got, want map[string]any
		if err := stdjson.Unmarshal([]byte(readCSV(t, f)[0]["data"]), &got); err != nil {
			r.Fatal(err)
		}
		if want = map[string]any{text: text, "n": -1.0}; !reflect.DeepEqual(got, want) {
			r.Fatalf("data %v, want %v", got, want)
		}
	})
}

func TestATableBeginsWithTheMarkOfItsEncodingWhereAsked(t *testing.T) {
	f := said(t, "Зеленський")
	plain := written(t, func(b *bytes.Buffer) error { return writeCSV(b, f) })
	f.BOM = true
	if marked := written(t, func(b *bytes.Buffer) error { return writeCSV(b, f) }); marked != "\xef\xbb\xbf"+plain || !strings.HasPrefix(plain, `"fact",`) {
		t.Errorf("begins with %q, and %q", marked[:8], plain[:8])
	}
}
