package vault_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events/eventstest"
	"github.com/summit-timeline/summit/store/embedded"
	"github.com/summit-timeline/summit/store/logtest"
	"github.com/summit-timeline/summit/store/vault"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// place is where a vault is kept, and its files.
type place struct {
	dir     string
	connect func(name string, more ...nats.Option) (*nats.Conn, error)
	o       vault.Options
	restart func()
}

// alone is an embedded server.
func alone(t *testing.T) *place {
	t.Helper()
	p := &place{dir: t.TempDir()}
	var s *embedded.Server
	start := func() {
		var err error
		s, err = embedded.Start(embedded.Options{Dir: p.dir, Secret: uuid.NewString(), Forced: true})
		must(t, err)
		p.connect, p.o = s.Connect, vault.Options{Force: s.Force, Erased: s.Erased, Most: 8}
	}
	start()
	p.restart = func() { must(t, s.Shutdown()); start() }
	t.Cleanup(func() { must(t, s.Shutdown()) })
	return p
}

// cluster is three servers.
func cluster(t *testing.T) *place {
	t.Helper()
	p := &place{dir: t.TempDir()}
	c, err := logtest.StartCluster(p.dir, 3, "secret")
	must(t, err)
	t.Cleanup(func() { must(t, c.Shutdown()) })
	p.connect, p.o = c.Connect, vault.Options{Replicas: 3, Shared: true, Most: 8}
	p.restart = func() {
		for i := range 3 {
			c.Stop(i)
		}
		for i := range 3 {
			must(t, c.Start(i))
		}
		must(t, c.AwaitHealth())
	}
	return p
}

// open opens the vault as one more server does.
func (p *place) open(t *testing.T) *vault.Vault {
	t.Helper()
	c, err := p.connect("vault")
	must(t, err)
	t.Cleanup(c.Close)
	v, err := vault.Open(c, p.o)
	must(t, err)
	return v
}

// holds lists the files that have a text.
func (p *place) holds(t *testing.T, text string) (list []string) {
	t.Helper()
	must(t, filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // the broker has removed it
		}
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		if bytes.Contains(content, []byte(text)) {
			list = append(list, path)
		}
		return err
	}))
	return list
}

func each(t *testing.T, test func(t *testing.T, p *place)) {
	t.Helper()
	t.Run("alone", func(t *testing.T) { test(t, alone(t)) })
	t.Run("cluster", func(t *testing.T) { test(t, cluster(t)) })
}

// secret is the value of a key.
func secret(n int) (key, value string) {
	return fmt.Sprintf("key-%d", n), fmt.Sprintf("<secret %d>", n)
}

func put(ctx context.Context, t *testing.T, v *vault.Vault, from, to int) {
	t.Helper()
	values := map[string][]byte{}
	for n := from; n < to; n++ {
		key, value := secret(n)
		values[key] = []byte(value)
	}
	must(t, v.Put(ctx, "one", values))
}

// stand checks which of the first n values there are.
func stand(ctx context.Context, t *testing.T, v *vault.Vault, n int, gone ...int) {
	t.Helper()
	var keys []string
	for i := range n {
		key, _ := secret(i)
		keys = append(keys, key)
	}
	values, err := v.Get(ctx, "one", keys...)
	must(t, err)
	for i := range n {
		key, value := secret(i)
		if slices.Contains(gone, i) {
			value = ""
		}
		if got := string(values[key]); got != value {
			t.Errorf("%s is %q, want %q", key, got, value)
		}
	}
}

func forgets(gone ...int) func(string) bool {
	return func(key string) bool {
		return slices.ContainsFunc(gone, func(n int) bool {
			k, _ := secret(n)
			return k == key
		})
	}
}

func TestWhatIsPutIsThereForEveryServerAndAfterARestart(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		ctx := t.Context()
		here, there := p.open(t), p.open(t)
		stand(ctx, t, there, 0)
		put(ctx, t, here, 0, 20) // more than two streams hold
		put(ctx, t, there, 15, 25)
		put(ctx, t, here, 20, 25)
		stand(ctx, t, here, 25)
		stand(ctx, t, there, 25)
		keys, err := there.Keys(ctx, "one")
		must(t, err)
		if len(keys) != 25 || keys[0].At.IsZero() {
			t.Errorf("%d keys, %+v", len(keys), keys)
		}
		if values, err := here.Get(ctx, "another", "key-1"); err != nil || len(values) > 0 {
			t.Errorf("another summit: %v, %v", values, err)
		}
		p.restart()
		stand(ctx, t, p.open(t), 25)
	})
}

func TestWhatIsDestroyedIsInNoFile(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		ctx := t.Context()
		here, there := p.open(t), p.open(t)
		put(ctx, t, here, 0, 20)
		stand(ctx, t, there, 20)
		for _, n := range []int{3, 15} {
			if _, value := secret(n); len(p.holds(t, value)) == 0 {
				t.Fatalf("%s is in no file before it is destroyed: they are not looked through", value)
			}
		}
		must(t, here.Destroy(ctx, "one", forgets(3, 15)))
		must(t, here.Destroy(ctx, "one", forgets(3, 15))) // twice is once
		stand(ctx, t, here, 20, 3, 15)
		stand(ctx, t, there, 20, 3, 15)
		eventstest.Eventually(t, "no file has what was destroyed", func() bool {
			return len(p.holds(t, "<secret 3>"))+len(p.holds(t, "<secret 15>")) == 0
		})
		p.restart()
		stand(ctx, t, p.open(t), 20, 3, 15)
		for _, n := range []int{3, 15} {
			if _, value := secret(n); len(p.holds(t, value)) > 0 {
				t.Errorf("%s is in %v", value, p.holds(t, value))
			}
		}
	})
}

// A server that was killed while it destroyed values leaves a sealed stream, of which some
// values are copied already.
func TestDestroyingGoesOnWhereItWasCutOff(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		ctx := t.Context()
		put(ctx, t, p.open(t), 0, 6)
		c, err := p.connect("killed")
		must(t, err)
		defer c.Close()
		js, err := jetstream.New(c)
		must(t, err)
		stream, err := js.Stream(ctx, "VAULT_one_1")
		must(t, err)
		settings := stream.CachedInfo().Config
		settings.Sealed = true
		_, err = js.UpdateStream(ctx, settings)
		must(t, err)
		v := p.open(t)
		stand(ctx, t, v, 6)
		put(ctx, t, v, 4, 8) // two of them are copied so
		must(t, p.open(t).Destroy(ctx, "one", forgets(2)))
		stand(ctx, t, v, 8, 2)
		if _, err := js.Stream(ctx, "VAULT_one_1"); err == nil {
			t.Error("the sealed stream is still there")
		}
	})
}

func TestNothingThatIsPutIsLostWhileOthersAreDestroyed(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		ctx := t.Context()
		const writers, most = 3, 30
		var wg sync.WaitGroup
		for w := range writers {
			v := p.open(t)
			wg.Go(func() {
				for n := w; n < most; n += writers {
					key, value := secret(n)
					if err := v.Put(ctx, "one", map[string][]byte{key: []byte(value), "gone-" + key: []byte("x")}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		v := p.open(t)
		destroy := func() {
			must(t, v.Destroy(ctx, "one", func(key string) bool { return strings.HasPrefix(key, "gone-") }))
		}
		for range 5 {
			destroy()
		}
		wg.Wait()
		destroy()
		stand(ctx, t, p.open(t), most)
		keys, err := v.Keys(ctx, "one")
		must(t, err)
		if len(keys) != most {
			t.Errorf("%d keys, want %d", len(keys), most)
		}
	})
}
