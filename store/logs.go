package store

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events"
)

// Conns are the connections of the logs. A read is served inline in the read
// loop of its connection, so appends have one of their own.
type Conns struct{ Append, Read *nats.Conn }

// Options of the logs.
type Options struct {
	Replicas int   // of a new stream; 0 is 1
	MaxBytes int64 // quota of a new stream; 0 is none
	// AckWait is how long to wait for an acknowledgement before what came of
	// it is read back from the log; 0 is five seconds.
	AckWait time.Duration
	// Silence is how long nothing may come of a log that is followed before it
	// is asked whether there is anything; 0 is five seconds.
	Silence time.Duration
	// Failing, if it is given, returns why nothing can be written for now, and nil
	// if it can. It is asked before each append, and must not wait then; and it is
	// told how the broker failed where that failed, and may look for the reason.
	Failing func(failed error) error
	// Force, if it is given, returns once all that the broker has acknowledged of a
	// stream is on the disk. It is for a broker inside the process that does not sync
	// by itself, and to which nobody else writes: events that are appended together
	// are then synced together, and those who follow are given them from memory.
	Force func(stream string) error
	// Note, if it is given beside Force, writes down events that are about to be appended to
	// a stream after a sequence, up to which all is on the disk. It returns what is
	// called once it is known how many of them, from the first on, were added: that
	// returns once they are on the disk, and the others cannot come back. It may return
	// nil: Force is called then.
	Note func(stream string, after uint64, list []Stored) (settle func(added int) error)
	// Clock is that of the broker; Force needs it.
	Clock func() time.Time
}

// Logs are all logs on one JetStream.
type Logs struct {
	write, read jetstream.JetStream
	o           Options
	forced      *forced // nil without Options.Force
}

// Open opens the logs on a JetStream.
func Open(c Conns, o Options) (*Logs, error) {
	write, err := jetstream.New(c.Append)
	if err != nil {
		return nil, fmt.Errorf("open logs: %w", err)
	}
	read, err := jetstream.New(c.Read)
	if err != nil {
		return nil, fmt.Errorf("open logs: %w", err)
	}
	o.Replicas = max(o.Replicas, 1)
	if o.AckWait == 0 {
		o.AckWait = ackWait
	}
	if o.Silence == 0 {
		o.Silence = silence
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = -1
	}
	if o.Failing == nil {
		o.Failing = func(error) error { return nil }
	}
	return &Logs{write: write, read: read, o: o, forced: newForced(o)}, nil
}

// Names lists the summits that have a stream.
func (l *Logs) Names(ctx context.Context) ([]string, error) {
	lister := l.read.StreamNames(ctx)
	var names []string
	for name := range lister.Name() {
		if summit, ok := strings.CutPrefix(name, streamPrefix); ok && events.IsSlug(summit) {
			names = append(names, summit)
		}
	}
	if err := lister.Err(); err != nil {
		return nil, fmt.Errorf("list logs: %w", unavailable(err))
	}
	sort.Strings(names)
	return names, nil
}

// List asks the broker about all logs at once; it returns what Info does, by
// summit. In a cluster an answer may be of a server that lags, and a log may be
// missing whose leader is slow: what looks wrong is to be asked for by Info.
func (l *Logs) List(ctx context.Context) (map[string]Info, error) {
	lister := l.read.ListStreams(ctx)
	all := map[string]Info{}
	for info := range lister.Info() {
		if summit, ok := strings.CutPrefix(info.Config.Name, streamPrefix); ok && events.IsSlug(summit) {
			all[summit] = infoOf(summit, info)
		}
	}
	if err := lister.Err(); err != nil {
		return nil, fmt.Errorf("list logs: %w", unavailable(err))
	}
	return all, nil
}

// Open opens the log of a summit. Its settings are compared, never changed: a
// *SettingsError names what differs. ErrNotFound if there is none.
func (l *Logs) Open(ctx context.Context, summit string) (*Log, error) {
	stream, err := l.read.Stream(ctx, streamPrefix+summit)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, fmt.Errorf("open log of %s: %w", summit, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("open log of %s: %w", summit, unavailable(err))
	}
	if err := compare(stream.CachedInfo().Config, settings(summit, l.o.Replicas, l.o.MaxBytes)); err != nil {
		return nil, fmt.Errorf("open log of %s: %w", summit, err)
	}
	return l.log(summit, stream), nil
}

