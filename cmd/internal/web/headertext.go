package web

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// headerText returns the value of an attribute from its header: a quoted string
// (RFC 9110, section 5.6.4) is unquoted, then percent-encoding is undone once
// (CloudEvents HTTP binding 1.0.2, section 3.1.3.2).
func headerText(values ...string) (string, error) {
	if len(values) != 1 {
		return "", fmt.Errorf("is given %d times; an attribute has one value", len(values))
	}
	text := percentDecoded(unquoted(values[0]))
	if !utf8.ValidString(text) {
		return "", errors.New("is not UTF-8: percent-encode the bytes of UTF-8")
	}
	return text, nil
}

// unquoted undoes the quotation marks that older versions of the binding allow.
func unquoted(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	var out strings.Builder
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' && i+1 < len(s)-1 {
			i++
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// percentDecoded undoes percent-encoding. A percent sign without two hexadecimal
// digits after it stands for itself: widespread SDKs do not encode at all.
func percentDecoded(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if b, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				out = append(out, b...)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}
