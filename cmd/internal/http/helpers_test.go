package httpserver_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/summit-timeline/summit/cmd/internal/http/servertest"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a server with what only tests of this package ask of it.
type fixture struct{ *servertest.Instance }

func newFixture(t testing.TB) *fixture {
	t.Helper()
	return &fixture{servertest.Start(t)}
}

func newFixtureWith(t testing.TB, change func(*store.Options, *summits.Options)) *fixture {
	t.Helper()
	return &fixture{servertest.StartWith(t, change)}
}

// Replica is another server on the same broker, with views of its own.
func (f *fixture) replica(change func(*store.Options, *summits.Options)) *fixture {
	f.Helper()
	return &fixture{f.Instance.Replica(change)}
}
