package merkle

import (
	"encoding/base64"
	"errors"
)

func encode64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// decode64 takes only the one text that encode64 gives. The library's decoder
// skips line ends and ignores spare bits, so that one signature would have
// several texts.
func decode64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || encode64(b) != s {
		return nil, errors.New("not canonical base64")
	}
	return b, nil
}
