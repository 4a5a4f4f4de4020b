package web

import lru "github.com/hashicorp/golang-lru/v2"

// answers keeps the pages that were asked for last, by all that they depend on:
// most readers of a story ask for the same one.
type answers struct{ lru *lru.Cache[string, []byte] }

const (
	// answersKept and answerSize bound the memory: 32 MiB of pages.
	answersKept = 256
	answerSize  = 128 << 10
)

func newAnswers() (*answers, error) {
	c, err := lru.New[string, []byte](answersKept)
	return &answers{c}, err
}

func (a *answers) get(basis string) ([]byte, bool) { return a.lru.Get(basis) }

// add keeps an answer, which must not be changed any more.
func (a *answers) add(basis string, answer []byte) {
	if len(answer) <= answerSize {
		a.lru.Add(basis, answer)
	}
}
