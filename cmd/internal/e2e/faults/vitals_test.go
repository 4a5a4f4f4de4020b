//go:build linux

package faults

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// vitals are what a process holds of the machine. Memory is what is the
// process's alone: pages of the view files are the disk's cache.
type vitals struct{ files, memory int }

func (v vitals) String() string { return fmt.Sprintf("%d files, %d MiB", v.files, v.memory>>10) }

func (s *server) vitals() (v vitals) {
	s.Helper()
	list, err := os.ReadDir(s.proc("fd"))
	if err != nil {
		s.Fatal(err)
	}
	f, err := os.Open(s.proc("status"))
	if err != nil {
		s.Fatal(err)
	}
	defer f.Close()
	v.files = len(list)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, _ := strings.Cut(lines.Text(), ":"); name == "RssAnon" {
			if _, err := fmt.Sscanf(value, "%d kB", &v.memory); err != nil {
				s.Fatal(err)
			}
			return v
		}
	}
	s.Fatal("the kernel does not tell the memory of a process")
	return v
}

const (
	// filesMore and memoryMore, in kB, are what a server at rest may hold above
	// what it held before the first load.
	filesMore  = 32
	memoryMore = 192 << 10
)

// settled waits until every server is back to what it held at rest.
func (t *trial) settled(name string) {
	t.Helper()
	client.CloseIdleConnections()
	http.DefaultClient.CloseIdleConnections()
	for i, s := range t.servers {
		rest := t.rest[i]
		if !s.await("memory and file descriptors come back after: "+name, func() (bool, error) {
			now := s.vitals()
			t.last[i] = now
			return now.files <= rest.files+filesMore && now.memory <= rest.memory+memoryMore,
				fmt.Errorf("%v, at rest %v", now, rest)
		}) {
			t.Fatalf("%s ended\n%s", s.name, s.said)
		}
	}
}
