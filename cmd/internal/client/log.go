package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/summit-timeline/summit/events"
)

// Log iterates over the stored bytes of the events from one sequence to another.
func (c *Client) Log(ctx context.Context, summit string, from, to uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		res, err := c.Open(ctx, Path(summit, fmt.Sprintf("/log?from=%d&to=%d", from, to)), nil)
		if err != nil {
			yield(nil, err)
			return
		}
		defer res.Body.Close()
		for in := bufio.NewReaderSize(res.Body, 2*events.MaxSize); ; {
			line, err := in.ReadSlice('\n')
			if errors.Is(err, io.EOF) && len(line) == 0 {
				return
			}
			if err != nil {
				yield(nil, c.BrokeOff(err))
				return
			}
			if !yield(append([]byte(nil), line[:len(line)-1]...), nil) {
				return
			}
		}
	}
}
