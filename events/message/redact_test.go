package message

import (
	"strings"
	"testing"
)

func TestSealedTextsStandAsCommitmentsInJSON(t *testing.T) {
	c := strings.Repeat("C", CommitmentSize)
	for in, want := range map[string]string{
		`{"name":"\u000e` + c + `"}`:                  `{"name":{"sealed":"` + c + `"}}`,
		`["\u000e` + c + `","\u000e` + c + `"]`:       `[{"sealed":"` + c + `"},{"sealed":"` + c + `"}]`,
		`{"who":"\u000e` + c + ` and others"}`:        `{"who":"` + Redacted + ` and others"}`,
		`{"name":"\\u000e` + c + `"}`:                 `{"name":"\\u000e` + c + `"}`, // somebody wrote a backslash
		`{"name":"\\u000e","x":"\u000e` + c + `"}`:    `{"name":"\\u000e","x":{"sealed":"` + c + `"}}`,
		`{"name":"\\\\u000e` + c + `"}`:               `{"name":"\\\\u000e` + c + `"}`,
		`{"name":"plain","text":"\u000f is no mark"}`: `{"name":"plain","text":"\u000f is no mark"}`,
	} {
		if got := string(SealedJSON([]byte(in))); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
	if got := Redact("before " + SealMark + c + " after"); got != "before "+Redacted+" after" {
		t.Errorf("%q", got)
	}
}
