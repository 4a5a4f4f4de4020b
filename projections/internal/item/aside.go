package item

import "github.com/summit-timeline/summit/store"

// Quarantined is a stored event that could not be read, and why.
type Quarantined struct {
	Seq    uint64       `json:"seq"`
	Kind   store.Reason `json:"-"`
	Reason string       `json:"reason"`
}