func (l *Logs) log(summit string, stream jetstream.Stream) *Log {
	info := stream.CachedInfo()
	return &Log{
		summit: summit, write: l.write, read: l.read, stream: stream, created: info.Created, servers: info.Config.Replicas,
		ackWait: l.o.AckWait, silence: l.o.Silence, failing: l.o.Failing, shared: l.forced.of(summit),
	}
}

// Attach returns the log of a summit that is known from its views, whatever has
// become of it: its settings may differ, and where its stream is gone every
// call answers ErrNotFound.
func (l *Logs) Attach(ctx context.Context, summit string) (*Log, error) {
	stream, err := l.read.Stream(ctx, streamPrefix+summit)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = gone{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("attach to the log of %s: %w", summit, unavailable(err))
	}
	return l.log(summit, stream), nil
}

// gone stands for a stream that does not exist.
type gone struct{ jetstream.Stream }

func (gone) Info(context.Context, ...jetstream.StreamInfoOpt) (*jetstream.StreamInfo, error) {
	return nil, jetstream.ErrStreamNotFound
}

func (gone) GetMsg(context.Context, uint64, ...jetstream.GetMsgOpt) (*jetstream.RawStreamMsg, error) {
	return nil, jetstream.ErrStreamNotFound
}

func (gone) CachedInfo() *jetstream.StreamInfo { return &jetstream.StreamInfo{} }

// Make makes the log of a summit, without an event, if there is none.
func (l *Logs) Make(ctx context.Context, summit string) (*Log, error) {
	if err := l.makeStream(ctx, summit); err != nil {
		if why := frozen(l.o.Failing, failure(err)); why != nil {
			return nil, fmt.Errorf("create log of %s: %w", summit, why)
		}
		return nil, fmt.Errorf("create log of %s: %w", summit, unavailable(err))
	}
	return l.Open(ctx, summit)
}

// Create makes the log of a summit with the event that opens it. The same
// event again is a duplicate; another under that name is ErrExists. A stream
// that was made but got no event is continued.
func (l *Logs) Create(ctx context.Context, opened events.Event) (*Log, Result, error) {
	log, err := l.Make(ctx, opened.Summit)
	if err != nil {
		return nil, Result{}, err
	}
	results, err := log.Append(ctx, []events.Event{opened}, After(0))
	if conflicts(err) {
		result, err := log.opening(ctx, opened)
		if err != nil {
			return nil, Result{}, err
		}
		return log, result, nil
	}
	if err != nil {
		return nil, Result{}, err
	}
	return log, results[0], nil
}

// opening compares an event with the one that opened the log.
func (l *Log) opening(ctx context.Context, e events.Event) (Result, error) {
	first, err := l.Get(ctx, 1)
	if err != nil {
		return Result{}, err
	}
	same, err := false, error(nil)
	if first.Err == nil && first.Event.ID == e.ID {
		same, err = events.Same(e, first.Event)
	}
	if err == nil && !same {
		err = ErrExists
	}
	if err != nil {
		return Result{}, fmt.Errorf("create log of %s: %w", l.summit, err)
	}
	return Result{Seq: 1, Outcome: Duplicate}, nil
}

// makeTries is how often the broker is asked to make a stream: a question that
// is lost is asked again, and what already exists is not a fault.
const makeTries = 3

func (l *Logs) makeStream(ctx context.Context, summit string) (err error) {
	for range makeTries {
		ask, cancel := context.WithTimeout(ctx, askWait)
		_, err = l.write.CreateStream(ask, settings(summit, l.o.Replicas, l.o.MaxBytes))
		cancel()
		var api *jetstream.APIError
		switch {
		case err == nil, errors.Is(err, jetstream.ErrStreamNameAlreadyInUse):
			return nil
		case ctx.Err() != nil, errors.As(err, &api) && api.ErrorCode != storeNotMade:
			return err
		case api != nil:
			if err := pause(ctx); err != nil {
				return err
			}
		}
	}
	return err
}

// storeNotMade is the error of a broker that cannot make the files of a stream,
// as a rule because it is still removing those of one that had the same name, or
// the folder of one that was its only one.
const storeNotMade jetstream.ErrorCode = 10049

func unavailable(err error) error { return fmt.Errorf("%w: %w", ErrUnavailable, err) }
