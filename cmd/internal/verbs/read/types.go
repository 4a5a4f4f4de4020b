package read

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/events"
)

// Types describes the types of facts.
func Types() cli.Verb {
	return cli.Verb{
		Name: "types", Args: "[TYPE]", Short: "list the types of facts, or the fields of one with an example",
		Example: "summit types\nsummit types aircraft.landed",
		Words:   map[string][]string{"TYPE": typeNames()},
		Setup: func(f *cli.Flags) cli.Run {
			var asJSON bool
			f.BoolVar(&asJSON, "json", false, "print the list, or the JSON Schema of the type, as JSON")
			return func(_ context.Context, std cli.Streams, args []string) error {
				if len(args) == 0 {
					return listTypes(std, asJSON)
				}
				return describeType(std, args[0], asJSON)
			}
		},
	}
}

func listTypes(std cli.Streams, asJSON bool) error {
	if asJSON {
		list := []map[string]any{}
		for _, t := range events.Types() {
			list = append(list, map[string]any{"type": t.Name, "version": t.Version, "kind": t.Kind, "amendment": t.Amendment, "description": t.Doc})
		}
		return cli.PrintJSON(std.Out, list)
	}
	t := cli.NewTable(std.Out, "TYPE", "ABOUT", "WHAT IT SAYS")
	for _, x := range events.Types() {
		if x.Server { // no server makes one so far
			continue
		}
		about := string(x.Kind) + "/ID"
		if x.Or != "" {
			about += " or " + string(x.Or) + "/ID"
		}
		switch {
		case x.Amendment:
			about = "an earlier fact"
		case x.Kind == "":
			about = "any entity"
		}
		t.Row(x.Name, about, x.Doc)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(std.Out, "\nsummit types TYPE shows the fields of one")
	return err
}

// schema is the part of a JSON Schema that is shown.
type schema struct {
	Description string            `json:"description"`
	Type        any               `json:"type"`
	Enum        []any             `json:"enum"`
	Required    []string          `json:"required"`
	Properties  map[string]schema `json:"properties"`
	Items       *schema           `json:"items"`
}

func describeType(std cli.Streams, name string, asJSON bool) error {
	types := events.Types()
	i := slices.IndexFunc(types, func(t events.TypeInfo) bool { return t.Name == name })
	if i < 0 {
		return cli.Usage("unknown type %q%s", name, events.OrNearest(name, typeNames()))
	}
	t := types[i]
	text, _ := events.Schema(t.Name, t.Version)
	if asJSON {
		_, err := fmt.Fprintf(std.Out, "%s\n", text)
		return err
	}
	var s schema
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("read the schema of %s: %w", name, err)
	}
	fmt.Fprintf(std.Out, "%s: %s\n\n", name, cli.Wrap(std.Out, t.Doc, 0))
	table := cli.NewTable(std.Out, "FIELD", "VALUE", "NEEDED", "MEANING")
	for _, field := range fieldsOf(s) {
		p := s.Properties[field]
		needed := ""
		if slices.Contains(s.Required, field) {
			needed = "yes"
		}
		table.Row(field, p.value(), needed, p.Description)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(std.Out, "\nfor example:\n  %s\n", exampleOf(t, s))
	return err
}

// fieldsOf returns the fields of a type: those that are needed first.
func fieldsOf(s schema) []string {
	var names []string
	for name := range s.Properties {
		if name != "sealed" && name != "unseal_at" { // no server seals anything so far
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		x, y := slices.Contains(s.Required, a), slices.Contains(s.Required, b)
		if x != y {
			if x {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return names
}

// value describes what a field accepts.
func (s schema) value() string {
	switch {
	case len(s.Enum) > 0:
		var words []string
		for _, v := range s.Enum {
			if v != nil {
				words = append(words, fmt.Sprint(v))
			}
		}
		return strings.Join(words, ", ")
	case s.Items != nil:
		return "list of " + s.Items.value()
	case len(fieldsOf(s)) > 0:
		return "object: " + strings.Join(fieldsOf(s), ", ")
	}
	switch t := s.Type.(type) {
	case string:
		return t
	case []any:
		var words []string
		for _, v := range t {
			if v != "null" && (v != "object" || len(fieldsOf(s)) > 0) {
				words = append(words, fmt.Sprint(v))
			}
		}
		return strings.Join(words, " or ")
	}
	return "any"
}

// exampleOf returns a command that records a fact of a type.
func exampleOf(t events.TypeInfo, s schema) string {
	if t.Amendment {
		if flag, ok := amendmentFlags[t.Name]; ok {
			return "summit record SUMMIT " + flag
		}
		return "the server records it itself"
	}
	parts := []string{"summit record SUMMIT", "--type " + t.Name}
	if t.Kind != "" {
		parts = append(parts, "--entity "+string(t.Kind)+"/ID")
	}
	parts = append(parts, "--at 'today 10:00'", "--source 'First source>Outlet'")
	for _, name := range fieldsOf(s) {
		if p := s.Properties[name]; slices.Contains(s.Required, name) && name != "sources" {
			parts = append(parts, p.setting(name))
		}
	}
	return strings.Join(parts, " ")
}

// amendmentFlags are the flags of record that make the amendments.
var amendmentFlags = map[string]string{
	events.TypeFactCorrected: "--correct @4 --set place.name=Anchorage --notice 'It was Anchorage'", events.TypeFactRetracted: "--retract @4 --reason 'The outlet withdrew it'",
	events.TypeFactCorroborated: "--corroborate @4 --source Radar", events.TypeFactDisputed: "--dispute @4 --source 'The tower' --reason 'No such landing was seen'",
	events.TypeFactGraded: "--grade @4 --data B2",
}

// setting returns the flag that sets a field.
func (s schema) setting(name string) string {
	switch {
	case len(s.Enum) > 0:
		return fmt.Sprintf("--set %s=%v", name, s.Enum[0])
	case s.Properties != nil && s.Properties["name"].Type != nil:
		return "--set " + name + ".name=Anchorage"
	case s.value() == "boolean":
		return "--set " + name + "=true"
	}
	return "--set " + name + "='…'"
}
