//go:build !race

package main

// heaviness is how many times the memory this program takes of what it takes
// where nobody watches for races: the same.
const heaviness = 1
