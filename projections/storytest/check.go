package storytest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Check holds a status, as a server answers it, against the model. It returns
// every disagreement in words.
func (m *Model) Check(answer []byte, at time.Time) []string {
	var got Object
	if err := json.Unmarshal(answer, &got); err != nil {
		return []string{"the status is no JSON object: " + err.Error()}
	}
	c := &check{}
	phase, lists := m.Status(at)
	c.equal("/phase", phase, got["phase"])
	for _, list := range [...]string{
		"aircraft", "vehicles", "delegations", "meetings", "sites", "agenda", "positions", "documents", "measures", "incidents",
	} {
		name := map[string]string{"agenda": "topic", "positions": "topic"}[list]
		if name == "" {
			name = "id"
		}
		c.list(list, name, lists[list], got[list])
	}
	c.delegates(lists["delegates"], got["delegations"])
	c.eitherWay(got)
	c.once("", got)
	return c.found
}

type check struct{ found []string }

func (c *check) fault(at, format string, args ...any) {
	c.found = append(c.found, at+": "+fmt.Sprintf(format, args...))
}

func (c *check) equal(at string, want, got any) {
	if instant, ok := want.(time.Time); ok {
		key, _ := fact{Event: Event{Data: Object{"when": got}}}.key()
		want, got = instant.Format(time.RFC3339), key.Format(time.RFC3339)
	}
	if !reflect.DeepEqual(plain(want), plain(got)) {
		c.fault(at, "must be %s, is %s", text(want), text(got))
	}
}

// plain returns a value as JSON has it; a time says the instant and a plan does
// not say that it is one; an empty list is none.
func plain(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case []any:
		if len(v) == 0 {
			return nil
		}
	case string:
		if t := parse(v); !t.IsZero() {
			return t.Format(time.RFC3339)
		}
	case Object:
		out := Object{}
		for name, value := range v {
			if name != "phase" && value != nil {
				out[name] = plain(value)
			}
		}
		return out
	}
	return v
}

func text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// rows reads a list of objects by one of their members, which no two share.
func (c *check) rows(at, name string, list any) map[string]Object {
	out := map[string]Object{}
	entries, _ := list.([]any)
	for _, x := range entries {
		o := x.(Object)
		id, _ := o[name].(string)
		if out[id] != nil {
			c.fault(at, "%s stands twice", id)
		}
		out[id] = o
	}
	return out
}

func (c *check) list(list, name string, want map[string]Row, answer any) {
	got := c.rows("/"+list, name, answer)
	for id, o := range got {
		if r, ok := want[id]; ok {
			c.row("/"+list+"/"+id, r, o)
		} else if list != "delegations" || facts(o) != nil { // a party may stand for its delegates alone
			c.fault("/"+list, "%s must not be there: %s", id, text(o))
		}
	}
	for id := range want {
		if got[id] == nil {
			c.fault("/"+list, "%s is missing", id)
		}
	}
}

func facts(o Object) []string {
	var ids []string
	list, _ := o["facts"].([]any)
	for _, x := range list {
		ids = append(ids, x.(string))
	}
	return ids
}

func (c *check) row(at string, want Row, got Object) {
	for name, value := range want.Members {
		_, id, _ := strings.Cut(at[1:], "/")
		if value == nil && got[name] == id && (name == "title" || name == "name") {
			continue // what has no name is called by its id
		}
		c.member(at, name, value, got)
	}
	c.restsOn(at, want, got)
}

// member holds one member of a row against what the model says.
func (c *check) member(at, name string, value any, got Object) {
	switch name {
	case "aspects":
		c.within(at+"/aspects", value.(Object), got[name].(Object))
	case "expected":
		moves, ok := value.(Object)
		if !ok { // of the agenda: whether
			c.equal(at+"/expected", value, got[name])
			return
		}
		c.within(at+"/expected", moves, asAny(c.rows(at+"/expected", "type", got[name])))
	case "previous":
		var stances []any
		list, _ := got[name].([]any)
		for _, x := range list {
			o := x.(Object)
			stances = append(stances, Object{"stance": o["stance"], "facts": o["facts"]})
		}
		c.equal(at+"/previous", value, stances)
	case "stances":
		byActor := Object{}
		for actor, o := range c.rows(at+"/stances", "actor", got[name]) {
			if byActor[nameKey(actor)] != nil {
				c.fault(at+"/stances", "%s stands twice", actor)
			}
			byActor[nameKey(actor)] = o
		}
		c.within(at+"/stances", value.(Object), byActor)
	default:
		c.equal(at+"/"+name, value, got[name])
	}
}

