package embedded

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestWhatAKilledServerLeftDoesNotMakeTheNextIll(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, "jetstream", "_test_123")
	if err := os.MkdirAll(filepath.Dir(left), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Start(Options{Dir: dir, Secret: "a secret", Interval: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Health(); err != nil {
		t.Errorf("not healthy: %v", err)
	}
	if err := s.Shutdown(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
}
