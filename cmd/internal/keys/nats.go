package keys

import (
	"fmt"
	"io"
	"os"

	"github.com/nats-io/nkeys"

	"github.com/summit-timeline/summit/store/durable"
)

// MakeNATS makes the key that replicas show a cluster, and prints the half that
// the cluster is configured with.
func MakeNATS(w io.Writer, path string) error {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s is there already: a key is never written over", path)
	}
	pair, err := nkeys.CreateUser()
	if err != nil {
		return fmt.Errorf("make an NKey: %w", err)
	}
	defer pair.Wipe()
	seed, err := pair.Seed()
	if err != nil {
		return fmt.Errorf("make an NKey: %w", err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		return fmt.Errorf("make an NKey: %w", err)
	}
	if err := durable.WriteFile(path, append(seed, '\n'), 0o600); err != nil {
		return err
	}
	fmt.Fprintln(w, public)
	return nil
}
