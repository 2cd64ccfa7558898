package schema

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// A raw is a JSON value that is known to be well-formed, without white space around it.
type raw []byte

// kind is what a value is: '{', '[', '"', 't' or 'f', 'n', or '0' for a number. Of nothing at all it is 0.
func (r raw) kind() byte {
	if len(r) == 0 {
		return 0
	}
	if c := r[0]; c == '-' || c >= '0' && c <= '9' {
		return '0'
	}
	return r[0]
}

func (r raw) null() bool { return r.kind() == 'n' }

// A scanner goes over the JSON of an object.
type scanner struct {
	data []byte
	i    int
}

func (s *scanner) peek() byte {
	for s.i < len(s.data) && s.data[s.i] <= ' ' {
		s.i++
	}
	if s.i >= len(s.data) {
		return 0
	}
	return s.data[s.i]
}

// open goes into a map or list, and tells whether there is something in it; else it is passed.
func (s *scanner) open() bool {
	s.i++
	if c := s.peek(); c == '}' || c == ']' || c == 0 {
		s.i++
		return false
	}
	return true
}

// more goes on to the next entry, or passes the end.
func (s *scanner) more() bool {
	c := s.peek()
	s.i++
	s.peek()
	return c == ','
}

// text passes over a string and gives it with its quotes.
func (s *scanner) text() raw {
	start := s.i
	for s.i++; s.i < len(s.data); s.i++ {
		switch s.data[s.i] {
		case '\\':
			s.i++
		case '"':
			s.i++
			return s.data[start:s.i]
		}
	}
	return s.data[start:]
}

// key passes over the key of an entry and its colon.
func (s *scanner) key() raw {
	s.peek()
	key := s.text()
	s.peek()
	s.i++
	s.peek()
	return key
}

func (s *scanner) skip() {
	switch s.peek() {
	case '"':
		s.text()
	case '{':
		for more := s.open(); more; more = s.more() {
			s.key()
			s.skip()
		}
	case '[':
		for more := s.open(); more; more = s.more() {
			s.skip()
		}
	default:
		for s.i < len(s.data) && s.data[s.i] != ',' && s.data[s.i] != '}' && s.data[s.i] != ']' && s.data[s.i] > ' ' {
			s.i++
		}
	}
}

// value passes over a value and gives it.
func (s *scanner) value() raw {
	s.peek()
	start := s.i
	s.skip()
	return s.data[start:min(s.i, len(s.data))]
}

// entries calls yield with each entry of a map, until that returns false.
func (r raw) entries(yield func(key string, value raw) bool) {
	if r.kind() != '{' {
		return
	}
	s := scanner{data: r}
	for more := s.open(); more; more = s.more() {
		key := s.key()
		value := s.value()
		if !yield(key.string(), value) {
			return
		}
	}
}

// items calls yield with each item of a list, until that returns false.
func (r raw) items(yield func(i int, value raw) bool) {
	if r.kind() != '[' {
		return
	}
	s := scanner{data: r}
	i := 0
	for more := s.open(); more; more = s.more() {
		if !yield(i, s.value()) {
			return
		}
		i++
	}
}

// get is the value of a key, or nothing. A null is nothing, as the API server drops it.
func (r raw) get(keys ...string) raw {
	for _, key := range keys {
		var found raw
		if r.kind() == '{' {
			s := scanner{data: r}
			for more := s.open(); more; more = s.more() {
				if s.key().is(key) {
					found = s.value()
					break
				}
				s.skip()
			}
		}
		if found == nil || found.null() {
			return nil
		}
		r = found
	}
	return r
}

func (r raw) has(keys ...string) bool { return r.get(keys...) != nil }

// is says whether a value is a text.
func (r raw) is(text string) bool {
	if r.kind() != '"' {
		return false
	}
	if bytes.IndexByte(r, '\\') < 0 {
		return len(r) == len(text)+2 && string(r[1:len(r)-1]) == text
	}
	return r.string() == text
}

// string is the text of a string, and "" of all else.
func (r raw) string() string {
	if r.kind() != '"' || len(r) < 2 {
		return ""
	}
	if bytes.IndexByte(r, '\\') < 0 {
		return string(r[1 : len(r)-1])
	}
	var text string
	if json.Unmarshal(r, &text) != nil {
		return ""
	}
	return text
}

// number is the value of a number.
func (r raw) number() (float64, bool) {
	f, err := strconv.ParseFloat(string(r), 64)
	return f, err == nil && r.kind() == '0'
}

// size is how many entries a map or list has.
func (r raw) size() int {
	n := 0
	switch r.kind() {
	case '{':
		r.entries(func(string, raw) bool { n++; return true })
	case '[':
		r.items(func(int, raw) bool { n++; return true })
	}
	return n
}

// An object is a value that is looked at several times: of a map, its entries are known.
type object struct {
	raw
	entries []entry
}

// An entry is one of a map: its key, with quotes, and its value.
type entry struct{ key, value raw }

// get is as of raw.
func (o object) get(keys ...string) raw {
	if o.entries == nil || len(keys) == 0 {
		return o.raw.get(keys...)
	}
	for _, e := range o.entries {
		if e.key.is(keys[0]) {
			if e.value.null() {
				return nil
			}
			return e.value.get(keys[1:]...)
		}
	}
	return nil
}

func (o object) has(keys ...string) bool { return o.get(keys...) != nil }
