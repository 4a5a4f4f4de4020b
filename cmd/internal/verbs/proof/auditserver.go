package proof

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/audit"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/client"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// auditServer is a summit on a running server, as an audit reads it.
type auditServer struct {
	*client.Client
	summit string
}

// refused turns the answer of a server that refuses into what an audit knows.
func refused(err error) error {
	var p *client.Problem
	if errors.As(err, &p) {
		return &audit.RefusedError{Detail: p.Error()}
	}
	return err
}

// Lines iterates over the stored bytes of events.
func (s *auditServer) Lines(ctx context.Context, from, to uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for line, err := range s.Log(ctx, s.summit, from, to) {
			if !yield(line, refused(err)) {
				return
			}
		}
	}
}

func (s *auditServer) Account(ctx context.Context) (audit.Account, error) {
	var a struct {
		Position string
		Version  int
		Root     []byte
		Tables   []audit.Table
		Doubt    *projections.InconsistencyError
	}
	if _, err := s.Get(ctx, client.Path(s.summit, "/digests"), nil, &a); err != nil {
		return audit.Account{}, err
	}
	if a.Position == "-0" { // nothing is served yet
		return audit.Account{Version: a.Version, Root: a.Root, Tables: a.Tables, Doubt: a.Doubt}, nil
	}
	at, err := events.ParsePosition(a.Position)
	if err != nil {
		return audit.Account{}, fmt.Errorf("read the digests: %w", err)
	}
	return audit.Account{Position: at, Version: a.Version, Root: a.Root, Tables: a.Tables, Doubt: a.Doubt}, nil
}

func (s *auditServer) Rows(ctx context.Context, table string, after []byte) (page audit.Rows, err error) {
	path := "/views/" + table
	if after != nil {
		path += "?after=" + base64.RawURLEncoding.EncodeToString(after)
	}
	res, err := s.Open(ctx, client.Path(s.summit, path), nil)
	if err != nil {
		return page, err
	}
	defer res.Body.Close()
	if at, err := events.ParsePosition(res.Header.Get("Summit-Position")); err == nil {
		page.Seq = at.Seq
	}
	page.More = res.Header.Get("Summit-More") == "true"
	for rows := json.NewDecoder(res.Body); ; {
		var row projections.Row
		if err := rows.Decode(&row); errors.Is(err, io.EOF) {
			return page, nil
		} else if err != nil {
			return page, s.BrokeOff(err)
		}
		page.Rows = append(page.Rows, row)
	}
}

const (
	// passWait is how long a server is asked again that cannot sign just now: one
	// of a cluster asks the others first, and they may be electing a leader.
	passWait = 30 * time.Second
	// passEvery is how long it is left alone in between.
	passEvery = time.Second
)

// Checkpoint returns what the server signs. One that does not come to it within a
// while has not refused: the audit could not be made.
func (s *auditServer) Checkpoint(ctx context.Context, size uint64) ([]byte, error) {
	for until := time.Now().Add(passWait); ; {
		signed, err := s.Call(ctx, http.MethodGet, client.Path(s.summit, fmt.Sprintf("/checkpoint?size=%d", size)), "", nil)
		var p *client.Problem
		switch {
		case !errors.As(err, &p):
			return signed, err
		case p.Status == http.StatusNotFound:
			return nil, nil
		case !p.Passes:
			return nil, refused(err)
		case !time.Now().Before(until):
			return nil, cli.Exit(cli.Unreachable, fmt.Errorf("the server cannot sign at the moment: audit again later: %w", err))
		}
		if err := client.Pause(ctx, passEvery); err != nil {
			return nil, err
		}
	}
}
