//go:build race

package projections

// manyStories is how many random stories are told. The detector of races makes each of them ten
// times as slow, and finds in some what it finds in many: CI tells all of them without it.
const manyStories = 25
