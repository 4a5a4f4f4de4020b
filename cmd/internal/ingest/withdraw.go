package ingest

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/summit-timeline/summit/events"
)

// withdraw retracts what a source has withdrawn, once. What the server does not
// have needs no retraction.
func (rec *Recorder) withdraw(ctx context.Context, r Reading, g Gone, before map[string]digest, sum *Report) error {
	name, now := "withdrawn\n"+g.Key, sha256.Sum256([]byte(g.When.String()+"\n"+g.Reason))
	if was, told := before[name]; told && was == now {
		rec.recorded[name] = now
		sum.Duplicate++
		return nil
	}
	k, err := rec.findGone(ctx, r, g)
	if err == nil && k.exists() && k.withdrawn == k.returned {
		err = rec.retract(ctx, k, withdrawalID(k.id, k.withdrawn+1).String(), k.id.String(), g)
		if err == nil {
			sum.Retracted++
		}
	} else if err == nil {
		sum.Duplicate++
	}
	if err == nil {
		rec.recorded[name] = now
	}
	return err
}

// findGone returns what the server has of it. Ids of Atom are the same for
// nobody else, so that one under a former identity is of this feed.
func (rec *Recorder) findGone(ctx context.Context, r Reading, g Gone) (known, error) {
	k, err := rec.known(ctx, identify(r.Identity, g.Key))
	if err != nil || k.exists() {
		return k, err
	}
	for _, id := range formerIDs(r, g.Key) {
		was, err := rec.known(ctx, id)
		if err != nil || was.exists() {
			return was, err
		}
	}
	return k, nil
}

// restore lets a fact stand again that its source withdrew and has published
// again: it withdraws the withdrawal.
func (rec *Recorder) restore(ctx context.Context, k known, sum *Report) error {
	if k.withdrawn <= k.returned {
		return nil
	}
	err := rec.retract(ctx, k, returnID(k.id, k.returned+1).String(), withdrawalID(k.id, k.withdrawn).String(), Gone{Reason: "The source has published it again"})
	if err == nil {
		sum.Corrected++
	}
	return err
}

func (rec *Recorder) retract(ctx context.Context, k known, id, target string, g Gone) error {
	data, err := events.EncodeData(&events.FactRetracted{Target: events.Target{Target: target}, Reason: g.Reason})
	if err != nil {
		return fmt.Errorf("withdraw %s: %w", g.Key, err)
	}
	_, err = rec.send(ctx, event{ID: id, Type: events.TypeFactRetracted, Subject: k.subject, Time: g.When, Data: data})
	return err
}
