// Package audit holds a summit's log against what a server says of it: the log
// is read again, the tree and every view are made anew from its bytes, and the
// first difference is named with both sides.
//
// The door is [Run]. Memory does not grow with the log.
package audit