// restsOn holds the facts that a row names against those on which it rests.
func (c *check) restsOn(at string, want Row, got Object) {
	named := facts(got)
	for i, id := range named {
		if slices.Contains(named[:i], id) {
			c.fault(at+"/facts", "%s stands twice", id)
		}
		if !slices.Contains(want.Of, id) {
			c.fault(at+"/facts", "%s is no standing fact of it", id)
		}
	}
	for _, id := range want.RestsOn {
		if !slices.Contains(named, id) {
			c.fault(at+"/facts", "%s is missing, on which it rests; there are %v", id, named)
		}
	}
}

func (c *check) within(at string, want, got Object) {
	for name, r := range want {
		if o, ok := got[name].(Object); ok {
			c.row(at+"/"+name, r.(Row), o)
		} else {
			c.fault(at, "%s is missing", name)
		}
	}
	if len(got) > len(want) {
		c.fault(at, "has %d entries, must have %d", len(got), len(want))
	}
}

func asAny(rows map[string]Object) Object {
	o := Object{}
	for name, r := range rows {
		o[name] = r
	}
	return o
}

// eitherWay holds who is aboard what as carriers list it against how those aboard have
// it: it is the same.
func (c *check) eitherWay(got Object) {
	listed, have := map[string]string{}, map[string]string{}
	for list, kind := range map[string]string{"aircraft": "aircraft/", "vehicles": "vehicle/"} {
		for id, o := range c.rows("/"+list, "id", got[list]) {
			aboard, _ := o["aboard"].([]any)
			for _, who := range aboard {
				if other := listed[who.(string)]; other != "" {
					c.fault("/"+list, "%s is aboard both %s and %s", who, kind+id, other)
				}
				listed[who.(string)] = kind + id
			}
		}
	}
	note := func(who string, o Object) {
		if carrier, ok := o["aboard"].(string); ok {
			have[who] = carrier
		}
	}
	there := map[string]bool{}
	for id, o := range c.rows("/delegations", "id", got["delegations"]) {
		note("delegation/"+id, o)
		there["delegation/"+id] = o["state"] != nil
		for person, d := range c.rows("/delegations/"+id+"/delegates", "id", o["delegates"]) {
			note("person/"+person, d)
			there["person/"+person] = true
		}
	}
	for who, carrier := range listed {
		if there[who] && have[who] != carrier {
			c.fault("/", "%s lists %s, which is aboard %q", carrier, who, have[who])
		}
	}
	for who, carrier := range have {
		kind, id, _ := strings.Cut(carrier, "/")
		list := map[string]string{"aircraft": "aircraft", "vehicle": "vehicles"}[kind]
		if c.rows("/"+list, "id", got[list])[id] != nil && listed[who] != carrier {
			c.fault("/", "%s is aboard %s, which does not list it", who, carrier)
		}
	}
}

// once holds that no id stands twice in a list, wherever it is.
func (c *check) once(at string, v any) {
	switch v := v.(type) {
	case Object:
		for name, x := range v {
			c.once(at+"/"+name, x)
		}
	case []any:
		seen := map[any]bool{}
		for _, x := range v {
			id := x
			if o, ok := x.(Object); ok {
				id = o["id"]
			}
			if text, ok := id.(string); ok && seen[text] {
				c.fault(at, "%s stands twice", text)
			}
			if _, ok := id.(string); ok {
				seen[id] = true
			}
			c.once(at, x)
		}
	}
}

// delegates holds the delegates of all delegations against those of the model.
func (c *check) delegates(want map[string]Row, delegations any) {
	found := map[string]Object{}
	for party, d := range c.rows("/delegations", "id", delegations) {
		for id, o := range c.rows("/delegations/"+party+"/delegates", "id", d["delegates"]) {
			if found[id] != nil {
				c.fault("/delegations", "delegate %s stands twice", id)
			}
			o["party"] = nil
			if party != "" {
				o["party"] = party
			}
			found[id] = o
		}
	}
	for id, r := range want {
		if found[id] == nil {
			c.fault("/delegations", "delegate %s is missing", id)
			continue
		}
		c.row("/delegates/"+id, r, found[id])
	}
	if len(found) > len(want) {
		c.fault("/delegations", "%d delegates, must be %d", len(found), len(want))
	}
}
