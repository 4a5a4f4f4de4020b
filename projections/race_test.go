//go:build race

package projections

// manyStories is how many random stories are told: fewer with the race detector, which makes each
// much slower. CI tells all of them without it.
const manyStories = 25
