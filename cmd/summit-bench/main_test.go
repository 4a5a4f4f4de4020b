package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/bench"
)

// asProgram has the test binary be the program.
const asProgram = "SUMMIT_TEST_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

// programsOf builds the programs of a benchmark.
func programsOf(t *testing.T) bench.Programs {
	t.Helper()
	programs, remove, err := bench.FindPrograms(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	t.Setenv(asProgram, "1")
	return programs
}

// A small run: every step is gone through, and every figure is there.
func TestLiveStreamsAreMeasured(t *testing.T) {
	programs := programsOf(t)
	var said bytes.Buffer
	report, err := bench.Live(t.Context(), bench.LiveOptions{
		Programs: programs, Clients: []int{5}, SlowAmong: 4, Backlog: 300, Storm: 3, Secure: 3, Deliveries: 500, Rounds: 1, Seconds: 1, Said: &said,
	})
	if err != nil {
		t.Fatal(err, said.String())
	}
	var table bytes.Buffer
	if err := report.Table(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"5 clients, saturated", "5 clients, p50", "5 clients, p99", "4 clients and 1 that read nothing, p99",
		"backlog of 300 to 1 ", "backlog of 300 to 100 ", "backlog of 300 to 10, memory", "storm of 3 reconnects",
		"3 clients over TLS and HTTP/2, memory", "3 clients over TLS and HTTP/2, saturated", "3 clients over TLS and HTTP/2, 100 on each connection, saturated",
	} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %s in\n%s", want, &table)
		}
	}
	for _, r := range report.Rows {
		if r.Value <= 0 && !strings.Contains(r.What, "memory") {
			t.Errorf("%s is %v", r.What, r.Value)
		}
	}
}

// The same for proofs, for many summits and for replicas.
func TestProofsManySummitsAndReplicasAreMeasured(t *testing.T) {
	programs := programsOf(t)
	var said bytes.Buffer
	for _, measured := range []func() (bench.Report, error){
		func() (bench.Report, error) {
			return bench.Prove(t.Context(), bench.ProveOptions{Programs: programs, Events: 100, Each: 60 * time.Millisecond, Said: &said})
		},
		func() (bench.Report, error) {
			return bench.Many(t.Context(), bench.ManyOptions{Programs: programs, Summits: 5, Rest: 500 * time.Millisecond, Said: &said})
		},
		func() (bench.Report, error) {
			return bench.Replicas(t.Context(), bench.ReplicasOptions{
				Programs: programs, Config: filepath.Join("..", "..", "deploy", "cluster", "nats.conf"), Replicas: []int{2}, Readers: 4, Rate: 5, Seconds: 1,
				Rest: 200 * time.Millisecond, Said: &said,
			})
		},
	} {
		report, err := measured()
		if err != nil {
			t.Fatal(err, said.String())
		}
		if len(report.Rows) < 2 {
			t.Errorf("%s: %d figures", report.Name, len(report.Rows))
		}
		for _, r := range report.Rows {
			if r.Value <= 0 && !mayBeNothing(r) {
				t.Errorf("%s is %v", r.What, r.Value)
			}
		}
	}
}

// mayBeNothing reports whether a figure is of what hardly shows in a short run.
func mayBeNothing(r bench.Row) bool {
	return strings.Contains(r.What, "processor time") || strings.Contains(r.What, "memory") || strings.HasPrefix(r.Unit, "µs") || strings.HasPrefix(r.Unit, "bytes")
}

func TestABenchmarkIsForThisMachine(t *testing.T) {
	for _, args := range []string{"nothing", "live x", "live 0", "query 7", "--server http://192.0.2.1:80 live", "--nothing", "--against nowhere append"} {
		var out, errs bytes.Buffer
		if code := run(strings.Fields(args), &out, &errs); code != exitUsage {
			t.Errorf("%s: exit %d: %s", args, code, &errs)
		}
	}
}
