package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// broadcaster is the raw ceiling of a live stream: connections that are
// written the same bytes, with no log and no views behind them. What it sends
// it makes itself, or is posted as facts are: see [broadcaster.posts].
type broadcaster struct {
	mu    sync.Mutex
	more  *sync.Cond
	bytes []byte // of all frames
	lanes [][]*lane
	next  int
}

// lane is one connection, and how far it is.
type lane struct {
	conn net.Conn
	at   int
	gone bool
}

// RunBroadcaster prints where it listens and where it is posted to, and then
// answers "burst N", which sends so many frames at once, and "rate N SECONDS"
// until in ends.
func RunBroadcaster(ctx context.Context, in io.Reader, out io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	b := &broadcaster{lanes: make([][]*lane, runtime.GOMAXPROCS(0))}
	b.more = sync.NewCond(&b.mu)
	go b.accept(listener)
	for i := range b.lanes {
		go b.write(i)
	}
	fmt.Fprintf(out, "RAW %s\n", listener.Addr())
	at, stop, err := b.posts(ctx)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Fprintf(out, "POST %s\n", at)
	return serveLines(in, out, func(words []string) (any, error) {
		n, err := strconv.Atoi(words[1])
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", words, err)
		}
		if words[0] == "burst" {
			b.publish(n)
			return n, nil
		}
		seconds, err := strconv.Atoi(words[2])
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", words, err)
		}
		return n * seconds, pace(n, seconds, func() error { b.publish(1); return nil })
	})
}

func (b *broadcaster) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := bufio.NewReader(conn); ; {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if strings.TrimSpace(line) == "" {
					break
				}
			}
			if _, err := conn.Write([]byte("event: caught-up\ndata: {}\n\n")); err != nil {
				return
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			b.lanes[b.next%len(b.lanes)] = append(b.lanes[b.next%len(b.lanes)], &lane{conn: conn, at: len(b.bytes)})
			b.next++
		}()
	}
}

// publish appends frames as large as those of facts.
func (b *broadcaster) publish(n int) {
	for range n {
		b.frame(fmt.Sprint(stampMark, time.Now().UnixNano(), padding))
	}
	b.more.Broadcast()
}

func (b *broadcaster) frame(data string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bytes = fmt.Appendf(b.bytes, "id: 00000000-%d\nevent: fact\ndata: %s\n\n", len(b.bytes), data)
}

var padding = strings.Repeat("x", 620)

// write sends each connection of a worker all that is pending, in turn.
func (b *broadcaster) write(worker int) {
	sent := 0
	for {
		b.mu.Lock()
		for sent == len(b.bytes) {
			b.more.Wait()
		}
		bytes, lanes := b.bytes, b.lanes[worker]
		b.mu.Unlock()
		for _, l := range lanes {
			if l.gone || l.at == len(bytes) {
				continue
			}
			_, err := l.conn.Write(bytes[l.at:])
			l.at, l.gone = len(bytes), err != nil
		}
		sent = len(bytes)
	}
}

// pace does something so many times a second.
func pace(rate, seconds int, do func() error) error {
	every := time.Second / time.Duration(rate)
	began := time.Now()
	for n := range rate * seconds {
		time.Sleep(time.Until(began.Add(time.Duration(n) * every)))
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}
