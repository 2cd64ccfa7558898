package bundle

// Documents are the offsets at which the documents of a text end, as [Read] cuts it; a byte order mark at the beginning
// is left to the first.
func Documents(text []byte) (ends []int) {
	start := 0
	if len(text) >= 3 && string(text[:3]) == byteOrderMark {
		start = 3
	}
	for start < len(text) {
		end, _ := documentEnd(text[start:], true)
		start += end
		ends = append(ends, start)
	}
	return ends
}

// A Step is one step of a path: into a list by its Index, or, where that is negative, into a map by its Key.
type Step struct {
	Key   string
	Index int
}

// Steps takes a path apart, in the way of [Object.At]; ok is false where it is none.
func Steps(path string) (steps []Step, ok bool) {
	for path != "" {
		key, index, rest, ok := step(path)
		if !ok {
			return nil, false
		}
		steps, path = append(steps, Step{key, index}), rest
	}
	return steps, len(steps) > 0
}
