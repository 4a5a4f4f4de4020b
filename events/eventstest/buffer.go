package eventstest

import (
	"bytes"
	"sync"
)

// Buffer keeps what several goroutines, or another program, write to it.
type Buffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write adds bytes to the buffer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

// String returns what has been written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}
