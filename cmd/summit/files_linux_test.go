package main

import (
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/summit-timeline/summit/cmd/internal/keys/keystest"
)

// A server that ran out of files accepts again once it has some, over HTTP and HTTPS.
func TestAServerOutOfFilesAcceptsAgain(t *testing.T) {
	t.Parallel()
	cert, key := keystest.Certificate(t, t.TempDir())
	for scheme, flags := range map[string][]string{"http": nil, "https": {"--tls-cert", cert, "--tls-key", key}} {
		t.Run(scheme, func(t *testing.T) {
			p := startWith(t, append(flags, "--addr", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data"), "--nats-listen", "off")...)
			pid := p.cmd.Process.Pid
			var before unix.Rlimit
			if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &before); err != nil {
				t.Fatal(err)
			}
			if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3, Max: before.Max}, nil); err != nil {
				t.Fatal(err)
			}
			waiting, err := net.Dial("tcp", strings.TrimPrefix(p.url, scheme+"://"))
			if err != nil {
				t.Fatal(err)
			}
			defer waiting.Close()
			p.logged(t, "too many open files")
			if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &before, nil); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if status, _, answer := ask(t, keystest.Client(t, cert), http.MethodGet, p.url+"/healthz", "", ""); status != http.StatusOK {
					t.Errorf("%d %s", status, answer)
				}
			}
			p.end(t, syscall.SIGTERM)
		})
	}
}
