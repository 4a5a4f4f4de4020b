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
	for _, list := range [...]string{"aircraft", "delegations", "meetings", "sites", "agenda", "positions"} {
		name := map[string]string{"agenda": "topic", "positions": "topic"}[list]
		if name == "" {
			name = "id"
		}
		c.list(list, name, lists[list], got[list])
	}
	c.delegates(lists["delegates"], got["delegations"])
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
		switch name {
		case "aspects":
			c.within(at+"/aspects", value.(Object), got[name].(Object))
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
