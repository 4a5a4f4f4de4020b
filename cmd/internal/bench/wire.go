package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// wire is a client that asks one thing again and again and reads no more of an
// answer than it must: on a small machine the client takes from what it measures.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(ctx context.Context, u *url.URL) (*wire, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

func (w *wire) close() { _ = w.conn.Close() }

// ask sends a request and gives the status of the answer.
func (w *wire) ask(request []byte) (int, error) {
	if _, err := w.conn.Write(request); err != nil {
		return 0, fmt.Errorf("ask: %w", err)
	}
	status, length := 0, 0
	for first := true; ; first = false {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return 0, fmt.Errorf("read the answer: %w", err)
		}
		if first {
			if len(line) < len("HTTP/1.1 200") {
				return 0, fmt.Errorf("read the answer: it begins with %q", line)
			}
			if status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return 0, fmt.Errorf("read the answer: %w", err)
			}
			continue
		}
		if len(line) <= 2 {
			break
		}
		switch name, value, _ := bytes.Cut(line, []byte(":")); string(name) { // as net/http writes them
		case "Content-Length":
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, fmt.Errorf("read the answer: %w", err)
			}
		case "Transfer-Encoding":
			return status, w.skipChunks()
		}
	}
	if _, err := w.in.Discard(length); err != nil {
		return 0, fmt.Errorf("read the answer: %w", err)
	}
	return status, nil
}

// skipChunks reads the rest of the head and a chunked body.
func (w *wire) skipChunks() error {
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		if len(line) <= 2 {
			break
		}
	}
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 32)
		if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		if _, err := io.CopyN(io.Discard, w.in, n+2); err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		if n == 0 {
			return nil
		}
	}
}
