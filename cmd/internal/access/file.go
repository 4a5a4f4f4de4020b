package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"github.com/summit-timeline/summit/events/class"
	"github.com/summit-timeline/summit/store/durable"
)

// ErrNoToken is the error of a name that no token has.
var ErrNoToken = class.New(class.Absent, "there is no such token")

// read reads the tokens of a file, or none if it is not there.
func read(path string) ([]Token, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	var list []Token
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, damaged(path, err)
	}
	for _, t := range list {
		if err := t.check(); err != nil {
			return nil, damaged(path, err)
		}
	}
	return list, nil
}

// damaged adds a remedy to the error of a token file that cannot be used: nobody is let in
// for as long.
func damaged(path string, err error) error {
	return fmt.Errorf("read tokens: %s cannot be used, so all access is refused: %w; restore the file from a backup, or move it away and create all tokens again with summit token add", path, err)
}

// List reads the tokens of a file.
func List(path string) ([]Token, error) { return read(path) }

// Add keeps a token under the hash of its secret. A name is used once: what was
// recorded names it for ever.
func Add(path string, t Token, secret string) error {
	t.Hash = hash(secret)
	if err := t.checkNew(); err != nil {
		return fmt.Errorf("add token: %w", err)
	}
	return change(path, func(list []Token) ([]Token, error) {
		if slices.ContainsFunc(list, func(o Token) bool { return o.Name == t.Name }) {
			return nil, fmt.Errorf("add token: a token named %s exists or existed: events name the token that recorded them, so a name is used only once", t.Name)
		}
		return append(list, t), nil
	})
}

// Revoke ends a token. It stays in the file, so that its name stays taken.
func Revoke(path, name string, at time.Time) error {
	return change(path, func(list []Token) ([]Token, error) {
		i := slices.IndexFunc(list, func(t Token) bool { return t.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("revoke token %s: %w", name, ErrNoToken)
		}
		if list[i].Revoked == nil {
			list[i].Revoked = &at
		}
		return list, nil
	})
}

// change puts a changed file in the place of the old, whole or not at all; two
// who change it at once do so one after the other.
func change(path string, edit func([]Token) ([]Token, error)) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("change tokens: %w", err)
	}
	lock := flock.New(path + ".lock")
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("change tokens: %w", err)
	}
	err := rewrite(path, edit)
	return errors.Join(err, lock.Unlock())
}

func rewrite(path string, edit func([]Token) ([]Token, error)) error {
	list, err := read(path)
	if err != nil {
		return err
	}
	if list, err = edit(list); err != nil {
		return err
	}
	b, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return fmt.Errorf("change tokens: %w", err)
	}
	if err := durable.WriteFile(path, append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("change tokens: %w", err)
	}
	return nil
}
