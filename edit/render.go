package edit

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v2"
)

// inline says whether a value is written in one line where blocks are possible.
func (s *style) inline(v *value) bool {
	if v.kind == text {
		return !literal(v.text) || s.unended && strings.HasSuffix(v.text, "\n")
	}
	return len(v.items) == 0
}

// lines writes a map or list as a block at a column, or a text as what follows the line with its indicator.
func (s *style) lines(v *value, column int) []string {
	var out []string
	for i, item := range v.items {
		head, at := "-"+spaces(s.gap-2), column+s.gap
		if v.kind == mapping {
			head, at = s.key(v.keys[i])+":", column+s.indent
			if item.kind == list {
				at = column + s.dash
			}
		}
		switch {
		case s.inline(item):
			out = append(out, spaces(column)+head+" "+s.scalar(item, s.quote))
		case item.kind == text:
			first, rest := s.literal(item.text, column+s.indent)
			out = append(append(out, spaces(column)+head+" "+first), rest...)
		default:
			rest := s.lines(item, at)
			if v.kind == list {
				rest[0] = spaces(column) + head + " " + strings.TrimLeft(rest[0], " ")
			} else {
				out = append(out, spaces(column)+head)
			}
			out = append(out, rest...)
		}
	}
	return out
}

// multiline is a text of several lines that a literal can hold as it is.
var multiline = regexp.MustCompile(`^[!-~][ -~]*(\n|\n[ -~]*[!-~])+$`)

func literal(s string) bool {
	return strings.Contains(strings.TrimSuffix(s, "\n"), "\n") && multiline.MatchString(s) && !strings.HasSuffix(s, "\n\n") && !strings.Contains(s, " \n")
}

// literal writes a text of several lines: its indicator, and the lines below.
func (s *style) literal(text string, column int) (first string, rest []string) {
	first = "|-"
	if strings.HasSuffix(text, "\n") {
		first, text = "|", strings.TrimSuffix(text, "\n")
	}
	for _, line := range strings.Split(text, "\n") {
		if line != "" {
			line = spaces(column) + line
		}
		rest = append(rest, line)
	}
	return first, rest
}

// A hand is how maps and lists in brackets are written.
type hand struct {
	style
	colon, comma string // with the spaces after them
}

// flow writes any value in one line.
func (h *hand) flow(v *value) string {
	switch v.kind {
	case mapping:
		parts := make([]string, len(v.items))
		for i, item := range v.items {
			parts[i] = h.flowKey(v.keys[i]) + h.colon + h.flow(item)
		}
		return "{" + strings.Join(parts, h.comma) + "}"
	case list:
		parts := make([]string, len(v.items))
		for i, item := range v.items {
			parts[i] = h.flow(item)
		}
		return "[" + strings.Join(parts, h.comma) + "]"
	case text:
		if h.json || !safeInFlow.MatchString(v.text) {
			return h.quoted(v.text, h.quote)
		}
	}
	return h.scalar(v, h.quote)
}

// tall writes a value as JSON of many lines, of which those after the first are indented.
func (h *hand) tall(v *value, column int) string {
	if len(v.items) == 0 || v.kind != list && v.kind != mapping {
		return h.flow(v)
	}
	open, shut := "{", "}"
	if v.kind == list {
		open, shut = "[", "]"
	}
	inner := h.eol + spaces(column+h.indent)
	for i, item := range v.items {
		if i > 0 {
			open += ","
		}
		open += inner
		if v.kind == mapping {
			open += h.flowKey(v.keys[i]) + h.colon
		}
		open += h.tall(item, column+h.indent)
	}
	return open + h.eol + spaces(column) + shut
}

func (h *hand) flowKey(key string) string {
	if h.json || !safeInFlow.MatchString(key) {
		return h.quoted(key, '"')
	}
	return h.key(key)
}

func (s *style) key(key string) string {
	if s.json || !plain(key) {
		return s.quoted(key, '"')
	}
	return key
}

// scalar writes a scalar, or an empty map or list; a text is in quotes only where it must.
func (s *style) scalar(v *value, quote byte) string {
	switch {
	case v.kind == null:
		return "null"
	case v.kind == mapping:
		return "{}"
	case v.kind == list:
		return "[]"
	case v.kind == text && !plain(v.text):
		return s.quoted(v.text, quote)
	}
	return v.text
}

// quoted writes a text in quotes: the single ones where that is wanted and possible.
func (s *style) quoted(text string, quote byte) string {
	if quote == '\'' && !s.json && printable.MatchString(text) {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(text) != nil {
		return "null" // a string always encodes
	}
	quoted := strings.TrimSuffix(out.String(), "\n")
	return unprintable.ReplaceAllStringFunc(quoted, func(s string) string {
		var out []byte
		for _, r := range s {
			out = append(out, `\u`...)
			for shift := 12; shift >= 0; shift -= 4 {
				out = append(out, "0123456789abcdef"[r>>shift&0xf])
			}
		}
		return string(out)
	})
}

var (
	printable   = regexp.MustCompile(`^[ -~]*$`)
	unprintable = regexp.MustCompile("[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]")
	// safe are texts without anything that any reader of YAML could take for something else; numeric are those that
	// look like numbers, or times, to some.
	safe       = regexp.MustCompile(`^[A-Za-z0-9_./+-][A-Za-z0-9_./@+=-]*(:[A-Za-z0-9_./@+=-]+| [A-Za-z0-9_./@+=-]+)*$`)
	safeInFlow = regexp.MustCompile(`^[A-Za-z0-9_./+-][A-Za-z0-9_./@+ -]*$`)
	numeric    = regexp.MustCompile(`^[-+.0-9][-+.:0-9a-fA-FxXoO_eET Z]*$`)
)

// plain says whether a text can stand without quotes.
func plain(text string) bool {
	if !safe.MatchString(text) || numeric.MatchString(text) || strings.HasPrefix(text, "---") || strings.HasPrefix(text, "...") {
		return false
	}
	switch text[0] {
	case '-', '+', '.', '=':
		return false
	}
	var v any
	return yaml.Unmarshal([]byte(text), &v) == nil && v == any(text)
}
