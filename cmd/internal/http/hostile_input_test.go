package httpserver_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
)

// tokens are texts that mean something to somebody on the way: a header, a
// path, a subject of NATS, a terminal, a page, a query, a file.
var hostileTexts = []string{
	"x\r\nX-Injected: yes", "x%0d%0aX-Injected:%20yes", "x\nX-Injected: yes\n\n<html>", "\x00", "%00", "..", "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e", "%252e%252e/", `..\..\x`,
	"*", ">", "facts.>", "a.*.b", "note/>", "note/*", "a/b.c", "$JS.API.STREAM.DELETE.SUMMIT_alaska-2025", "_INBOX.>",
	"\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "\u202etxt.exe", "\u0000", "\ufeff", "\xff\xfe", "\xc3\x28", "\xed\xa0\x80", "💥",
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "{{.}}", "${jndi:ldap://x}", "' OR 1=1--", "javascript:alert(1)", "//evil.example", `/\evil.example`, "https://evil.example/",
	"-1", "0", "1e999999", "99999999999999999999999", "NaN", "2025-13-45T99:99:99Z", "9999-12-31T23:59:59.999999999+23:59", "0000-00-00T00:00:00Z", "@18446744073709551615", "ffffffff-18446744073709551615",
	" ", "", "null", "true", "[]", "{}", `{"a":`,
}

// seedEvents are what the fuzzers of events begin with: every type in every
// version, and what is not an event.
func seedEvents(f interface {
	Helper()
	Fatal(args ...any)
},
) [][]byte {
	f.Helper()
	files, err := filepath.Glob("../../../events/testdata/golden/*/*.json")
	if err != nil || len(files) < 24 {
		f.Fatal(files, err)
	}
	seeds := [][]byte{[]byte(`{"data":{"sources":[{"via":["x"]}]},"type":"fact.corrected"}`), []byte(`[[[[`), []byte(servertest.Note("a", "a")), []byte(servertest.Batch(servertest.Note("a", "a"), servertest.Note("b", "b")))}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		b = bytes.ReplaceAll(b, []byte(`"specimen"`), []byte(`"alaska-2025"`))
		seeds = append(seeds, b, bytes.Replace(b, []byte(`"id":"0198a9f2-7c1e-7000-8000-000000000001",`), nil, 1))
	}
	return seeds
}

// bombs are small to write down and large, deep or slow to read.
func bombs() map[string]string {
	deep := func(open, middle, shut string, n int) string {
		return strings.Repeat(open, n) + middle + strings.Repeat(shut, n)
	}
	in := func(data string) string { return servertest.Event("note.added", "note/a", data) }
	return map[string]string{
		"deep lists":         deep("[", "", "]", 1_000_000),
		"deep lists, open":   strings.Repeat("[", 1_000_000),
		"deep objects":       deep(`{"a":`, "1", "}", 200_000),
		"deep data":          `{"source":"/d","type":"note.added","subject":"note/a","data":` + deep(`{"a":`, "1", "}", 9_000) + `}`,
		"deep lists in data": `{"source":"/d","type":"note.added","subject":"note/a","data":{"text":` + deep("[", "", "]", 25_000) + `}}`,
		"many members":       `{` + strings.Repeat(`"a":1,`, 100_000) + `"b":1}`,
		"many sources":       in(`{"text":"x","sources":[` + strings.Repeat(`{"id":"s","name":"S"},`, 2_000) + `{"id":"t","name":"T"}]}`),
		"long number":        in(`{"text":` + strings.Repeat("9", 50_000) + `}`),
		"huge exponent":      in(`{"text":1e999999999}`),
		"escapes":            in(`{"text":"` + strings.Repeat(`\u0000`, 9_000) + `"}`),
		"half a surrogate":   in(`{"text":"\ud800"}`),
		"white space":        strings.Repeat(" ", 1<<20) + servertest.Note("a", "a"),
		"a patch of depth":   servertest.Event("fact.corrected", "note/a", `{"target":"`+servertest.ID(1)+`","class":"corrected","notice":"n","patch":`+deep(`{"a":`, "1", "}", 5_000)+`}`),
		"a list of bombs":    "[" + strings.Repeat(`{"a":[[[[[[[[`, 10_000),
		"empty events":       "[" + strings.Repeat("{},", 100_000) + "{}]",
	}
}

// mutate changes bytes as somebody would who looks for a fault.
func mutate(r *rand.Rand, b []byte) []byte {
	b = bytes.Clone(b)
	for range 1 + r.IntN(3) {
		if len(b) == 0 {
			return []byte(pick(r))
		}
		at := r.IntN(len(b))
		to := at + r.IntN(min(len(b)-at, 40)+1)
		switch r.IntN(8) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
		case 1:
			b = append(b[:at:at], b[to:]...)
		case 2:
			b = append(b[:to:to], b[at:]...)
		case 3:
			b = append(b[:at:at], append([]byte(pick(r)), b[at:]...)...)
		case 4:
			b = b[:at]
		case 5: // a text becomes another
			if parts := bytes.Split(b, []byte(`"`)); len(parts) > 2 {
				parts[1+r.IntN(len(parts)-2)] = []byte(pick(r))
				b = bytes.Join(parts, []byte(`"`))
			}
		case 6: // a value becomes another
			if parts := bytes.Split(b, []byte(`:`)); len(parts) > 1 {
				n := 1 + r.IntN(len(parts)-1)
				parts[n] = append([]byte([]string{"null", "1e999", "-0", "[[]]", `{"":{}}`, "true", `"\u0000"`}[r.IntN(7)]), parts[n]...)
				b = bytes.Join(parts, []byte(`:`))
			}
		case 7:
			b = append(append([]byte(`{"a":`), b...), '}')
		}
	}
	return b
}

func pick(r *rand.Rand) string { return hostileTexts[r.IntN(len(hostileTexts))] }
