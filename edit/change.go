package edit

import (
	"cmp"
	"slices"

	"github.com/meshscenario/scenario/bundle"
)

// An act is what is done with one entry of a text.
type act byte

const (
	put    act = iota // in the place of what is there, or after all else of its map or list
	insert            // before an item of a list
	drop
)

// A change is one act.
type change struct {
	act   act
	path  []bundle.Step
	value *value
}

// changes are the smallest ones that lead from what an object is to what a field shall be, so that all else that is
// written of the field stays as it is. A nil value takes the field away.
func changes(object *value, path []bundle.Step, new *value) []change {
	old := object
	for i, s := range path {
		k := old.find(s)
		if k < 0 && new == nil {
			return nil
		}
		if k < 0 {
			missing := path[i+1:]
			if old.kind == null {
				missing = path[i:]
				return []change{{put, path[:i], wrapped(missing, new)}}
			}
			return []change{{put, path[:i+1], wrapped(missing, new)}}
		}
		old = old.items[k]
	}
	if new == nil {
		return []change{{act: drop, path: path}}
	}
	return between(old, new, path)
}

// wrapped makes the parents of a value.
func wrapped(path []bundle.Step, v *value) *value {
	var out value
	_ = out.put(path, v) // was tried on the object
	return &out
}

func between(old, new *value, path []bundle.Step) []change {
	at := func(key string, index int) []bundle.Step {
		return append(slices.Clone(path), bundle.Step{Key: key, Index: index})
	}
	switch {
	case old.equal(new):
		return nil
	case old.kind != new.kind || len(old.items) == 0 || len(new.items) == 0:
		return []change{{put, path, new}}
	case old.kind == mapping:
		var all []change
		for i, key := range old.keys {
			if k := new.index(key); k < 0 {
				all = append(all, change{act: drop, path: at(key, -1)})
			} else {
				all = append(all, between(old.items[i], new.items[k], at(key, -1))...)
			}
		}
		for i, key := range new.keys {
			if old.index(key) < 0 {
				all = append(all, change{put, at(key, -1), new.items[i]})
			}
		}
		return all
	case old.kind != list:
		return []change{{put, path, new}}
	}
	return items(old.items, new.items, at)
}

// items are the changes from one list to another. What both have, in the same order, stays as it is written.
func items(old, new []*value, at func(key string, index int) []bundle.Step) (all []change) {
	common := commonItems(old, new)
	i, j := 0, 0
	for _, c := range append(common, [2]int{len(old), len(new)}) {
		for ; i < c[0] && j < c[1]; i, j = i+1, j+1 {
			all = append(all, between(old[i], new[j], at("", i))...)
		}
		for ; i < c[0]; i++ {
			all = append(all, change{act: drop, path: at("", i)})
		}
		if c[0] < len(old) {
			for last := c[1] - 1; last >= j; last-- { // all before one item, so the last comes first
				all = append(all, change{insert, at("", i), new[last]})
			}
		} else {
			for n := 0; j < c[1]; n, j = n+1, j+1 {
				all = append(all, change{put, at("", len(old)+n), new[j]})
			}
		}
		i, j = c[0]+1, c[1]+1
	}
	return all
}

// commonItems are the numbers of items that two lists have in the same order.
func commonItems(old, new []*value) (common [][2]int) {
	const most = 1000 // longer lists are compared from the beginning only
	m, n := len(old), len(new)
	if max(m, n) > most {
		for i := 0; i < min(m, n) && old[i].equal(new[i]); i++ {
			common = append(common, [2]int{i, i})
		}
		return common
	}
	length := make([][]int, m+1)
	for i := range length {
		length[i] = make([]int, n+1)
	}
	same := func(i, j int) bool { return old[i].equal(new[j]) }
	for i := m - 1; i >= 0; i-- {
		for j := n - 1; j >= 0; j-- {
			length[i][j] = max(length[i+1][j], length[i][j+1])
			if same(i, j) {
				length[i][j] = 1 + length[i+1][j+1]
			}
		}
	}
	for i, j := 0, 0; i < m && j < n; {
		switch {
		case same(i, j):
			common = append(common, [2]int{i, j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return common
}

// arrange puts changes in an order in which none moves what another one means: first those that leave the numbers of
// items as they are, then the others from behind.
func arrange(all []change) []change {
	slices.SortStableFunc(all, func(a, b change) int {
		switch aMoves, bMoves := a.act != put, b.act != put; {
		case aMoves && bMoves:
			return comparePaths(b.path, a.path)
		case aMoves:
			return 1
		case bMoves:
			return -1
		}
		return 0
	})
	return all
}

func comparePaths(a, b []bundle.Step) int {
	return slices.CompareFunc(a, b, func(a, b bundle.Step) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Key, b.Key))
	})
}
