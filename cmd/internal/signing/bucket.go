package signing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/store"
)

// Bucket is a [Register] in a NATS key-value bucket, which all servers of a
// cluster share.
type Bucket struct {
	js       jetstream.JetStream
	name     string
	replicas int

	mu sync.Mutex // guards what follows
	kv jetstream.KeyValue
}

// OpenBucket opens a bucket of JetStream. The broker is asked when the bucket is
// first needed; a bucket that is missing is then made with this many replicas.
func OpenBucket(conn *nats.Conn, name string, replicas int) (*Bucket, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("open the bucket %s: %w", name, err)
	}
	return &Bucket{js: js, name: name, replicas: replicas}, nil
}

// askWait is how long one request to the broker may take.
const askWait = 2 * time.Second

// Read returns the content under a name and its revision; nil if there is none.
func (s *Bucket) Read(ctx context.Context, name string) (content []byte, revision uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	kv, err := s.bucket(ctx)
	if err != nil {
		return nil, 0, s.fault("read", err)
	}
	e, err := kv.Get(ctx, name)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound), errors.Is(err, jetstream.ErrKeyDeleted):
		return nil, 0, nil
	case err != nil:
		s.forget()
		return nil, 0, s.fault("read", err)
	}
	return e.Value(), e.Revision(), nil
}

// Swap replaces a revision with new content; revision 0 means that there is none
// yet. It returns false if another revision came first.
func (s *Bucket) Swap(ctx context.Context, name string, content []byte, revision uint64) (swapped bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	kv, err := s.bucket(ctx)
	if err != nil {
		return false, s.fault("write", err)
	}
	if revision == 0 {
		_, err = kv.Create(ctx, name, content)
	} else {
		_, err = kv.Update(ctx, name, content, revision)
	}
	if errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
		return false, nil
	}
	if err != nil {
		s.forget()
		return false, s.fault("write", err)
	}
	return true, nil
}

// bucket returns the bucket, and makes it if it is missing.
func (s *Bucket) bucket(ctx context.Context) (jetstream.KeyValue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kv != nil {
		return s.kv, nil
	}
	kv, err := s.js.KeyValue(ctx, s.name)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = s.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: s.name, Description: "the last heads that servers of summit have signed", Replicas: s.replicas, Storage: jetstream.FileStorage,
		})
		if errors.Is(err, jetstream.ErrBucketExists) { // another server made it
			kv, err = s.js.KeyValue(ctx, s.name)
		}
	}
	if err == nil {
		s.kv = kv
	}
	return kv, err
}

// forget drops the handle: the bucket may be gone, and is looked up again.
func (s *Bucket) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kv = nil
}

func (s *Bucket) fault(doing string, err error) error {
	return fmt.Errorf("%s the bucket %s (may this user publish on $KV.%s.> ?): %w: %w", doing, s.name, s.name, store.ErrUnavailable, err)
}
