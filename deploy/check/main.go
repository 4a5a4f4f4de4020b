// Check holds what cannot be run if there is no container engine and no
// Kubernetes against the parsers of those who run it: the Containerfile against
// BuildKit's, compose.yml against Compose's, the manifests against the types of
// the Kubernetes API. It is a module of its own: nothing else needs these.
//
//	go run -C deploy/check . [DEPLOY]
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dir := ".."
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	if err := check(context.Background(), dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// check checks everything, and says what was wrong with each.
func check(ctx context.Context, dir string) error {
	manifests, err := filepath.Glob(filepath.Join(dir, "kubernetes", "*.yaml"))
	if err != nil {
		return err
	}
	if len(manifests) == 0 {
		return fmt.Errorf("there are no manifests in %s", dir)
	}
	return errors.Join(
		say("Containerfile: parsed and linted by BuildKit", container(filepath.Join(dir, "container", "Containerfile"))),
		say("compose.yml: loaded by Compose", compose(ctx, filepath.Join(dir, "compose.yml"))),
		say(fmt.Sprintf("kubernetes: %d files decoded strictly as the types of the API, references followed", len(manifests)), kubernetes(manifests)),
	)
}

func say(what string, err error) error {
	if err == nil {
		fmt.Println("good:", what)
	}
	return err
}
