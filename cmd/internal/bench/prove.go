package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"
)

// ProveOptions define what to measure of proofs.
type ProveOptions struct {
	Programs
	Events int
	// Each is how long each figure is measured.
	Each time.Duration
	Said io.Writer
}

// Prove measures proofs: facts that one caller records, each with a signed head of the log
// that has it, beside facts without; and inclusion proofs of events anywhere in a log,
// beside net/http answering "hello" to the same clients.
func Prove(ctx context.Context, o ProveOptions) (Report, error) {
	x := &proving{ProveOptions: o, ctx: ctx, report: Report{Name: "prove"}}
	return x.report, inFolder(x.run)
}

// proving is a run of the benchmark.
type proving struct {
	ProveOptions
	ctx    context.Context
	report Report
}

func (x *proving) run(dir string) error {
	server, base, err := x.serveIn(x.ctx, dir)
	if err != nil {
		return err
	}
	defer server.stop()
	p, err := open(x.ctx, base, "bench")
	if err != nil {
		return err
	}
	if err := x.sealed(p); err != nil {
		return err
	}
	fmt.Fprintf(x.Said, "recording %d events\n", x.Events)
	if err := p.many(x.Events); err != nil {
		return err
	}
	if err := p.served(x.Events); err != nil {
		return err
	}
	return x.included(p)
}

// sealed measures facts that are recorded with a signed head each.
func (x *proving) sealed(p *publisher) error {
	const what = "a fact and a signed head that has it, one caller"
	fmt.Fprintln(x.Said, what)
	size := 1 // the opening
	record := func(sealed bool) measure {
		return func(each time.Duration) (float64, error) {
			return rate(each, 1, func(int) (int, error) {
				if err := p.one(); err != nil {
					return 0, err
				}
				if size++; !sealed {
					return 1, nil
				}
				return 1, p.download(fmt.Sprintf("/checkpoint?size=%d", size))
			})
		}
	}
	got, plain, err := beside(x.Each, record(true), record(false))
	x.report.add(Row{What: what, Value: got, Unit: "facts/s", Ceiling: plain, Note: "beside facts alone"})
	return err
}

// manyProofs is how many events are asked about in turn.
const manyProofs = 1000

// included measures inclusion proofs.
func (x *proving) included(p *publisher) error {
	what := fmt.Sprintf("inclusion proof, of %d events", x.Events)
	fmt.Fprintln(x.Said, what)
	greeted, leave, err := x.greeted(x.ctx)
	defer leave()
	if err != nil {
		return err
	}
	requests := make([][]byte, manyProofs)
	for i := range requests {
		u, err := url.Parse(fmt.Sprintf("%s/proof/inclusion?seq=%d", p.url, 1+rand.IntN(x.Events)))
		if err != nil {
			return fmt.Errorf("ask for a proof: %w", err)
		}
		requests[i] = []byte(request(u, nil))
	}
	proved, hangUp, err := askingOf(x.ctx, p.url, requests, http.StatusOK)
	defer hangUp()
	if err != nil {
		return err
	}
	got, top, err := beside(x.Each, proved, greeted)
	x.report.add(Row{What: what, Value: got, Unit: "requests/s", Ceiling: top})
	return err
}
