// Package storytest is test support: it makes up stories of a summit and works
// out, from the contract alone and with none of the code that folds events,
// what the timeline and the status of such a story must say. Events are plain
// JSON here, as a client sends them.
package storytest
