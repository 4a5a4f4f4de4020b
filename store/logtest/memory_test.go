package logtest_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/logtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemoryIsALog(t *testing.T) {
	logtest.Run(t, logtest.Bench{
		New: func(t logtest.TB, summit string) logtest.Log {
			m := logtest.NewMemory(summit)
			if _, err := m.Append(context.Background(), []events.Event{logtest.Opened(summit)}, store.After(0)); err != nil {
				t.Fatal(err)
			}
			return m
		},
		LosePublish: func(l logtest.Log) { l.(*logtest.Memory).LosePublish() },
		LoseAck:     func(l logtest.Log) { l.(*logtest.Memory).LoseAck() },
	})
}
