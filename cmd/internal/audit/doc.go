// Package audit compares a summit's log with what a server serves: it reads the log again, makes
// the tree and every view again from its bytes, and names the first difference with both sides.
//
// [Run] runs an audit. Its memory does not grow with the log.
package audit
