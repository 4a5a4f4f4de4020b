package ingest

import (
	"strings"
	"testing"
	"unicode/utf16"
)

func utf16Bytes(s string, big bool) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		hi, lo := byte(u>>8), byte(u)
		if big {
			b.Write([]byte{hi, lo})
		} else {
			b.Write([]byte{lo, hi})
		}
	}
	return b.String()
}

// The order is that of RFC 7303, section 3: byte order mark, charset of the
// media type, XML declaration, UTF-8.
func TestTheCharsetIsThatOfRFC7303(t *testing.T) {
	const word = "Встреча"
	cp1251 := "\xc2\xf1\xf2\xf0\xe5\xf7\xe0"
	koi8 := "\xf7\xd3\xd4\xd2\xc5\xde\xc1"
	xml := func(encoding, text string) string {
		return `<?xml version="1.0" encoding="` + encoding + `"?><t>` + text + `</t>`
	}
	for name, c := range map[string]struct{ in, media, want string }{
		"nothing said":                  {"<t>" + word + "</t>", "", word},
		"declaration":                   {xml("windows-1251", cp1251), "application/rss+xml", word},
		"single quotes":                 {`<?xml version='1.0' encoding='koi8-r' ?><t>` + koi8 + `</t>`, "", word},
		"header over declaration":       {xml("utf-8", cp1251), "text/xml; charset=windows-1251", word},
		"header quoted, upper case":     {xml("utf-8", cp1251), `application/xml; Charset="Windows-1251"`, word},
		"header without a declaration":  {"<t>" + koi8 + "</t>", "text/xml;charset=KOI8-R", word},
		"mark over header":              {"\xef\xbb\xbf" + xml("koi8-r", word), "text/xml; charset=windows-1251", word},
		"UTF-16 LE, mark over header":   {"\xff\xfe" + utf16Bytes(xml("utf-16", word), false), "text/xml; charset=utf-8", word},
		"UTF-16 BE":                     {"\xfe\xff" + utf16Bytes(xml("utf-16", word), true), "", word},
		"UTF-16 LE without a mark":      {utf16Bytes(xml("utf-16", word), false), "", word},
		"UTF-16 BE without a mark":      {utf16Bytes(xml("UTF-16BE", word), true), "application/xml; charset=utf-16be", word},
		"not the UTF-16 that is said":   {xml("utf-16", word), "", word},
		"unknown in the header":         {xml("windows-1251", cp1251), "text/xml; charset=x-nobody", word},
		"Latin 1":                       {xml("iso-8859-1", "Entrevue \xe0 Gen\xe8ve"), "", "Entrevue à Genève"},
		"Latin 2":                       {xml("iso-8859-2", "\xb1\xe6"), "", "ąć"},
		"Latin 9":                       {xml("ISO-8859-15", "\xa4"), "", "€"},
		"Shift_JIS":                     {xml("Shift_JIS", "\x89\xef\x92\x6b"), "", "会談"},
		"GB 18030":                      {xml("gb2312", "\xbb\xe1\xcc\xb8"), "", "会谈"},
		"ASCII that is more than ASCII": {"<t>" + word + "</t>", "text/xml; charset=us-ascii", word},
		"broken media type":             {xml("windows-1251", cp1251), "text/xml; charset", word},
	} {
		got, err := decodeText([]byte(c.in), c.media)
		if err != nil || !strings.Contains(string(got), c.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, in := range []string{"<t>" + cp1251 + "</t>", xml("utf-8", cp1251)} {
		if _, err := decodeText([]byte(in), ""); err == nil || !strings.Contains(err.Error(), "UTF-8") {
			t.Errorf("%q: %v", in, err)
		}
	}
}
