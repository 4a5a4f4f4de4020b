// Package vault keeps values apart from the logs, so that they can be destroyed.
//
// The door is [Open]. A value is kept under a key of a summit. JetStream takes a deleted
// message out of its files on a lone server, but on a cluster the Raft logs of the members
// keep it; only a stream that is deleted as a whole leaves no byte. So a summit's values are
// in streams of a few hundred: to destroy one, the others of its stream are copied to
// another, and the stream is deleted.
package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/store"
)

// Options of a vault.
type Options struct {
	Replicas int // of a new stream; 0 is 1
	// Shared reports whether other servers use the same vault.
	Shared bool
	// Force is that of [store.Options], nil where the broker syncs by itself.
	Force func(stream string) error
	// Erased, if it is given, returns once no file of a stream that was deleted is left.
	Erased func(ctx context.Context, stream string) error
	// Most is how many values a stream has; 0 is 256.
	Most int
}

const (
	streamPrefix  = "VAULT_"
	subjectPrefix = "vault."
	defaultMost   = 256
	// askWait is how long one question to the broker may take, and askTries how often it
	// is asked: a member of a cluster that stops takes questions with it.
	askWait  = 2 * time.Second
	askTries = 5
)

// Vault keeps the values of all summits.
type Vault struct {
	js jetstream.JetStream
	o  Options

	destroying sync.RWMutex // held for reading while values are put

	mu      sync.Mutex // guards what follows
	summits map[string]*index
}

// ErrUnavailable is the error of a vault that cannot be reached.
var ErrUnavailable = store.ErrUnavailable

// Open opens the vault on a JetStream.
func Open(c *nats.Conn, o Options) (*Vault, error) {
	js, err := jetstream.New(c)
	if err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	o.Replicas = max(o.Replicas, 1)
	if o.Most == 0 {
		o.Most = defaultMost
	}
	return &Vault{js: js, o: o, summits: map[string]*index{}}, nil
}

// Put keeps values of a summit by their keys. Once it returns nil they are on the disk, of
// a majority where several servers keep them. A key that is there already keeps its value.
func (v *Vault) Put(ctx context.Context, summit string, values map[string][]byte) error {
	v.destroying.RLock()
	defer v.destroying.RUnlock()
	if err := v.put(ctx, v.of(summit), values); err != nil {
		return fmt.Errorf("put into the vault of %s: %w", summit, err)
	}
	return nil
}

// put keeps values. A stream that is full, or is being destroyed, takes none: then another
// does.
func (v *Vault) put(ctx context.Context, s *index, values map[string][]byte) error {
	left := make(map[string][]byte, len(values))
	for key, value := range values {
		if !s.has(key) {
			left[key] = value
		}
	}
	for len(left) > 0 {
		b, err := v.open(ctx, s)
		if err != nil {
			return unavailable(err)
		}
		put, err := v.fill(ctx, b, left)
		if err != nil && !errors.Is(err, errClosed) {
			return unavailable(err)
		}
		if err == nil && v.o.Force != nil {
			err = b.force(v.o.Force, put[len(put)-1].seq)
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = errClosed // it was destroyed meanwhile
		}
		if err == nil && v.o.Shared {
			err = v.stillOpen(ctx, b)
		}
		switch {
		case errors.Is(err, errClosed):
			s.drop(b)
			continue // what was put there is put again
		case err != nil:
			return unavailable(err)
		}
		for _, p := range put {
			s.add(p.key, b)
			delete(left, p.key)
		}
	}
	return nil
}

// placed is a value that a stream has taken.
type placed struct {
	key string
	seq uint64
}

// errClosed is the error of a stream that takes no more.
var errClosed = errors.New("the stream of the vault takes no more values")

// fill puts as many values into a stream as it takes, and errClosed if that is none.
func (v *Vault) fill(ctx context.Context, b *stream, values map[string][]byte) (put []placed, err error) {
	for key, value := range values {
		seq, err := v.publish(ctx, b.subject(key), value)
		if errors.Is(err, errClosed) && len(put) > 0 {
			return put, nil
		}
		if err != nil {
			return nil, err
		}
		put = append(put, placed{key, seq})
	}
	return put, nil
}

