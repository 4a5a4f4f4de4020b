package issuer

import (
	"encoding/json"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/summit-timeline/summit/cmd/internal/access"
)

// prefix marks the values of a claim that are for this program; others are
// other programs'.
const prefix = "summit:"

// rights reads what the claim says: one text, or a list of which one is for
// here. Its form is summit:ROLE, summit:ROLE:DESK or summit:ROLE:DESK:SUMMITS,
// such as summit:recorder:/desks/anchorage:alaska-2025,geneva-2026. Nothing for
// here is a bearer without rights.
func (i *Issuer) rights(t *oidc.IDToken) (access.Identity, error) {
	var all map[string]json.RawMessage
	if err := t.Claims(&all); err != nil {
		return access.Identity{}, refused("its claims are unreadable")
	}
	var ours []string
	for _, v := range texts(claim(all, i.o.Claim)) {
		if strings.HasPrefix(v, prefix) {
			ours = append(ours, v)
		}
	}
	switch len(ours) {
	case 0:
		return access.Identity{}, nil
	case 1:
		return parse(strings.TrimPrefix(ours[0], prefix))
	}
	return access.Identity{}, refused("its claim %s grants %d roles: expected one", i.o.Claim, len(ours))
}

// claim finds a claim by its name, or by a path of names such as
// realm_access.roles.
func claim(all map[string]json.RawMessage, name string) json.RawMessage {
	if v, ok := all[name]; ok {
		return v
	}
	first, rest, nested := strings.Cut(name, ".")
	var inner map[string]json.RawMessage
	if !nested || json.Unmarshal(all[first], &inner) != nil {
		return nil
	}
	return claim(inner, rest)
}

// texts reads one text or a list of them. Anything else gives no right.
func texts(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	return nil
}

func parse(value string) (access.Identity, error) {
	name, rest, _ := strings.Cut(value, ":")
	desk, summits, bound := strings.Cut(rest, ":")
	role, err := access.ParseRole(name)
	if err != nil {
		return access.Identity{}, refused("its role %.40q is unknown here", name)
	}
	who := access.Identity{Role: role, Desk: desk}
	if desk != "" && (!strings.HasPrefix(desk, "/") || len(desk) > maxDesk) {
		return access.Identity{}, refused("its desk %.40q is not one: a desk is a path such as /desks/anchorage", desk)
	}
	if desk == "" && (who.Role == access.Recorder || who.Role == access.Editor) {
		return access.Identity{}, refused("it names no desk, but a %s needs one: %s%s:/desks/NAME", role, prefix, role)
	}
	if bound {
		who.Summits = strings.Split(summits, ",")
	}
	return who, nil
}

const maxDesk = 300
