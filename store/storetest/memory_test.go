package storetest_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemoryIsALog(t *testing.T) {
	storetest.Run(t, storetest.Bench{
		New: func(t storetest.TB, summit string) storetest.Log {
			m := storetest.NewMemory(summit)
			if _, err := m.Append(context.Background(), []events.Event{storetest.Opened(summit)}, store.After(0)); err != nil {
				t.Fatal(err)
			}
			return m
		},
		LosePublish: func(l storetest.Log) { l.(*storetest.Memory).LosePublish() },
		LoseAck:     func(l storetest.Log) { l.(*storetest.Memory).LoseAck() },
	})
}
