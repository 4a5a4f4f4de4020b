package store

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A leader speaks for its log as of when, with it, a majority was last heard.
func TestHeardIsWhenAMajorityWas(t *testing.T) {
	follower := func(active time.Duration, current bool) *jetstream.PeerInfo {
		return &jetstream.PeerInfo{Active: active, Current: current}
	}
	for name, c := range map[string]struct {
		servers   int
		followers []*jetstream.PeerInfo
		want      time.Duration
	}{
		"one server":               {1, nil, 0},
		"three":                    {3, []*jetstream.PeerInfo{follower(5*time.Second, false), follower(time.Second, true)}, time.Second},
		"three, one never heard":   {3, []*jetstream.PeerInfo{follower(0, false), follower(time.Second, true)}, time.Second},
		"three, one this moment":   {3, []*jetstream.PeerInfo{follower(0, true), follower(time.Second, true)}, 0},
		"three, none ever heard":   {3, []*jetstream.PeerInfo{follower(0, false), follower(0, false)}, never},
		"three that nobody leads":  {3, nil, never},
		"five, the second counts":  {5, []*jetstream.PeerInfo{follower(4, true), follower(3, true), follower(2, true), follower(1, true)}, 2},
		"five, too few were heard": {5, []*jetstream.PeerInfo{follower(0, false), follower(3, true), follower(0, false), follower(0, false)}, never},
	} {
		t.Run(name, func(t *testing.T) {
			if got := heard(&jetstream.ClusterInfo{Replicas: c.followers}, c.servers); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
	if got := heard(nil, 3); got != never {
		t.Errorf("without a word on the cluster: %s", got)
	}
}
