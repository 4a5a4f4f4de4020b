package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// toolsOfClients pins what makes clients.
const toolsOfClients = "-modfile=deploy/clients.mod"

// goRun runs the go command at the top of the module.
func goRun(t *testing.T, args ...string) string {
	t.Helper()
	cmd := command(t, "go", args...)
	cmd.Dir = filepath.Join("..", "..")
	var errs bytes.Buffer // where go also tells what it downloads
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %v: %v\n%s%s", args, err, out, errs.String())
	}
	return string(out)
}

// A client is made out of the description by oapi-codegen, and used.
func TestAClientMadeOfTheDescriptionWorks(t *testing.T) {
	t.Parallel()
	p := start(t, filepath.Join(t.TempDir(), "data"))
	var description json.RawMessage
	p.get(t, "/openapi.json", &description)
	dir := t.TempDir()
	described, made, overlay := filepath.Join(dir, "openapi.json"), filepath.Join(dir, "client.gen.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(described, description, 0o600); err != nil {
		t.Fatal(err)
	}
	goRun(t, "tool", toolsOfClients, "oapi-codegen", "-generate", "types,client", "-package", "main", "-o", made, described)
	place, err := filepath.Abs(filepath.Join("testdata", "apiclient", "client.gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{place: made}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		t.Fatal(err)
	}
	got := goRun(t, "run", toolsOfClients, "-overlay", overlay, "./cmd/summit/testdata/apiclient", p.url)
	if want := "Fog The tower unverified opened note/fog 404\n"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	p.end(t, syscall.SIGTERM)
}
