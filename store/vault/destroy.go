package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// Destroy destroys the values of a summit of whose keys forget returns true. Once it
// returns nil, no file of the broker has a byte of them; a member of a cluster that is not
// there deletes its files when it is back. It also ends what an earlier call that was cut off
// has begun: call it again with the same keys then.
func (v *Vault) Destroy(ctx context.Context, summit string, forget func(key string) bool) error {
	v.destroying.Lock()
	defer v.destroying.Unlock()
	s := v.of(summit)
	if err := v.refresh(ctx, s); err != nil {
		return fmt.Errorf("destroy values of %s: %w", summit, unavailable(err))
	}
	for _, b := range s.all() {
		if !b.sealed && !slices.ContainsFunc(b.had, forget) {
			continue
		}
		if err := v.destroy(ctx, s, b, forget); err != nil {
			return fmt.Errorf("destroy values of %s: %w", summit, unavailable(err))
		}
	}
	return nil
}

// destroy copies what is to be kept of a stream to another, and deletes it. It is sealed
// first, so that nobody puts a value into it which is not copied.
func (v *Vault) destroy(ctx context.Context, s *index, b *stream, forget func(key string) bool) error {
	if err := v.seal(ctx, b); err != nil {
		return err
	}
	messages, err := v.contents(ctx, b)
	if err != nil {
		return err
	}
	kept := map[string][]byte{}
	for _, m := range messages {
		if key := b.key(m.Subject); !forget(key) {
			kept[key] = m.Data
		}
	}
	s.drop(b) // its values are put again
	if err := v.put(ctx, s, kept); err != nil {
		return err
	}
	_, err = ask(ctx, func(ctx context.Context) (any, error) { return nil, v.js.DeleteStream(ctx, b.name) })
	if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("delete %s: %w", b.name, err)
	}
	s.drop(b)
	if v.o.Erased == nil {
		return nil
	}
	return v.o.Erased(ctx, b.name)
}

// seal has a stream take nothing any more.
func (v *Vault) seal(ctx context.Context, b *stream) error {
	info, err := b.info(ctx)
	if err != nil {
		return fmt.Errorf("seal %s: %w", b.name, err)
	}
	b.sealed = true
	if info.Config.Sealed {
		return nil
	}
	settings := info.Config
	settings.Sealed = true
	if _, err := ask(ctx, func(ctx context.Context) (any, error) { return v.js.UpdateStream(ctx, settings) }); err != nil {
		return fmt.Errorf("seal %s: %w", b.name, err)
	}
	return nil
}

// contents returns the messages of a stream, which are few.
func (v *Vault) contents(ctx context.Context, b *stream) (list []*jetstream.RawStreamMsg, err error) {
	info, err := b.info(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", b.name, err)
	}
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq && info.State.Msgs > 0; seq++ {
		m, err := ask(ctx, func(ctx context.Context) (*jetstream.RawStreamMsg, error) { return b.handle.GetMsg(ctx, seq) })
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", b.name, err)
		}
		if strings.HasPrefix(m.Subject, b.prefix()) {
			list = append(list, m)
		}
	}
	return list, nil
}
