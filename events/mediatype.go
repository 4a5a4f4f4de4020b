package events

import (
	"fmt"
	"mime"
	"strings"
)

// CheckJSONType returns an error unless a media type is that of JSON in UTF-8:
// application/json or a type with the suffix +json, in any case and with any
// parameters.
func CheckJSONType(text string) error {
	t, params, err := mime.ParseMediaType(text)
	if err != nil {
		return fmt.Errorf("%q is not a media type: use application/json", clip(text))
	}
	_, sub, _ := strings.Cut(t, "/")
	if sub != "json" && !strings.HasSuffix(sub, "+json") {
		return fmt.Errorf("must be application/json, not %q: data is JSON", clip(text))
	}
	if charset, given := params["charset"]; given && !strings.EqualFold(charset, "utf-8") {
		return fmt.Errorf("must be in UTF-8, not %q", clip(charset))
	}
	return nil
}
