package keys

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/store/durable"
	"github.com/summit-timeline/summit/store/merkle"
)

// ServerName returns the name that was given, or the host's.
func ServerName(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("the host has no name: give one with --name: %w", err)
	}
	return name, nil
}

// Make makes a signing key in a new file that only its owner can read, and returns
// its verifier key.
func Make(path, name string) (vkey string, err error) {
	skey, vkey, err := merkle.GenerateKey(rand.Reader, name)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		return "", fmt.Errorf("%s is there already: a key is never written over", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return vkey, durable.WriteFile(path, []byte(skey+"\n"), 0o600)
}

// Read reads a signing key. Its error suggests a remedy.
func Read(path string) (string, error) {
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("read the key: %w (put it back from a backup; summit keygen makes a new one)", err)
	case errors.Is(err, os.ErrPermission):
		return "", fmt.Errorf("read the key: %w (the user of the server must own it: chown it, and chmod 600)", err)
	case err != nil:
		return "", fmt.Errorf("read the key: %w", err)
	}
	skey := strings.TrimSpace(string(b))
	if skey == "" {
		return "", Unusable(path, errors.New("the file is empty"))
	}
	if _, err := merkle.VerifierKey(skey); err != nil {
		return "", Unusable(path, err)
	}
	return skey, nil
}

// Warning returns a warning where others on this machine can read the key, else "".
func Warning(path string) string {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o007 == 0 || runtime.GOOS == "windows" {
		return ""
	}
	return fmt.Sprintf("key: everybody on this machine can read %s and sign in this server's name: chmod 600 %s", path, path)
}

// Unusable returns the error of a file that holds no key. It says what helps.
func Unusable(path string, err error) error {
	return fmt.Errorf("the key in %s cannot be used: %w; put the file back from a backup (one that was never used may be removed: another is made at the next start)", path, err)
}

// LogVerifier returns the verifier of what the key of a summit's log has signed. A
// server's key signs for each of its logs under the name of that log.
func LogVerifier(key, summit string) (note.Verifier, error) {
	name, err := merkle.KeyName(key)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(name, signing.Origin("", summit)) {
		if key, err = merkle.RenameKey(key, signing.Origin(name, summit)); err != nil {
			return nil, err
		}
	}
	return merkle.ParseVerifier(key)
}

// OrFile returns a verifier key that a flag gives as such, or as the file that holds
// it. It returns "" if the flag was not given.
func OrFile(flag, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	b, err := os.ReadFile(text)
	switch {
	case err == nil:
		return strings.TrimSpace(string(b)), nil
	case strings.Count(text, "+") >= 2:
		return text, nil
	}
	return "", cli.Usage("--%s %q is neither a verifier key (name+hash+key) nor a file that holds one: %v", flag, text, err)
}
