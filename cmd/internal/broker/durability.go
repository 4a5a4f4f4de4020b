package broker

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// Durability states when what is acknowledged is on disk, and what a reader of
// /readyz must know of it.
type Durability struct {
	Setting  string
	Warnings []string
}

// jszSubject is where the servers of a cluster tell their JetStream settings.
// Only the system account has it, unless it exports it.
const jszSubject = "$SYS.REQ.SERVER.PING.JSZ"

// settle is how long nothing more may come before the servers that answered
// count as all.
const settle = 500 * time.Millisecond

// durability asks the servers whether each syncs before it acknowledges.
func (c *Cluster) durability() (Durability, error) {
	names, weak, err := c.syncSettings()
	if err != nil {
		return Durability{}, fmt.Errorf("ask how the cluster syncs: %w", err)
	}
	switch {
	case names == 0:
		return Durability{Unknown, []string{
			"durability: whether the cluster syncs before it acknowledges cannot be read with these credentials; set sync_interval: always on every server, " +
				"or let this account import " + jszSubject + " from the system account",
		}}, nil
	case len(weak) > 0:
		return Durability{Interval, []string{fmt.Sprintf(
			"durability: %v of %d servers acknowledge before they sync: a loss of power on most of them at once can lose acknowledged facts; set sync_interval: always", weak, names)}}, nil
	}
	return Durability{Setting: Always}, nil
}

// syncSettings counts the servers that answer, and names those that do not
// sync before they acknowledge.
func (c *Cluster) syncSettings() (answered int, weak []string, err error) {
	inbox := c.watch.NewRespInbox()
	sub, err := c.watch.SubscribeSync(inbox)
	if err != nil {
		return 0, nil, err
	}
	defer sub.Unsubscribe() //nolint:errcheck // the connection is closed next where this fails
	if err := c.watch.PublishRequest(jszSubject, inbox, []byte(`{"config":true}`)); err != nil {
		return 0, nil, err
	}
	for {
		m, err := sub.NextMsg(settle)
		if err != nil {
			return answered, weak, ignoreSilence(err)
		}
		var a struct {
			Server struct {
				Name string `json:"name"`
			} `json:"server"`
			Data *struct {
				Config struct {
					SyncAlways bool `json:"sync_always"`
				} `json:"config"`
			} `json:"data"`
		}
		if len(m.Data) == 0 || json.Unmarshal(m.Data, &a) != nil || a.Data == nil {
			continue // nobody answers on that subject
		}
		answered++
		if !a.Data.Config.SyncAlways {
			weak = append(weak, a.Server.Name)
		}
	}
}

// ignoreSilence makes nothing of answers that do not come: it is how they end,
// and how they fail to begin where the subject is not ours to ask.
func ignoreSilence(err error) error {
	if err == nats.ErrTimeout || err == nats.ErrNoResponders { //nolint:errorlint // they come bare
		return nil
	}
	return err
}
