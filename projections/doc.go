// Package projections folds the facts of a summit into views that can be
// thrown away and rebuilt.
//
// The door is [Open], which gives the [Engine] of one summit: it follows the
// log, keeps every view, the Merkle tree and its own cursor in one file that
// changes in one transaction, and answers queries on both time axes: at, when
// things happened, and known, what the log held.
package projections
