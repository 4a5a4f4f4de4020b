package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// example is a block of code in the README.
type example struct{ language, code string }

// examples are the blocks of a section, in their order.
func examples(t *testing.T, section string) []example {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(b), "\n## "+section+"\n")
	if !found {
		t.Fatalf("the README has no section %q", section)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	var list []example
	for _, m := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		list = append(list, example{m[1], m[2]})
	}
	return list
}

// run runs an example as it is printed, in a folder of its own.
func (x example) run(t *testing.T, env []string) string {
	t.Helper()
	dir := t.TempDir()
	name, command := map[string]string{"sh": "example.sh", "go": "main.go", "js": "example.mjs"}[x.language], []string{"bash", "-eu"}
	switch x.language {
	case "go":
		command = []string{"go", "run"}
	case "js":
		command = []string{need(t, "node")}
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(x.code), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(command[0], append(command[1:], path)...)
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", x.language, err, x.code, out)
	}
	return string(out)
}

func TestProgramsOfTheREADMEWork(t *testing.T) {
	list := examples(t, "From your own program")
	want := []struct{ language, says string }{
		{"sh", ``},
		{"sh", `(?s)"title":"Oslo talks".*"position":"\w+-2".*"items":\[.*Snow at the airport`},
		{"go", `(?s)^201 .*"position":"(\w+-3)","outcome":"created"}\n200 .*-3","outcome":"duplicate"}\n$`},
		{"js", `(?s)^\w{8}-2 Snow at the airport\n\w{8}-3 .*Oslo airport.*\n$`},
		{"sh", `(?s)"type":"summit.opened".*"type":"note.added".*"type":"delegation.arrived"`},
	}
	if len(list) != len(want) {
		t.Fatalf("%d blocks, want %d", len(list), len(want))
	}
	need(t, "node") // before anything is started
	need(t, "curl")
	bin := t.TempDir()
	goRun(t, "build", "-modfile=deploy/tools.mod", "-o", filepath.Join(bin, "nats"), "github.com/nats-io/natscli/nats")
	p := start(t, filepath.Join(t.TempDir(), "data"))
	env := append(os.Environ(), "SUMMIT_SERVER="+p.url, "NATS_URL="+p.nats, "PATH="+bin+":"+os.Getenv("PATH"), "XDG_CONFIG_HOME="+t.TempDir())
	for i, x := range list {
		got := x.run(t, env)
		if x.language != want[i].language || !regexp.MustCompile(want[i].says).MatchString(got) {
			t.Errorf("block %d (%s) says\n%s\nwant %s", i+1, x.language, got, want[i].says)
		}
	}
	p.end(t, syscall.SIGTERM)
}
