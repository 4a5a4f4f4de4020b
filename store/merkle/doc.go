// Package merkle proves that an event is in the log and that the log only grew. It does no
// I/O of its own: what it keeps, it keeps through a [Store].
//
// [OpenTree] returns a tree that can grow. [RootAt], [ProveInclusion], [ProveConsistency]
// and [ReadTile] read one, and the Verify functions need none. [Sign] and [Open] write and
// read signed heads; [Accumulator] computes a head in a second, independent way. Trees are
// those of RFC 6962, kept in tiles of height 8 (C2SP tlog-tiles).
package merkle