func (v *Vault) publish(ctx context.Context, subject string, value []byte) (seq uint64, err error) {
	ack, err := ask(ctx, func(ctx context.Context) (*jetstream.PubAck, error) { return v.js.Publish(ctx, subject, value) })
	var api *jetstream.APIError
	switch {
	case err == nil:
		return ack.Sequence, nil
	case errors.Is(err, jetstream.ErrNoStreamResponse):
		return 0, errClosed
	case !errors.As(err, &api):
		return 0, err //nolint:wrapcheck // Put says what was being done
	case api.ErrorCode == streamSealed, strings.Contains(api.Description, storeFull):
		return 0, errClosed
	case strings.Contains(api.Description, subjectTaken):
		return 0, nil // it is there already
	}
	return 0, err //nolint:wrapcheck // as above
}

// What nats-server answers where a stream takes no message.
const (
	streamSealed jetstream.ErrorCode = 10109
	storeFull                        = "maximum messages exceeded"
	subjectTaken                     = "maximum messages per subject exceeded"
)

// stillOpen returns errClosed for a stream that another server has begun to destroy: what
// was put into it may have been too late to be copied.
func (v *Vault) stillOpen(ctx context.Context, b *stream) error {
	info, err := b.info(ctx)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound), err == nil && info.Config.Sealed:
		return errClosed
	case err != nil:
		return err //nolint:wrapcheck // Put says what was being done
	}
	return nil
}

// Get returns the values of a summit that there are under some keys.
func (v *Vault) Get(ctx context.Context, summit string, keys ...string) (map[string][]byte, error) {
	values, s := map[string][]byte{}, v.of(summit)
	for _, again := range []bool{false, true} {
		for _, key := range keys {
			if values[key] != nil {
				continue
			}
			value, err := v.value(ctx, s, key)
			if err != nil {
				return nil, fmt.Errorf("read from the vault of %s: %w", summit, unavailable(err))
			}
			if value != nil {
				values[key] = value
			}
		}
		if again || len(values) == len(keys) {
			break
		}
		if err := v.refresh(ctx, s); err != nil { // another server may have put it, or moved it
			return nil, fmt.Errorf("read from the vault of %s: %w", summit, unavailable(err))
		}
	}
	return values, nil
}

// value returns the value of a key, nil where the stream that had it does not have it.
func (v *Vault) value(ctx context.Context, s *index, key string) ([]byte, error) {
	b := s.where(key)
	if b == nil {
		return nil, nil
	}
	m, err := ask(ctx, func(ctx context.Context) (*jetstream.RawStreamMsg, error) {
		return b.handle.GetLastMsgForSubject(ctx, b.subject(key))
	})
	if errors.Is(err, jetstream.ErrMsgNotFound) || errors.Is(err, jetstream.ErrStreamNotFound) {
		s.drop(b)
		return nil, nil
	}
	if err != nil {
		return nil, err //nolint:wrapcheck // Get says what was being done
	}
	return m.Data, nil
}

// Kept is a key of the vault, and when its value was put.
type Kept struct {
	Key string
	At  time.Time // by the broker's clock; of a value that was copied, when it was
}

// Keys lists the keys of a summit.
func (v *Vault) Keys(ctx context.Context, summit string) (list []Kept, err error) {
	s := v.of(summit)
	if err := v.refresh(ctx, s); err != nil {
		return nil, fmt.Errorf("list the vault of %s: %w", summit, unavailable(err))
	}
	there := map[string]bool{} // one that two servers have put is in two streams
	for _, b := range s.all() {
		messages, err := v.contents(ctx, b)
		if err != nil {
			return nil, fmt.Errorf("list the vault of %s: %w", summit, unavailable(err))
		}
		for _, m := range messages {
			if key := b.key(m.Subject); !there[key] {
				there[key], list = true, append(list, Kept{Key: key, At: m.Time})
			}
		}
	}
	return list, nil
}

// ask asks the broker something, again if it does not answer.
func ask[T any](ctx context.Context, question func(ctx context.Context) (T, error)) (answer T, err error) {
	for range askTries {
		once, cancel := context.WithTimeout(ctx, askWait)
		answer, err = question(once)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			break
		}
	}
	return answer, err
}

func (b *stream) info(ctx context.Context, o ...jetstream.StreamInfoOpt) (*jetstream.StreamInfo, error) {
	return ask(ctx, func(ctx context.Context) (*jetstream.StreamInfo, error) { return b.handle.Info(ctx, o...) })
}

func unavailable(err error) error { return fmt.Errorf("%w: %w", ErrUnavailable, err) }
