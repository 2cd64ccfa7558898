package migrate

import (
	"fmt"
	"slices"
	"strings"
)

// A helmValue is a value of the chart of Istio 1.0, and what became of it.
type helmValue struct {
	path string // * is any key
	is   form
	// whole takes a map as it is; otherwise what is below is looked for by itself.
	whole bool
	to    string // among the values of chart istiod, or "": then by, or class, says what becomes of it
	// class is Mapped where it is left out and there is a place.
	class    Class
	says, do string
	by       func(h *helm, w written)
}

// A form is what a value may be.
type form string

const (
	anything form = ""
	onOff    form = "true or false"
	number   form = "a number"
	text     form = "text"
	mapping  form = "a map"
	sequence form = "a list"
)

// takes tells whether a value has the form.
func (f form) takes(v any) bool {
	switch v.(type) {
	case bool:
		return f == anything || f == onOff
	case int, int64, uint64, float64:
		return f == anything || f == number || f == text // such as a tag
	case string:
		return f == anything || f == text
	case tree:
		return f == anything || f == mapping
	}
	return f == anything || f == sequence
}

// helmTables are all values of the old chart.
func helmTables() [][]helmValue {
	return [][]helmValue{helmGlobal, helmProxy, helmControlPlane, helmGateways, helmAddons}
}

func findValue(keys []string) (helmValue, bool) {
	for _, table := range helmTables() {
		for _, v := range table {
			if fits(strings.Split(v.path, "."), keys) {
				return v, true
			}
		}
	}
	return helmValue{}, false
}

// isParent tells whether there are values below.
func isParent(keys []string) bool {
	return slices.ContainsFunc(helmTables(), func(table []helmValue) bool {
		return slices.ContainsFunc(table, func(v helmValue) bool {
			path := strings.Split(v.path, ".")
			return len(path) > len(keys) && fits(path[:len(keys)], keys)
		})
	})
}

// valuePaths are all values, for people who mistyped one: those of gateways by the names of the old chart.
func valuePaths() []string {
	var all []string
	for _, table := range helmTables() {
		for _, v := range table {
			if rest, ok := strings.CutPrefix(v.path, "gateways.*."); ok {
				for _, name := range sorted(oldGateways) {
					all = append(all, "gateways."+name+"."+rest)
				}
			} else {
				all = append(all, v.path)
			}
		}
	}
	return all
}

func (h *helm) applyValue(v helmValue, w written) {
	if !v.is.takes(w.value) {
		fault := fmt.Errorf("%s: %s: %#v is not %s", h.position(w.keys), w.name(), w.value, v.is)
		if _, isText := w.value.(string); isText && v.is == onOff {
			fault = fmt.Errorf("%w; any text but an empty one was true for the old chart: write the word without quotes, and give it to --set", fault)
		}
		h.faults = append(h.faults, fault)
		return
	}
	switch {
	case v.by != nil:
		v.by(h, w)
	case v.to != "":
		h.toIstiod(w, v.to, w.value, Entry{Class: v.class, Says: v.says, Do: v.do})
	default:
		h.say(w, Entry{Class: v.class, Says: v.says, Do: v.do})
	}
}

// switched is for a switch of which only one way means anything.
func switched(on, off Entry) func(*helm, written) {
	return func(h *helm, w written) {
		if isTrue(w.value) {
			h.say(w, on)
		} else {
			h.say(w, off)
		}
	}
}
