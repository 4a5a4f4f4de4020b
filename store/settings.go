package store

import (
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
)

const (
	streamPrefix = "SUMMIT_"
	// dedupWindow is for how long the broker remembers ids: the shortest there is.
	// Nothing hangs on it, since an append names the sequence that it follows, and
	// an id is looked up in the views and in what stands after them. A broker that
	// remembers longer refuses what is not in the log, and keeps ids in memory.
	dedupWindow = 100 * time.Millisecond
	// headerRoom is for the headers of a message, which count towards its size.
	headerRoom = 4 << 10
)

// settings are those under which a stream is a log: nothing expires, nothing
// is trimmed (a full stream refuses), nothing can be deleted one by one.
func settings(summit string, replicas int, maxBytes int64) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:               streamPrefix + summit,
		Description:        "facts of the summit " + summit,
		Subjects:           []string{subjectPrefix + summit + ".>"},
		Retention:          jetstream.LimitsPolicy,
		MaxConsumers:       -1,
		MaxMsgs:            -1,
		MaxBytes:           maxBytes,
		Discard:            jetstream.DiscardNew,
		MaxMsgsPerSubject:  -1,
		MaxMsgSize:         events.MaxSize + headerRoom,
		Storage:            jetstream.FileStorage,
		Replicas:           replicas,
		Duplicates:         dedupWindow,
		DenyDelete:         true,
		DenyPurge:          true,
		AllowDirect:        true,
		AllowAtomicPublish: true,
	}
}

// compare names what differs between the settings a stream has and those of a
// log. Replicas, quota and description are the operator's.
func compare(got, want jetstream.StreamConfig) error {
	var faults []string
	differ := func(name string, got, want any) {
		if got != want {
			faults = append(faults, fmt.Sprintf("%s is %v instead of %v", name, got, want))
		}
	}
	differ("subjects", fmt.Sprint(got.Subjects), fmt.Sprint(want.Subjects))
	differ("retention", got.Retention, want.Retention)
	differ("max_msgs", got.MaxMsgs, want.MaxMsgs)
	differ("max_msgs_per_subject", got.MaxMsgsPerSubject, want.MaxMsgsPerSubject)
	differ("max_age", got.MaxAge, want.MaxAge)
	differ("discard", got.Discard, want.Discard)
	differ("storage", got.Storage, want.Storage)
	differ("deny_delete", got.DenyDelete, want.DenyDelete)
	differ("deny_purge", got.DenyPurge, want.DenyPurge)
	differ("allow_rollup_hdrs", got.AllowRollup, want.AllowRollup)
	differ("allow_direct", got.AllowDirect, want.AllowDirect)
	differ("allow_atomic", got.AllowAtomicPublish, want.AllowAtomicPublish)
	differ("allow_msg_ttl", got.AllowMsgTTL, want.AllowMsgTTL)
	differ("sealed", got.Sealed, want.Sealed)
	differ("mirror", got.Mirror != nil, false)
	differ("sources", len(got.Sources), 0)
	differ("subject_transform", got.SubjectTransform != nil, false)
	if len(faults) == 0 {
		return nil
	}
	return &SettingsError{Faults: faults}
}
