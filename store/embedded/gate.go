package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// gate lets through what readers may ask of the logs. Readers are in an account
// of their own, which has no log: where they asked the broker directly it would
// publish for them wherever they have an answer or the events of a consumer
// sent, the subjects of facts included.
type gate struct {
	readers *nats.Conn // in the account of the readers, with all rights
	logger  *logger
}

const (
	inbox = "_INBOX."
	// api is where the broker answers. What readers ask there is mapped to
	// where the gate listens, before their permissions are looked at.
	api   = "$JS.API."
	asked = "_ASK."
	// passed is where the gate asks for them; answers go to them directly.
	passed = "_PASSED."
	acks   = "$JS.ACK.>"
	// readerConsumers is how many consumers a log may have when a reader asks
	// for one more: beyond it the log's own may still be made.
	readerConsumers = 1000
	// readerIdle is how long a consumer may be kept for a reader that is gone.
	readerIdle = 5 * time.Minute
	infoWait   = 2 * time.Second
)

// questions are what readers may ask.
var questions = []string{
	asked + "INFO", asked + "STREAM.NAMES", asked + "STREAM.LIST", asked + "STREAM.INFO.*", asked + "STREAM.MSG.GET.*",
	asked + "DIRECT.GET.*", asked + "DIRECT.GET.*.>", asked + consumerCreate + "*", asked + consumerCreate + "*.>",
	asked + "CONSUMER.INFO.*.*", asked + "CONSUMER.MSG.NEXT.*.*", "$JS.ACK.*.>",
}

const consumerCreate = "CONSUMER.CREATE."

// export has the account of the logs let in what those of readers and recorders
// import.
func export(logs *server.Account) error {
	return errors.Join(
		logs.AddStreamExport(facts, nil),
		logs.AddServiceExportWithResponse(api+">", server.Streamed, nil),
		logs.AddServiceExport(acks, nil),
		logs.AddServiceExport(record, nil),
	)
}

// importForReaders ties the account of the readers to that of the logs.
func importForReaders(readers, logs *server.Account) error {
	return errors.Join(
		readers.AddStreamImport(logs, facts, ""),
		readers.AddServiceImport(logs, passed+">", api+">"),
		readers.AddServiceImport(logs, acks, acks),
		readers.AddMapping(api+">", asked+">"),
	)
}

// importForRecorders ties the account of the recorders to that of the logs.
func importForRecorders(recorders, logs *server.Account) error {
	return recorders.AddServiceImport(logs, record, record)
}

// open takes questions until the connection closes.
func (g *gate) open() error {
	if _, err := g.readers.Subscribe(asked+">", g.ask); err != nil {
		return fmt.Errorf("open the gate: %w", err)
	}
	return g.readers.Flush()
}

func (g *gate) ask(m *nats.Msg) {
	if m.Reply != "" && !strings.HasPrefix(m.Reply, inbox) {
		return // an answer goes to an inbox or nowhere
	}
	question := strings.TrimPrefix(m.Subject, asked)
	if rest, creates := strings.CutPrefix(question, consumerCreate); creates {
		stream, _, _ := strings.Cut(rest, ".")
		if err := g.allowed(stream, m.Data); err != nil {
			g.refuse(m, err)
			return
		}
	}
	g.publish(&nats.Msg{Subject: passed + question, Reply: m.Reply, Header: m.Header, Data: m.Data})
}

func (g *gate) publish(m *nats.Msg) {
	if err := g.readers.PublishMsg(m); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		g.logger.Warnf("a reader's %s: %v", m.Subject, err)
	}
}

// allowed reports whether a reader may have a consumer: one that it pulls from,
// and that goes when it goes.
func (g *gate) allowed(stream string, request []byte) error {
	var q struct {
		Config struct {
			Durable string        `json:"durable_name"`
			Deliver string        `json:"deliver_subject"`
			Idle    time.Duration `json:"inactive_threshold"`
		} `json:"config"`
	}
	if err := json.Unmarshal(request, &q); err != nil {
		return fmt.Errorf("the request cannot be read: %w", err)
	}
	switch {
	case q.Config.Deliver != "":
		return errors.New("readers may only create pull consumers: deliver_subject is not allowed")
	case q.Config.Durable != "":
		return errors.New("readers may only create ephemeral consumers: durable_name is not allowed")
	case q.Config.Idle > readerIdle:
		return fmt.Errorf("inactive_threshold is too long: a reader's consumer is kept for %s at most", readerIdle)
	}
	return g.room(stream)
}

// room reports whether a stream has few enough consumers for one more.
func (g *gate) room(stream string) error {
	m, err := g.readers.Request(passed+"STREAM.INFO."+stream, nil, infoWait)
	if err != nil {
		return fmt.Errorf("the log cannot be asked: %w", err)
	}
	var info struct {
		State struct {
			Consumers int `json:"consumer_count"`
		} `json:"state"`
	}
	if err := json.Unmarshal(m.Data, &info); err != nil {
		return fmt.Errorf("the log cannot be asked: %w", err)
	}
	if info.State.Consumers >= readerConsumers {
		return fmt.Errorf("there are already %d consumers: try again when some have gone", readerConsumers)
	}
	return nil
}

// refuse answers as the broker does.
func (g *gate) refuse(m *nats.Msg, reason error) {
	b, err := json.Marshal(map[string]any{
		"type":  "io.nats.jetstream.api.v1.consumer_create_response",
		"error": map[string]any{"code": 403, "err_code": 10000, "description": reason.Error()},
	})
	if err == nil && m.Reply != "" {
		g.publish(&nats.Msg{Subject: m.Reply, Data: b})
	}
}
