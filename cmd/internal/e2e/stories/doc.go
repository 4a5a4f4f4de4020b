// Package stories tells four summits that took place, in nothing but typed facts, and
// holds what the server makes of them: what stands, the headlines, the calendar,
// the contradictions and the page.
//
// It is tests alone. A story is a file of events in testdata, one a line, the first of
// which opens the summit. -update writes what is compared with.
package stories
