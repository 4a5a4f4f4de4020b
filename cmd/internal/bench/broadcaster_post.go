package bench

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// posts takes what is to be sent as a server takes facts, over HTTP, and has it
// on the disk before it answers and sends it: the least that whoever publishes
// to a log that loses nothing has to wait for.
func (b *broadcaster) posts(ctx context.Context) (url string, stop func(), err error) {
	file, err := os.CreateTemp("", "summit-bench-")
	if err != nil {
		return "", nil, fmt.Errorf("write a file: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: b.poster(file), ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }() // it ends when it is closed
	return "http://" + listener.Addr().String(), func() {
		_ = server.Close() // it was measured: how it ends counts for nothing
		_ = file.Close()
		_ = os.Remove(file.Name())
	}, nil
}

func (b *broadcaster) poster(file *os.File) http.HandlerFunc {
	var one sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		one.Lock()
		defer one.Unlock()
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = file.Write(body)
		}
		if err == nil {
			err = file.Sync()
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusCreated)
		b.frame(string(body))
		b.more.Broadcast()
	}
}
