package vault

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// index is what is known of the streams of one summit. They may have changed since: other
// servers put values, and destroy some.
type index struct {
	summit string

	mu      sync.Mutex // guards what follows
	known   bool       // whether the broker was asked
	streams map[string]*stream
	keys    map[string]*stream // where the value of a key is
}

// stream is one stream. Its number is part of its name.
type stream struct {
	summit string
	number int
	name   string
	handle jetstream.Stream
	sealed bool // it is being destroyed
	full   bool
	had    []string // keys of its values when it was listed

	syncing sync.Mutex // held while the stream is synced
	durable uint64     // the last message that is on the disk; guarded by syncing
}

func (v *Vault) of(summit string) *index {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.summits[summit]
	if s == nil {
		s = &index{summit: summit, streams: map[string]*stream{}, keys: map[string]*stream{}}
		v.summits[summit] = s
	}
	return s
}

func (b *stream) prefix() string {
	return subjectPrefix + b.summit + "." + strconv.Itoa(b.number) + "."
}

func (b *stream) subject(key string) string { return b.prefix() + key }

func (b *stream) key(subject string) string { return strings.TrimPrefix(subject, b.prefix()) }

// force returns once a message is on the disk. One sync serves all who wait.
func (b *stream) force(sync func(stream string) error, seq uint64) error {
	b.syncing.Lock()
	defer b.syncing.Unlock()
	if seq > 0 && b.durable >= seq {
		return nil
	}
	if err := sync(b.name); err != nil {
		return err
	}
	b.durable = max(b.durable, seq)
	return nil
}

// has reports whether a value is in a stream that stays.
func (s *index) has(key string) bool {
	b := s.where(key)
	return b != nil && !b.sealed
}

func (s *index) where(key string) *stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[key]
}

func (s *index) add(key string, b *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[key] = b
}

// drop forgets a stream: the broker is asked before the next value is put.
func (s *index) drop(b *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = false
	delete(s.streams, b.name)
	for key, in := range s.keys {
		if in.name == b.name { // it may have been listed again meanwhile
			delete(s.keys, key)
		}
	}
}

func (s *index) all() (list []*stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.streams {
		list = append(list, b)
	}
	return list
}

// newest returns the stream with the highest number, nil where there is none.
func (s *index) newest() (b *stream, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.streams {
		if b == nil || other.number > b.number {
			b = other
		}
	}
	return b, s.known
}

// open returns the stream that takes values.
func (v *Vault) open(ctx context.Context, s *index) (*stream, error) {
	b, known := s.newest()
	if !known {
		if err := v.refresh(ctx, s); err != nil {
			return nil, err
		}
		b, _ = s.newest()
	}
	switch {
	case b == nil:
		return v.make(ctx, s, 1)
	case b.sealed || b.full:
		return v.make(ctx, s, b.number+1)
	}
	return b, nil
}

// make makes a stream, or opens the one that another server has made.
func (v *Vault) make(ctx context.Context, s *index, number int) (*stream, error) {
	b := &stream{summit: s.summit, number: number, name: streamPrefix + s.summit + "_" + strconv.Itoa(number)}
	var err error
	if b.handle, err = ask(ctx, func(ctx context.Context) (jetstream.Stream, error) { return v.js.CreateStream(ctx, v.settings(b)) }); err != nil {
		return nil, err //nolint:wrapcheck // the callers say what was being done
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[b.name] = b
	return b, nil
}

// settings are those of a stream of the vault: it refuses what is too much, and a second
// value under one key. Answers come from its leader, which knows of all values.
func (v *Vault) settings(b *stream) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: b.name, Description: "sealed values of the summit " + b.summit, Subjects: []string{b.prefix() + "*"},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true,
		MaxMsgs: int64(v.o.Most), MaxMsgsPerSubject: 1, MaxBytes: -1, MaxConsumers: -1,
		Storage: jetstream.FileStorage, Replicas: v.o.Replicas, DenyPurge: true,
	}
}

// refresh asks the broker which streams a summit has, and which keys.
func (v *Vault) refresh(ctx context.Context, s *index) error {
	found, err := ask(ctx, func(ctx context.Context) (map[string]*stream, error) { return v.list(ctx, s.summit) })
	if err != nil {
		return err
	}
	keys := map[string]*stream{}
	for name, b := range found {
		info, err := v.look(ctx, b)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			delete(found, name)
			continue
		}
		if err != nil {
			return err
		}
		b.full = info.State.Msgs >= uint64(v.o.Most) //nolint:gosec // it is positive
		for subject := range info.State.Subjects {
			key := b.key(subject)
			b.had = append(b.had, key)
			if keys[key] == nil || keys[key].sealed {
				keys[key] = b
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams, s.keys, s.known = found, keys, true
	return nil
}

// list returns the streams of a summit.
func (v *Vault) list(ctx context.Context, summit string) (map[string]*stream, error) {
	found, prefix := map[string]*stream{}, streamPrefix+summit+"_"
	list := v.js.ListStreams(ctx, jetstream.WithStreamListSubject(subjectPrefix+summit+".>"))
	for info := range list.Info() {
		if number, err := strconv.Atoi(strings.TrimPrefix(info.Config.Name, prefix)); err == nil {
			found[info.Config.Name] = &stream{summit: summit, number: number, name: info.Config.Name, sealed: info.Config.Sealed}
		}
	}
	return found, list.Err() //nolint:wrapcheck // the callers say what was being done
}

// look opens a stream and returns what it has.
func (v *Vault) look(ctx context.Context, b *stream) (*jetstream.StreamInfo, error) {
	var err error
	if b.handle, err = ask(ctx, func(ctx context.Context) (jetstream.Stream, error) { return v.js.Stream(ctx, b.name) }); err != nil {
		return nil, err
	}
	return b.info(ctx, jetstream.WithSubjectFilter(b.prefix()+"*"))
}
