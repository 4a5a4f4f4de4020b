//go:build !unix

package live

// canTry reports whether connections can be written to without waiting: here each
// reader keeps its goroutine.
const canTry = false

func (*wire) try([]byte) (int, error) { return 0, nil }

func (*wire) patient() error { return nil }
