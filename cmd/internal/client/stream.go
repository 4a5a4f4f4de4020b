package client

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Frame is a frame of a live stream. Its ID is the position to resume from once it
// was handled; a block that only moves the id on has no event.
type Frame struct {
	Event, ID, Data string
	Retry           time.Duration
}

// FrameReader reads the frames of Server-Sent Events, as the HTML standard defines
// them.
type FrameReader struct {
	Lines *bufio.Reader
	ID    string // the last one, which holds until another comes
	Heard func() // called with every line
}

// ErrStreamEnded is returned at the end of a stream.
var ErrStreamEnded = errors.New("the stream ends")

// Next returns the next frame.
func (r *FrameReader) Next() (Frame, error) {
	var f Frame
	var data []string
	for {
		line, err := r.Lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return f, ErrStreamEnded
		}
		if err != nil {
			return f, fmt.Errorf("read the stream: %w", err)
		}
		r.Heard()
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			f.ID, f.Data = r.ID, strings.Join(data, "\n")
			return f, nil
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			f.Event = value
		case "data":
			data = append(data, value)
		case "id":
			r.ID = value
		case "retry":
			if ms, err := strconv.Atoi(value); err == nil {
				f.Retry = time.Duration(ms) * time.Millisecond
			}
		}
	}
}
