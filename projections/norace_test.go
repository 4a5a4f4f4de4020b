//go:build !race

package projections

// manyStories is how many random stories are told.
const manyStories = 100
