package main

import (
	"context"
	"flag"
	"fmt"
	"runtime/debug"
)

var versionVerb = verb{
	name: "version", short: "which version this is", example: "  summit version",
	setup: func(*flag.FlagSet) func(context.Context, streams, []string) error {
		return func(_ context.Context, std streams, _ []string) error {
			fmt.Fprintln(std.out, "summit", version())
			return nil
		}
	},
}

// version is that of the module, with the revision it was built from.
func version() string {
	v, revision := build()
	if revision != "" {
		v += " " + revision
	}
	return v
}

// build is what the program was made of; "" where it does not know.
func build() (version, revision string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return info.Main.Version, revision
}
