// Package projections is the door to the views of a summit: what its facts come
// to, in one file that can be thrown away and rebuilt.
//
// [Open] returns the [Engine] of one summit. Its Run follows the log; its queries
// read on both time axes: at, when things happened, and known, what the log held.
//
// The packages below internal do the work: engine follows the log, fold puts the
// rows, item, posting and status read them. DESIGN.md draws how. A file here is
// one question that can be asked.
package projections
