package events

import "github.com/summit-timeline/summit/events/message"

// Source is one voice in the chain by which a fact became known. The sources
// of a fact are a graph: via points at those from whom this one has it.
type Source struct {
	ID        string   `json:"id" rule:"required;max=64" doc:"Name of this source within the list."`
	Name      string   `json:"name" rule:"required;max=200" doc:"Who it is."`
	Kind      string   `json:"kind,omitzero" rule:"enum=official|agency|outlet|social|sensor|witness|document" doc:"What sort of source it is."`
	Role      string   `json:"role,omitzero" rule:"enum=originator|relay|witness|sensor|official" doc:"What it did in this chain."`
	Via       []string `json:"via,omitzero" rule:"items=20;max=64" doc:"Ids of the sources in this list that it has it from."`
	URL       string   `json:"url,omitzero" rule:"url" doc:"Where it can be read."`
	Published Instant  `json:"published,omitzero" doc:"When it published."`
}

// Sources is the provenance graph of a fact.
type Sources []Source

// Roots are the sources that have it from nobody else in the list.
func (s Sources) Roots() []Source {
	var roots []Source
	for _, x := range s {
		if len(x.Via) == 0 {
			roots = append(roots, x)
		}
	}
	return roots
}

// RootNames returns the distinct names of the roots, compared by [NameKey].
// Their number is the number of independent sources of a fact: two outlets
// quoting the same agency count as one, and so do all whose names are sealed.
func (s Sources) RootNames() []string {
	roots := s.Roots()
	if len(roots) == 1 {
		return []string{roots[0].Name}
	}
	var names []string
	seen := map[string]bool{}
	for _, r := range roots {
		key := NameKey(r.Name)
		if IsSealed(r.Name) {
			key = message.SealMark
		}
		if !seen[key] {
			seen[key] = true
			names = append(names, r.Name)
		}
	}
	return names
}

// Origins returns each root with those who passed it on, as messages name sources.
func (s Sources) Origins() []message.Origin {
	var list []message.Origin
	for _, root := range s.Roots() {
		list = append(list, message.Origin{Name: root.Name, Relays: s.relays(root.ID)})
	}
	return list
}

// relays names those who passed on what a source has: it walks the graph from the
// source outwards, nearest first.
func (s Sources) relays(id string) []string {
	var names []string
	seen := map[string]bool{id: true}
	for front := []string{id}; len(front) > 0; {
		var next []string
		for _, x := range s {
			if seen[x.ID] || !overlaps(x.Via, front) {
				continue
			}
			seen[x.ID] = true
			next = append(next, x.ID)
			names = append(names, x.Name)
		}
		front = next
	}
	return names
}

func overlaps(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

func (s Sources) validate(at string, f *Faults) {
	index := map[string]int{}
	for i, x := range s {
		if first, taken := index[x.ID]; taken {
			f.add(child(child(at, itoa(i)), "id"), "is already used by source %d in this list", first)
			continue
		}
		index[x.ID] = i
	}
	sound := true
	for i, x := range s {
		for j, v := range x.Via {
			if _, ok := index[v]; !ok {
				sound = false
				f.add(child(child(child(at, itoa(i)), "via"), itoa(j)), "refers to %q, but no source in this list has that id", clip(v))
			}
		}
	}
	if sound && !s.forward(index) && s.cyclic(index) {
		f.add(at, "via forms a cycle: every chain must end at a source without via")
	}
}

// forward reports whether each has it from those before it in the list alone: then
// there is no circle.
func (s Sources) forward(index map[string]int) bool {
	for i, x := range s {
		for _, v := range x.Via {
			if index[v] >= i {
				return false
			}
		}
	}
	return true
}

// cyclic looks for a circle by taking away roots until none is left
// (Kahn 1962, topological sorting).
func (s Sources) cyclic(index map[string]int) bool {
	open := make([]int, len(s))
	heirs := make([][]int, len(s))
	for i, x := range s {
		open[i] = len(x.Via)
		for _, v := range x.Via {
			heirs[index[v]] = append(heirs[index[v]], i)
		}
	}
	var free []int
	for i, n := range open {
		if n == 0 {
			free = append(free, i)
		}
	}
	done := 0
	for ; len(free) > 0; done++ {
		i := free[len(free)-1]
		free = free[:len(free)-1]
		for _, h := range heirs[i] {
			if open[h]--; open[h] == 0 {
				free = append(free, h)
			}
		}
	}
	return done < len(s)
}
