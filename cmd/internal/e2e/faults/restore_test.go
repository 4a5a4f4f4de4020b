//go:build linux

package faults

import (
	"bytes"
	"context"
	"path/filepath"
)

// restored exports the summit, restores it into an empty folder, and holds that
// the log there is the same, byte for byte, and that a server serves it.
func (t *trial) restored() {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, file := t.servers[0], filepath.Join(t.TempDir(), "archive")
	_, err := s.verb(ctx, "export", t.summit, "-o", file)
	t.must(err)
	log, err := s.read(ctx, "/v1/summits/"+t.summit+"/log")
	t.must(err)
	again := newServer(t, "what was restored", s.bin, filepath.Join(t.TempDir(), "restored"), "--nats-listen", "off")
	_, err = s.verb(ctx, "restore", file, "--data", again.data)
	t.must(err)
	again.mustStart()
	defer again.stop()
	same, err := again.read(ctx, "/v1/summits/"+t.summit+"/log")
	t.must(err)
	if !bytes.Equal(log, same) {
		t.Fatalf("the log of %s is another once it is restored: %d and %d bytes", t.summit, len(log), len(same))
	}
	again.ready()
	if _, err := again.check(ctx, t.summit, t.ledger); err != nil {
		t.Fatalf("restored: %v", err)
	}
	t.must(again.quarantined(ctx, t.summit, t.ledger))
}
