// Package merkle gives proofs that a fact is in the log and that the log only
// grew. It is pure: what it keeps, it keeps through a [Store].
//
// The doors are [OpenTree], which grows a tree, [RootAt], [ProveInclusion],
// [ProveConsistency] and [ReadTile], which read one, and the Verify functions,
// which need none. [Sign] and [Open] write and read signed heads;
// [Accumulator] computes a head a second way. Trees are those of RFC 6962, kept
// in tiles of height 8 (C2SP tlog-tiles).
//
// What is read is untrusted: every text has one form, every size has a bound,
// and each parser takes only what its formatter gives.
package merkle
