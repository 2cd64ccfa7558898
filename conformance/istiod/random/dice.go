package random

import "math/rand/v2"

// dice are where all chance of a case comes from.
type dice struct{ source *rand.Rand }

// below is a number from 0 to n-1.
func (d dice) below(n int) int { return d.source.IntN(n) }

// chance is true in so many of a hundred.
func (d dice) chance(percent int) bool { return d.below(100) < percent }

// odds is the index of one of the weights.
func (d dice) odds(weights ...int) int {
	total := 0
	for _, w := range weights {
		total += w
	}
	at := d.below(total)
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	panic("unreachable: the weights have a sum")
}

// pick is one of several; what is there twice is picked twice as often.
func pick[T any](d dice, from ...T) T { return from[d.below(len(from))] }

// some is n different ones of several, or all of them, in any order.
func some[T any](d dice, n int, from ...T) []T {
	mixed := append([]T{}, from...)
	d.source.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	return mixed[:min(n, len(mixed))]
}

// anys is a list as it stands in an object.
func anys[T any](items []T) list {
	all := make(list, len(items))
	for i, item := range items {
		all[i] = item
	}
	return all
}
