package objects

import "github.com/go-json-experiment/json/jsontext"

// Difference is one value that changed; Path is a JSON Pointer, in which the
// entries of a list of things with ids are named by their id.
type Difference struct {
	Path string         `json:"path"`
	Was  jsontext.Value `json:"was"`
	Now  jsontext.Value `json:"now"`
}
