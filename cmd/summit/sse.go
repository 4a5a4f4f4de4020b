package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// sseFrame is a frame of a live stream. Its id is the position to come back to
// once it was taken; a block that only moves the id on has no event.
type sseFrame struct {
	event, id, data string
	retry           time.Duration
}

// sseReader reads frames as the HTML standard has them.
type sseReader struct {
	lines *bufio.Reader
	id    string // the last one, which holds until another comes
	heard func() // called with every line
}

// errEnds is the error of a stream that ended in order.
var errEnds = errors.New("the stream ends")

func (r *sseReader) next() (sseFrame, error) {
	var f sseFrame
	var data []string
	for {
		line, err := r.lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return f, errEnds
		}
		if err != nil {
			return f, fmt.Errorf("read the stream: %w", err)
		}
		r.heard()
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			f.id, f.data = r.id, strings.Join(data, "\n")
			return f, nil
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			f.event = value
		case "data":
			data = append(data, value)
		case "id":
			r.id = value
		case "retry":
			if ms, err := strconv.Atoi(value); err == nil {
				f.retry = time.Duration(ms) * time.Millisecond
			}
		}
	}
}
