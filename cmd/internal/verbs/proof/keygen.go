package proof

import (
	"context"
	"fmt"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/store/merkle"
)

// Keygen makes keys.
func Keygen() cli.Verb {
	return cli.Verb{
		Name: "keygen", Short: "create a signing key and print its verifier key",
		Example: "summit keygen --name summit.example.org -o server.key\nsummit keygen --name witness.example.net --witness -o witness.key\n" +
			"summit keygen --nats -o replicas.nk",
		Setup: func(f *cli.Flags) cli.Run {
			var path, name string
			var witness, nats, asJSON bool
			f.StringVarP(&path, "output", "o", "summit.key", "`FILE` of the secret key, which must not exist yet")
			f.StringVar(&name, "name", "", "`NAME` of the server or the witness (default: the host name)")
			f.BoolVar(&witness, "witness", false, "print the verifier key of a witness, for its cosignatures")
			f.BoolVar(&nats, "nats", false, "create an NKey seed for --nats-nkey instead, and print its public key for the cluster's configuration")
			f.BoolVar(&asJSON, "json", false, "print the file and the verifier key as JSON")
			return func(_ context.Context, std cli.Streams, _ []string) error {
				if nats {
					return keys.MakeNATS(std.Out, path)
				}
				return makeKey(std, path, name, witness, asJSON)
			}
		},
	}
}

// makeKey makes a signing key and prints its verifier key.
func makeKey(std cli.Streams, path, name string, witness, asJSON bool) error {
	name, err := keys.ServerName(name)
	if err != nil {
		return err
	}
	vkey, err := keys.Make(path, name)
	if err == nil && witness {
		vkey, err = merkle.CosignerKey(vkey)
	}
	if err != nil {
		return err
	}
	if asJSON {
		return cli.PrintJSON(std.Out, map[string]string{"file": path, "key": vkey})
	}
	fmt.Fprintln(std.Out, vkey)
	return nil
}
