package schema

import (
	"maps"
	"slices"
	"strings"
)

// nearest is the name that comes nearest to one that is wrong, or "".
func nearest(wrong string, names []string) string {
	best, least := "", 0
	key := plainName(wrong)
	for _, name := range names {
		if plainName(name) == key {
			return name
		}
		n := distance(strings.ToLower(wrong), strings.ToLower(name))
		if n <= max(1, min(len(wrong), len(name))/3) && (best == "" || n < least) {
			best, least = name, n
		}
	}
	return best
}

// plainName is a name without what spellings differ in: case, underscores and dashes, and an s at the end.
func plainName(name string) string {
	name = strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
	if len(name) > 3 {
		name = strings.TrimSuffix(name, "s")
	}
	return name
}

// distance counts the characters to insert, leave out, replace, or swap with their neighbour.
func distance(a, b string) int {
	if len(a) > 100 || len(b) > 100 {
		return 100
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// names lists the fields of a map in order.
func (n *node) names() []string { return slices.Sorted(maps.Keys(n.Fields)) }

// A home is where a field that is at the wrong place may belong.
type home struct {
	up   int      // levels above the map where it is
	down []string // and from there these levels down, the field itself last
}

// homes finds the field of a name nearby: one or two levels down, or one or two up, or beside.
func (l *collection) homes(n *node, above []*node, name string) (found []home) {
	below := func(up int, n *node, skip *node) {
		for _, field := range n.names() {
			child := l.at(n.Fields[field])
			if child == skip || child == nil {
				continue
			}
			if _, has := child.Fields[name]; has {
				found = append(found, home{up, []string{field, name}})
			}
		}
	}
	below(0, n, nil)
	for up := 1; up <= len(above) && up <= 3; up++ {
		parent := above[len(above)-up]
		if _, has := parent.Fields[name]; has {
			found = append(found, home{up, []string{name}})
		} else if up == 1 {
			below(up, parent, n)
		}
	}
	return found
}
