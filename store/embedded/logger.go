package embedded

import (
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
)

// logger hands the server's log on, and catches the fatal errors of its start,
// which would end the process or pass in silence.
type logger struct {
	to    *slog.Logger
	fatal chan string
	erred atomic.Bool // an error was logged since somebody looked
}

func newLogger(to *slog.Logger) *logger {
	if to == nil {
		to = slog.New(slog.DiscardHandler)
	}
	return &logger{to: to.With("from", "nats"), fatal: make(chan string, 1)}
}

func (l *logger) Noticef(format string, v ...any) { l.to.Debug(fmt.Sprintf(format, v...)) }
func (l *logger) Debugf(format string, v ...any)  { l.to.Debug(fmt.Sprintf(format, v...)) }
func (l *logger) Tracef(format string, v ...any)  { l.to.Debug(fmt.Sprintf(format, v...)) }

func (l *logger) Errorf(format string, v ...any) {
	l.erred.Store(true)
	l.to.Error(fmt.Sprintf(format, v...))
}

// Warnf hands warnings on, but one: the passwords it is about are random and
// lie in memory, or in a file that its owner alone can read.
func (l *logger) Warnf(format string, v ...any) {
	if strings.HasPrefix(format, "Plaintext passwords detected") {
		l.Debugf(format, v...)
		return
	}
	l.erred.Store(true)
	l.to.Warn(fmt.Sprintf(format, v...))
}

func (l *logger) Fatalf(format string, v ...any) {
	select {
	case l.fatal <- fmt.Sprintf(format, v...):
	default:
	}
}
