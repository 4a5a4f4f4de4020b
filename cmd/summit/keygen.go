package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/summit-timeline/summit/store/merkle"
)

var keygenVerb = verb{
	name: "keygen", short: "make a key to sign with, and print its verifier key",
	example: "  summit keygen --name summit.example.org -o server.key\n  summit keygen --name witness.example.net --witness -o witness.key\n" +
		"  summit keygen --nats -o replicas.nk",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		out := fs.String("o", "summit.key", "file of the secret key; it must not be there yet")
		name := fs.String("name", "", "name of the server or the witness; the host's where not given")
		witness := fs.Bool("witness", false, "print the verifier key of a witness: that of its cosignatures")
		broker := fs.Bool("nats", false, "an NKey seed for --nats-nkey instead, and print its public key for the configuration of the cluster")
		return func(_ context.Context, std streams, _ []string) error {
			if *broker {
				return makeNKey(std.out, *out)
			}
			name, err := serverName(*name)
			if err != nil {
				return err
			}
			vkey, err := makeKey(*out, name)
			if err == nil && *witness {
				vkey, err = merkle.CosignerKey(vkey)
			}
			if err != nil {
				return err
			}
			fmt.Fprintln(std.out, vkey)
			return nil
		}
	},
}
