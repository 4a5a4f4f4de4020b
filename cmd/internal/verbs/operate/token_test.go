package operate

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/cli/clitest"
	"github.com/summit-timeline/summit/cmd/internal/server"
)

// A secret is printed once, on standard output alone, and is nowhere in the file.
func TestASecretIsShownOnce(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, server.TokensFile)
	token := func(args ...string) clitest.Ran { return clitest.Run(t, Token(), "", append(args, "--data", dir)...) }
	if r := token("list", "--json"); r.Code != cli.Good || r.Out != "[]\n" {
		t.Errorf("none: exit %d, %q, %s", r.Code, r.Out, r.Err)
	}
	r := token("add", "--name", "anna", "--desk", "/desks/anchorage", "--role", "recorder", "--summits", " alaska-2025, oslo ,")
	secret := strings.TrimSpace(r.Out)
	if r.Code != cli.Good || len(secret) < 20 || strings.Contains(r.Err, secret) || !strings.Contains(r.Err, "anna, recorder of /desks/anchorage") {
		t.Fatalf("exit %d, %q, %q", r.Code, r.Out, r.Err)
	}
	kept, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(kept), secret) {
		t.Errorf("the file holds the secret: %v", err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others can read the file: %v, %v", info.Mode(), err)
	}
	var added struct{ Token, Name, Role string }
	if r := token("add", "--name", "bert", "--desk", "/desks/a", "--role", "reader", "--json"); json.Unmarshal([]byte(r.Out), &added) != nil || added.Token == "" || added.Token == secret || strings.Contains(r.Err, added.Token) {
		t.Errorf("%q, %q", r.Out, r.Err)
	}
	table := token("list").Out
	for _, want := range []string{"anna", "/desks/anchorage", "alaska-2025, oslo", "good", "bert", "all"} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is not in\n%s", want, table)
		}
	}
	if strings.Contains(table, secret) {
		t.Error("the list shows a secret")
	}
	if r := token("revoke", "--name", "anna"); r.Code != cli.Good || !strings.Contains(token("list").Out, "revoked 2") {
		t.Errorf("exit %d, %s\n%s", r.Code, r.Err, token("list").Out)
	}
	if r := token("revoke", "--name", "bert", "--json"); r.Out != `{"name":"bert","revoked":true}`+"\n" {
		t.Errorf("%q", r.Out)
	}
	var list []access.Token
	if r := token("list", "--json"); json.Unmarshal([]byte(r.Out), &list) != nil || len(list) != 2 || list[0].Revoked == nil || len(list[0].Summits) != 2 {
		t.Errorf("%s", r.Out)
	}
}

func TestTokensThatCannotBeMadeAreNot(t *testing.T) {
	dir := t.TempDir()
	good := []string{"add", "--name", "anna", "--desk", "/desks/a", "--role", "reader"}
	if r := clitest.Run(t, Token(), "", append(good, "--data", dir)...); r.Code != cli.Good {
		t.Fatal(r.Err)
	}
	for want, args := range map[string][]string{
		"used only once":      good,
		"--role":              {"add", "--name", "x", "--desk", "/desks/a", "--role", "king"},
		"--expires":           {"add", "--name", "x", "--desk", "/desks/a", "--role", "reader", "--expires", "-1h"},
		"no such token":       {"revoke", "--name", "nobody"},
		"no action":           {"steal"},
		"ACTION is missing":   {},
		"--expires \"forever": {"add", "--expires", "forever"},
	} {
		if r := clitest.Run(t, Token(), "", append(args, "--data", dir)...); r.Code == cli.Good || !strings.Contains(r.Err, want) || r.Out != "" {
			t.Errorf("%q: exit %d, %q, %s", args, r.Code, r.Out, r.Err)
		}
	}
	if r := clitest.Run(t, Token(), "", "add", "--name", "y", "--role", "recorder", "--desk", "/d", "--summits", "Alaska 2025", "--data", dir); r.Code == cli.Good || !strings.Contains(r.Err, "not the id of a summit") {
		t.Errorf("exit %d, %s", r.Code, r.Err)
	}
	if err := os.WriteFile(filepath.Join(dir, server.TokensFile), []byte("[{}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := clitest.Run(t, Token(), "", "list", "--data", dir); r.Code != cli.Bad || !strings.Contains(r.Err, "restore the file from a backup") {
		t.Errorf("a damaged file: exit %d, %s", r.Code, r.Err)
	}
}
