package events

import "strings"

// OrNearest returns words that offer the known name nearest to the one given, or ""
// if none is near.
func OrNearest(given string, known []string) string {
	if n := Nearest(given, known); n != "" {
		return "; did you mean " + n + "?"
	}
	return ""
}

// OrOneOf returns words that offer the nearest known name, if one is near, and then
// list all of them: "; did you mean note? The fields are lang, note".
func OrOneOf(given, names string, known []string) string {
	all := names + " are " + strings.Join(known, ", ")
	if near := OrNearest(given, known); near != "" {
		return near + " The " + all
	}
	return "; the " + all
}

// Nearest returns the word that somebody who typed word most likely meant. It returns
// "" if none is near.
func Nearest(word string, known []string) string {
	given := []rune(word)
	best, least := "", max(len(given)/3, 1)+1
	for _, k := range known {
		letters := []rune(k)
		if len(given) >= len(letters)+least || len(letters) >= len(given)+least {
			continue // so many would have to be inserted at least: a long word costs nothing
		}
		if d := distance(given, letters); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance returns how many characters must be inserted, deleted, replaced or swapped
// with their neighbour to turn a into b.
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range b {
		rows[0][j+1] = j + 1
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
