package bundle

import "bytes"

// keys finds duplicates in the maps that are open. Few keys are compared one by one, many by a set.
type keys struct {
	spans []span // of the keys in the JSON
	many  map[int]map[string]int
}

// few is how many keys are compared one by one.
const few = 16

type span struct{ start, end, line int }

// add notes a key of the map whose first key is the span with a number, and returns the line of the same key before,
// or 0.
func (k *keys) add(json []byte, first int, key span) int {
	text := json[key.start:key.end]
	if n := len(k.spans) - first; n < few {
		for _, other := range k.spans[first:] {
			if other.end-other.start == len(text) && bytes.Equal(json[other.start:other.end], text) {
				return other.line
			}
		}
	} else {
		if n == few {
			if k.many == nil {
				k.many = map[int]map[string]int{}
			}
			set := make(map[string]int, 2*few)
			for _, other := range k.spans[first:] {
				set[string(json[other.start:other.end])] = other.line
			}
			k.many[first] = set
		}
		if line := k.many[first][string(text)]; line != 0 {
			return line
		}
		k.many[first][string(text)] = key.line
	}
	k.spans = append(k.spans, key)
	return 0
}

// close forgets the keys of a map.
func (k *keys) close(first int) {
	if len(k.spans)-first > few {
		delete(k.many, first)
	}
	k.spans = k.spans[:first]
}

func (k *keys) reset() {
	k.spans = k.spans[:0]
	clear(k.many)
}
