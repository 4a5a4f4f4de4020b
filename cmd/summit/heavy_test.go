//go:build race

package main

// heaviness is how many times the memory a program takes that watches for races.
const heaviness = 6
