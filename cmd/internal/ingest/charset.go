package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

var errUTF8 = errors.New("its text is not UTF-8, and neither the server nor the document names another charset")

// declared finds the encoding in an XML declaration that can be read as ASCII.
var declared = regexp.MustCompile(`^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// decodeText returns a document as UTF-8. As RFC 7303 has it, a byte order mark
// outweighs the charset of the media type, and that outweighs the declaration
// of the document; without any of them it is UTF-8.
func decodeText(b []byte, mediaType string) ([]byte, error) {
	if enc, skip := marked(b); enc != nil {
		return transcode(b[skip:], enc)
	}
	for _, label := range []string{charsetOf(mediaType), declaredIn(b)} {
		if enc := encodingOf(label, b); enc != nil {
			return transcode(b, enc)
		}
	}
	if !utf8.Valid(b) {
		return nil, errUTF8
	}
	return b, nil
}

// marked is the encoding that a byte order mark names, or that the first
// characters of XML and JSON show, and the length of the mark.
func marked(b []byte) (enc encoding.Encoding, skip int) {
	for _, m := range []struct {
		start string
		skip  int
		enc   encoding.Encoding
	}{
		{"\xef\xbb\xbf", 3, unicode.UTF8},
		{"\xff\xfe\x00\x00", 4, utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
		{"\x00\x00\xfe\xff", 4, utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
		{"\xff\xfe", 2, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"\xfe\xff", 2, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
		{"<\x00\x00\x00", 0, utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
		{"\x00\x00\x00<", 0, utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
		{"<\x00", 0, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"\x00<", 0, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
		{"{\x00", 0, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"\x00{", 0, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	} {
		if bytes.HasPrefix(b, []byte(m.start)) {
			return m.enc, m.skip
		}
	}
	return nil, 0
}

// charsetOf is the charset parameter of a media type, or "" if it has none.
func charsetOf(mediaType string) string {
	_, params, err := mime.ParseMediaType(mediaType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return ""
	}
	return params["charset"]
}

func declaredIn(b []byte) string {
	if m := declared.FindSubmatch(b[:min(len(b), 1024)]); m != nil {
		return string(m[1])
	}
	return ""
}

// encodingOf is the encoding that a label names, or nil if there is none, and
// where the document cannot be in it: a document whose first character takes
// one byte is in no UTF-16.
func encodingOf(label string, b []byte) encoding.Encoding {
	label = strings.ToLower(strings.TrimSpace(label))
	if label == "" || strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "utf-32") {
		return nil
	}
	if label == "us-ascii" && utf8.Valid(b) {
		return unicode.UTF8
	}
	switch enc, name := charset.Lookup(label); name {
	case "utf-8":
		return unicode.UTF8
	case "replacement":
		return nil
	default:
		return enc // nil where nobody knows the label
	}
}

func transcode(b []byte, enc encoding.Encoding) ([]byte, error) {
	if enc == unicode.UTF8 {
		if !utf8.Valid(b) {
			return nil, errors.New("it is declared as UTF-8, but is not valid UTF-8")
		}
		return b, nil
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return nil, fmt.Errorf("decode its text: %w", err)
	}
	return out, nil
}
