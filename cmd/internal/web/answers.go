package web

import lru "github.com/hashicorp/golang-lru/v2"

// answers keeps what was asked for last, by all that it depends on: most readers
// of a story ask for the same.
type answers struct{ lru *lru.Cache[string, []byte] }

const (
	// answersKept and answerSize bound the memory: 32 MiB.
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
