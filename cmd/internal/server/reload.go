package server

import (
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// reloads are what SIGHUP has a server read again. It may come at any moment from
// the start to the end.
type reloads struct {
	logger *slog.Logger

	mu   sync.Mutex // guards what follows
	list []reload
	seen bool // a signal has come
}

// reload reads one thing again, or leaves it as it was and says why.
type reload struct {
	what  string
	again func() error
}

// add has something read again at each signal. If one has come already, perhaps
// since it was read first, it is read again at once.
func (r *reloads) add(what string, again func() error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, reload{what, again})
	if r.seen {
		r.run(r.list[len(r.list)-1:])
	}
}

// listen obeys SIGHUP until stop is called. The signal then does nothing: it never
// ends a process that drains.
func (r *reloads) listen() (stop func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGHUP)
	go func() {
		for {
			select {
			case <-signals:
				r.all()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}

// all reads everything again. What cannot be read stays as it was.
func (r *reloads) all() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = true
	r.run(r.list)
}

func (r *reloads) run(list []reload) {
	for _, x := range list {
		if err := x.again(); err != nil {
			r.logger.Error("not reloaded", "what", x.what, "error", err)
			continue
		}
		r.logger.Info("reloaded", "what", x.what)
	}
}
