package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/summit-timeline/summit/store/merkle"
)

// readCheckpoint reads a checkpoint. With a key its signature is verified;
// without one it is used as it is.
func readCheckpoint(signed []byte, key string) (*Checkpoint, error) {
	body, _, isNote := bytes.Cut(signed, []byte("\n\n"))
	if !isNote {
		return nil, errors.New("read checkpoint: it is not a signed note")
	}
	c, err := merkle.ParseCheckpoint(append(bytes.Clone(body), '\n'))
	if err != nil {
		return nil, err
	}
	if key != "" {
		if err := verify(signed, key, c.Origin); err != nil {
			return nil, err
		}
	}
	return &Checkpoint{Origin: c.Origin, Size: c.Size, Root: c.Root[:], Verified: key != "", Text: signed}, nil
}

// verify checks the signature of a log: by the key as it is named, or by the
// same key under the name of the log.
func verify(signed []byte, key, origin string) error {
	own, err := merkle.RenameKey(key, origin)
	if err != nil {
		return err
	}
	v, err := merkle.ParseVerifier(own)
	if err != nil {
		return err
	}
	_, _, err = merkle.Open(signed, v)
	return err
}

// of reports whether a checkpoint is of the log of a summit.
func (c *Checkpoint) of(summit string) bool { return strings.HasSuffix(c.Origin, "/summits/"+summit) }

// readKept reads the checkpoint that the auditor kept, before anything else: the
// log's root at its size is taken on the way.
func (a *auditor) readKept() (err error) {
	if a.Since == nil {
		return nil
	}
	if a.kept, err = readCheckpoint(a.Since, a.Key); err != nil {
		return fmt.Errorf("the checkpoint you kept: %w", err)
	}
	if !a.kept.of(a.Summit) {
		return fmt.Errorf("the checkpoint you kept is of %s, not of %s", a.kept.Origin, a.Summit)
	}
	a.report.Since = a.kept
	return nil
}

// compareCheckpoint compares the head that the server signs with the log that was
// read.
func (a *auditor) compareCheckpoint(ctx context.Context) error {
	if a.report.Events == 0 {
		return nil
	}
	signed, err := a.server.Checkpoint(ctx, a.account.Position.Seq)
	if refused := (*RefusedError)(nil); errors.As(err, &refused) {
		a.report.find(Finding{Check: CheckCheckpoint, Detail: "the server does not sign its log: " + refused.Detail})
		return nil
	}
	if err != nil {
		return err
	}
	if signed == nil {
		if a.Key != "" || a.kept != nil {
			a.report.find(Finding{Check: CheckCheckpoint, Detail: "the server signs no checkpoint"})
		}
		return nil
	}
	c, err := readCheckpoint(signed, a.Key)
	if err != nil {
		a.report.find(Finding{Check: CheckCheckpoint, Detail: err.Error()})
		return nil
	}
	a.report.Checkpoint = c
	switch {
	case !c.of(a.Summit):
		a.report.find(Finding{Check: CheckCheckpoint, Server: c.Origin, Detail: "the checkpoint the server signs is of another log"})
	case uint64(c.Size) != a.account.Position.Seq:
		a.report.find(Finding{
			Check: CheckCheckpoint, Seq: uint64(min(c.Size, int64(a.account.Position.Seq))) + 1,
			Detail: fmt.Sprintf("the server signs %d events but shows %d: the checkpoint is stale", c.Size, a.account.Position.Seq),
		})
	case a.report.Events == uint64(c.Size) && !bytes.Equal(c.Root, a.report.Root):
		a.report.find(Finding{
			Check: CheckCheckpoint, Log: text(a.report.Root), Server: text(c.Root),
			Detail: fmt.Sprintf("the checkpoint of %d events is not of the log that was read", c.Size),
		})
	}
	if a.kept != nil && c.Origin != a.kept.Origin {
		a.report.find(Finding{Check: CheckSince, Log: c.Origin, Server: a.kept.Origin, Detail: "the checkpoint you kept is of another log"})
	}
	return nil
}

// compareKept proves that the log only grew since the auditor looked last: the
// first events read now must have the root that was signed then.
func (a *auditor) compareKept() {
	k := a.kept
	if k == nil || k.Size == 0 {
		return
	}
	if uint64(k.Size) > a.report.Events && !a.ended {
		a.report.find(Finding{
			Check: CheckSince, Seq: a.report.Events + 1,
			Detail: fmt.Sprintf("the log had %d events when the checkpoint was signed; the first %d could be read", k.Size, a.report.Events),
		})
		return
	}
	if uint64(k.Size) > a.report.Events {
		a.report.find(Finding{
			Check: CheckSince, Seq: a.report.Events + 1, Log: fmt.Sprintf("%d events", a.report.Events), Server: fmt.Sprintf("%d events", k.Size),
			Detail: fmt.Sprintf("the log had %d events when the checkpoint was signed and has %d now: it was rolled back", k.Size, a.report.Events),
		})
		return
	}
	if root := a.log.marks[k.Size]; !bytes.Equal(root[:], k.Root) {
		a.report.find(Finding{
			Check: CheckSince, Log: text(root[:]), Server: text(k.Root),
			Detail: fmt.Sprintf("the first %d events are not those that the checkpoint was signed for: one was changed, or another history took their place", k.Size),
		})
	}
}
