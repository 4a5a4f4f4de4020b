// Package merkle gives proofs that a fact is in the log and that the log only
// grew. It is pure: what it keeps, it keeps through a [Store].
//
// The doors are [OpenTree], which grows a tree, [RootAt], [ProveInclusion] and
// [ProveConsistency], which read one, and the Verify functions, which need
// none. Trees are those of RFC 6962, kept in tiles of height 8 (C2SP
// tlog-tiles).
package merkle
