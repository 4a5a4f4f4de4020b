package client

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
)

// Download streams an answer into a file, and shows on progress how far it is.
func (c *Client) Download(ctx context.Context, progress io.Writer, path string, into io.Writer) (int64, error) {
	res, err := c.Open(ctx, path, nil)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	m := &meter{w: progress, every: time.Second}
	n, err := io.Copy(into, io.TeeReader(res.Body, m))
	m.end()
	if err != nil && ctx.Err() == nil {
		err = cli.Exit(cli.Unreachable, fmt.Errorf("the server closed the connection after %d bytes: %w", n, err))
	}
	return n, err
}

// meter shows how many bytes have come, now and then.
type meter struct {
	w     io.Writer
	every time.Duration
	bytes int64
	shown time.Time
}

func (m *meter) Write(b []byte) (int, error) {
	m.bytes += int64(len(b))
	if now := time.Now(); now.Sub(m.shown) >= m.every {
		if !m.shown.IsZero() {
			fmt.Fprintf(m.w, "\r%d MB", m.bytes>>20)
		}
		m.shown = now
	}
	return len(b), nil
}

func (m *meter) end() {
	if m.bytes >= 1<<20 {
		fmt.Fprintf(m.w, "\r%d MB\n", m.bytes>>20)
	}
}
