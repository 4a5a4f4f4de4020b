package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store/merkle"
	"github.com/summit-timeline/summit/store/snapshot"
	"github.com/summit-timeline/summit/store/viewdb"
)

// forger takes a snapshot apart and puts it together again.
type forger struct {
	testing.TB
	skey               string
	said               snapshot.Statement
	checkpoint, views  []byte
	statement, rewrite []byte // where rewrite is given, it is sent as it is
}

func openSnapshot(t testing.TB, file, skey string) *forger {
	t.Helper()
	g := &forger{TB: t, skey: skey}
	in, err := os.Open(file)
	g.must(err)
	defer in.Close()
	vkey, err := merkle.VerifierKey(skey)
	g.must(err)
	verifier, err := keys.LogVerifier(vkey, staged)
	g.must(err)
	var views bytes.Buffer
	g.said, err = snapshot.Read(in, verifier, &views, nil)
	g.must(err)
	g.views = views.Bytes()
	_, err = in.Seek(0, io.SeekStart)
	g.must(err)
	for members := tar.NewReader(in); ; {
		h, err := members.Next()
		if errors.Is(err, io.EOF) {
			return g
		}
		g.must(err)
		switch h.Name {
		case "statement":
			g.statement, err = io.ReadAll(members)
		case "checkpoint":
			g.checkpoint, err = io.ReadAll(members)
		}
		g.must(err)
	}
}

func (g *forger) must(err error) {
	g.Helper()
	if err != nil {
		g.Fatal(err)
	}
}

// edit changes the view file, and what is said of it so that it fits; rows says
// whether that goes for the digests too.
func (g *forger) edit(rows bool, fn func(tx *viewdb.Tx) error) {
	g.Helper()
	path := filepath.Join(g.TempDir(), "views.db")
	g.must(os.WriteFile(path, g.views, 0o600))
	db, err := viewdb.Open(path, viewdb.Options{})
	g.must(err)
	g.must(errors.Join(db.Update(fn), db.Close()))
	g.views, err = os.ReadFile(path)
	g.must(err)
	g.said.Bytes, g.said.Sum = int64(len(g.views)), sha256.Sum256(g.views)
	if rows {
		a, err := projections.ViewDigestOf(g.Context(), path)
		g.must(err)
		for i, t := range a.Tables {
			g.said.Tables[i] = snapshot.Table{Name: t.Table, Rows: t.Rows, Sum: t.Sum}
		}
	}
	g.sign(g.skey)
}

func (g *forger) cursor(change func(c map[string]any)) func(tx *viewdb.Tx) error {
	return func(tx *viewdb.Tx) error {
		var c map[string]any
		g.must(json.Unmarshal(tx.Get("meta", []byte("cursor")), &c))
		change(c)
		b, err := json.Marshal(c)
		g.must(err)
		return tx.Put("meta", []byte("cursor"), b)
	}
}

// sign signs what is said, and the checkpoint, with a key.
func (g *forger) sign(skey string) {
	g.Helper()
	signer, err := merkle.NewLogSigner(skey, g.said.Origin)
	g.must(err)
	g.statement, err = note.Sign(&note.Note{Text: string(g.said.Format())}, signer)
	g.must(err)
	g.checkpoint, err = merkle.Sign(merkle.Checkpoint{Origin: g.said.Origin, Size: int64(g.said.Position.Seq), Root: g.said.Root}, signer)
	g.must(err)
}

func (g *forger) write(file string) {
	g.Helper()
	var b bytes.Buffer
	g.must(snapshot.Write(&b, snapshot.Content{Statement: g.statement, Checkpoint: g.checkpoint, Views: bytes.NewReader(g.views), Bytes: int64(len(g.views))}))
	if g.rewrite == nil {
		g.rewrite = b.Bytes()
	}
	g.must(os.WriteFile(file, g.rewrite, 0o600))
}
