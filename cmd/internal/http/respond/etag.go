package respond

import (
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
)

// VariesBy are the request headers that an answer of the views depends on.
const VariesBy = "Accept, Accept-Language, Accept-Encoding, Authorization"

// Unchanged sets the entity tag of an answer. It answers 304 and returns true if
// the client has the answer already.
func Unchanged(w http.ResponseWriter, r *http.Request, basis string) bool {
	tag := fnv.New64a()
	_, _ = tag.Write([]byte(basis)) // it never fails
	etag := `"` + strconv.FormatUint(tag.Sum64(), 16) + `"`
	w.Header().Set("Etag", etag)
	if !matches(r.Header.Values("If-None-Match"), etag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// matches reports whether If-None-Match has a tag. It compares weakly.
func matches(headers []string, etag string) bool {
	for candidate := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == etag || candidate == "*" {
			return true
		}
	}
	return false
}
