package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/summit-timeline/summit/store/durable"
)

// Credentials are the passwords of the users who come over the network: reader
// may follow and replay facts and write nothing; recorder may hand events in
// and do nothing else.
type Credentials struct {
	Reader   string `json:"reader"`
	Recorder string `json:"recorder"`
}

// LoadCredentials reads a file of credentials, or makes it with two new
// secrets. Only its owner can read it.
func LoadCredentials(path string, secret func() string) (Credentials, error) {
	var c Credentials
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		c = Credentials{Reader: secret(), Recorder: secret()}
		return c, c.write(path)
	}
	if err != nil {
		return c, fmt.Errorf("read the NATS credentials: %w", err)
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("read the NATS credentials in %s: %w; put the file back from a backup, or remove it to get new ones", path, err)
	}
	if c.Reader == "" || c.Recorder == "" {
		return c, fmt.Errorf(`read the NATS credentials in %s: "reader" and "recorder" must both be there; remove the file to get new ones`, path)
	}
	return c, nil
}

// write puts the whole file in its place at once.
func (c Credentials) write(path string) error {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("write the NATS credentials: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write the NATS credentials: %w", err)
	}
	if err := durable.WriteFile(path, append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the NATS credentials: %w", err)
	}
	return nil
}
