package describe

import (
	"fmt"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/live"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
)

// schemaDialect is that of the schemas of event types.
const schemaDialect = "application/schema+json;version=draft-2020-12"

// AsyncAPI answers the description of what the server sends by itself (AsyncAPI
// 3.0): the events over NATS, and the live stream over HTTP.
func (x *Describer) AsyncAPI(w http.ResponseWriter, r *http.Request) error {
	schemas, messages := map[string]any{}, map[string]any{}
	facts, err := eventMessages(messages)
	if err != nil {
		return err
	}
	frames := x.frameMessages(messages, schemas)
	summit := map[string]any{"description": "Id of the summit."}
	entity := map[string]any{"summit": summit, "kind": map[string]any{"description": "Kind of the entity.", "enum": kinds()}, "entity": map[string]any{"description": "Id of the entity."}}
	messages[ackMessage] = acknowledgement()
	return respond.JSON(w, http.StatusOK, map[string]any{
		"asyncapi": "3.0.0",
		"info":     map[string]any{"title": "Summit", "version": x.Version, "description": "Facts of summits as they come. What is asked for is in /openapi.json."},
		"servers":  serversOf(r),
		"channels": map[string]any{
			"facts": map[string]any{
				"title": "Facts over NATS", "address": "facts.{summit}.{kind}.{entity}", "servers": []any{serverRef("nats")}, "messages": facts,
				"description": "One event a message, as it is recorded, on the subject of its entity. Subscribe to a part with * and >. The stream SUMMIT_<id> of JetStream has all of them from the first.",
				"parameters":  entity,
			},
			"record": map[string]any{
				"title": "Recording over NATS", "address": "record.{summit}.{kind}.{entity}", "servers": []any{serverRef("nats")}, "messages": facts,
				"description": "One event a message, as it is sent to the facts of the summit over HTTP; what the server can fill in may be left out. With a header Authorization: Bearer TOKEN where the server asks for tokens. " +
					"Nats-Msg-Id, where it is given, is the event's id; Nats-Expected-Last-Sequence is honoured; other Nats-Expected-* and Nats-Batch-* are refused.",
				"parameters": entity,
			},
			"acknowledgements": map[string]any{
				"title": "What becomes of an event", "address": nil, "servers": []any{serverRef("nats")}, "messages": map[string]any{ackMessage: messageRef(ackMessage)},
				"description": "Sent to the reply subject of the message, in JetStream's own form. The header Summit-Position has the position.",
			},
			"live": map[string]any{
				"title": "The live stream", "address": "/v1/summits/{summit}/live", "servers": []any{serverRef("http")}, "messages": frames,
				"description": "Server-Sent Events. The id of a frame is its position: come back with it as Last-Event-ID.",
				"parameters":  map[string]any{"summit": summit},
			},
		},
		"operations": map[string]any{
			"sendFacts":     operationOn("send", "facts", "Each event that is recorded.", nil),
			"receiveEvents": recording(),
			"sendFrames":    operationOn("send", "live", "What is new, as items of the timeline.", map[string]any{"http": map[string]any{"method": http.MethodGet}}),
		},
		"components": map[string]any{"messages": messages, "schemas": schemas},
	})
}

// ackMessage is the name of what recorders are answered.
const ackMessage = "record.acknowledgement"

// recording is the operation of taking events over NATS.
func recording() map[string]any {
	op := operationOn("receive", "record", "What recorders publish; it is admitted by the same rules as over HTTP.", nil)
	op["reply"] = map[string]any{
		"address": map[string]any{"description": "The reply subject of the message.", "location": "$message.header#/reply"},
		"channel": map[string]any{"$ref": "#/channels/acknowledgements"},
	}
	return op
}

// acknowledgement is the message that a recorder is answered.
func acknowledgement() map[string]any {
	text, number := map[string]any{"type": "string"}, map[string]any{"type": "integer"}
	return map[string]any{
		"name": ackMessage, "summary": "Where the event stands, or why it is refused.", "contentType": jsonType,
		"payload": map[string]any{"type": "object", "properties": map[string]any{
			"stream": text, "seq": number, "duplicate": map[string]any{"type": "boolean"}, "type": text,
			"error": map[string]any{
				"type": "object", "description": "Its code is the status of HTTP, its description what HTTP says.", "required": []string{"code", "err_code", "description"},
				"properties": map[string]any{"code": number, "err_code": number, "description": text},
			},
		}},
	}
}

func serversOf(r *http.Request) map[string]any {
	protocol := "http"
	if r.TLS != nil {
		protocol = "https"
	}
	name, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		name = r.Host
	}
	return map[string]any{
		"http": map[string]any{"host": r.Host, "protocol": protocol},
		"nats": map[string]any{
			"host": "{host}:{port}", "protocol": "nats", "description": "Where the server says that it listens for NATS.",
			"variables": map[string]any{"host": map[string]any{"default": name}, "port": map[string]any{"default": "4222"}},
		},
	}
}

func serverRef(name string) map[string]any { return map[string]any{"$ref": "#/servers/" + name} }

func operationOn(action, channel, summary string, bindings map[string]any) map[string]any {
	op := map[string]any{"action": action, "channel": map[string]any{"$ref": "#/channels/" + channel}, "summary": summary}
	if bindings != nil {
		op["bindings"] = bindings
	}
	return op
}

// kinds are those of the entities that events are about.
func kinds() []string {
	var list []string
	for _, t := range events.Types() {
		if k := string(t.Kind); k != "" && !slices.Contains(list, k) {
			list = append(list, k)
		}
	}
	slices.Sort(list)
	return list
}

// eventMessages adds a message for each type of event. It returns references to
// them.
func eventMessages(messages map[string]any) (map[string]any, error) {
	refs := map[string]any{}
	for _, t := range events.Types() {
		var payload map[string]any
		if err := json.Unmarshal(events.EnvelopeSchema(), &payload); err != nil {
			return nil, fmt.Errorf("describe %s: %w", t.Name, err)
		}
		properties := payload["properties"].(map[string]any) // it is the schema of an object
		properties["type"] = map[string]any{"const": t.Name}
		properties["data"] = map[string]any{"$ref": "/schemas/" + t.Name + "/" + strconv.Itoa(t.Version)}
		messages[t.Name] = map[string]any{
			"name": t.Name, "summary": t.Doc, "contentType": events.ContentType,
			"payload": map[string]any{"schemaFormat": schemaDialect, "schema": payload},
		}
		refs[t.Name] = messageRef(t.Name)
	}
	return refs, nil
}

func messageRef(name string) map[string]any {
	return map[string]any{"$ref": "#/components/messages/" + name}
}

// frameMessages adds a message for each kind of frame. It returns references to
// them.
func (x *Describer) frameMessages(messages, schemas map[string]any) map[string]any {
	refs := map[string]any{}
	for _, k := range append([]live.FrameKind{
		{Name: projections.FrameFact, Doc: "An item of the timeline as of that position; for an amendment the item it amends.", Data: projections.Item{}},
		{Name: projections.FrameSummit, Doc: "What the summit says of itself, when it is opened or closed.", Data: x.Summary},
		{Name: projections.FrameQuarantined, Doc: "A stored event that could not be read.", Data: projections.Quarantined{}},
	}, live.FrameKinds()...) {
		name := "live." + k.Name
		messages[name] = map[string]any{"name": k.Name, "summary": k.Doc, "contentType": jsonType, "payload": schemaOf(reflect.TypeOf(k.Data), schemas)}
		refs[name] = messageRef(name)
	}
	return refs
}
