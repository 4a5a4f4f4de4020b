package server

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// A signal reaches what was opened before it, even if that registers later.
func TestASignalWhileAServerStartsIsNotMissed(t *testing.T) {
	var log bytes.Buffer
	r := &reloads{logger: slog.New(slog.NewTextHandler(&log, nil))}
	read := map[string]int{}
	count := func(what string, err error) func() error {
		return func() error { read[what]++; return err }
	}
	r.add("early", count("early", nil))
	r.all()
	r.add("late", count("late", errors.New("it is damaged")))
	if read["early"] != 1 || read["late"] != 1 {
		t.Errorf("%v", read)
	}
	r.all()
	if read["early"] != 2 || read["late"] != 2 || !strings.Contains(log.String(), "it is damaged") {
		t.Errorf("%v: %s", read, &log)
	}
}
