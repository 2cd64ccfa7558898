package migrate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v2"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/nearest"
)

// A Release is an installation of one of Istio's charts.
type Release struct {
	Name, Namespace string
	// Chart is base, istiod or gateway.
	Chart string
	// Values are those that differ from the chart's own.
	Values map[string]any
}

// YAML is a file of the values.
func (r Release) YAML() ([]byte, error) { return yaml.Marshal(r.Values) }

// HelmOptions say what values are migrated to, and for which namespace: that of the old release.
type HelmOptions struct {
	To        mesh.Target
	Namespace string
}

// A helm is a migration of values at work.
type helm struct {
	*migration
	namespace string
	values    tree // all that was written, joined
	at        map[string]bundle.Position
	istiod    tree
	base      tree
	gateways  map[string]*release
	ingress   *release // for Ingresses, which had values of its own
	faults    []error
}

// A written value is one as it stands in a file or in what was set.
type written struct {
	keys  []string
	value any
}

// name is the value as people write it for Helm: dots that are part of a key are escaped.
func (w written) name() string {
	keys := slices.Clone(w.keys)
	for i, key := range keys {
		keys[i] = strings.ReplaceAll(key, ".", `\.`)
	}
	return strings.Join(keys, ".")
}

// Helm migrates values of the chart of Istio 1.0 (install/kubernetes/helm/istio, of 1.0.0 to 1.0.9) to those of the charts
// of today, and to objects. Later layers win, as with Helm. What the old chart did without being told is carried over or
// told of too, where the charts of today do another thing.
//
// The error names every value that the old chart did not know, or did not take.
func Helm(layers []Values, o HelmOptions) (*Result, error) {
	h := &helm{
		migration: &migration{to: o.To}, namespace: o.Namespace,
		values: tree{}, at: map[string]bundle.Position{}, istiod: tree{}, base: tree{}, gateways: map[string]*release{},
	}
	for _, layer := range layers {
		join(h.values, layer.Tree)
		maps.Copy(h.at, layer.at)
	}
	h.findGateways()
	h.walkValues(nil, h.values)
	if len(h.faults) > 0 {
		return nil, errors.Join(h.faults...)
	}
	h.unsaid()
	h.settle()
	out := &bundle.Bundle{Objects: h.out}
	out.Sort()
	sortEntries(h.entries)
	return &Result{
		From: mesh.Target{Name: "istio-1.0"}, To: o.To, Bundle: out, Releases: h.releases(),
		Entries: append([]Entry{h.move()}, h.entries...),
	}, nil
}

// releases come in the order in which they are installed.
func (h *helm) releases() []Release {
	if h.namespace != h.to.RootNamespace {
		set(h.base, "global.istioNamespace", h.namespace)
		set(h.istiod, "global.istioNamespace", h.namespace)
	}
	all := []Release{{"istio-base", h.namespace, "base", h.base}, {"istiod", h.namespace, "istiod", h.istiod}}
	for _, g := range h.installed() {
		all = append(all, Release{g.name, g.namespace, "gateway", g.values})
	}
	return all
}

// walkValues goes through what is written; what the old chart had no such value for is a fault.
func (h *helm) walkValues(keys []string, value any) {
	w := written{keys, value}
	inner, isMap := value.(tree)
	s, known := findValue(keys)
	switch {
	case value == nil && (known || isParent(keys)):
		h.say(w, Entry{Class: Dropped, Says: "it is empty"})
		return
	case known && (s.whole || !isMap):
		h.applyValue(s, w)
		return
	case known && len(inner) > 0: // a setting that only some versions have parts of, such as grafana.image
	case !isMap || !known && !isParent(keys):
		h.unknownValue(w)
		return
	case len(inner) == 0 && len(keys) > 0:
		h.say(w, Entry{Class: Dropped, Says: "it is empty"})
	}
	for _, key := range sorted(inner) {
		h.walkValues(append(keys[:len(keys):len(keys)], key), inner[key])
	}
}

func (h *helm) unknownValue(w written) {
	text := fmt.Sprintf("%s: %s: the chart of Istio 1.0 has no such value", h.position(w.keys), w.name())
	if n := nearest.Of(strings.Join(w.keys, "."), valuePaths()); n != "" {
		text += "; did you mean " + n + "?"
	}
	h.faults = append(h.faults, errors.New(text))
}

// position is where a value is written, or the nearest of its parents.
func (h *helm) position(keys []string) bundle.Position {
	for n := len(keys); n > 0; n-- {
		if at, ok := h.at[pathKey(keys[:n])]; ok {
			return at
		}
	}
	return bundle.Position{}
}

// say adds an entry about what was written.
func (h *helm) say(w written, e Entry) {
	e.Field, e.At = w.name(), h.position(w.keys)
	h.entries = append(h.entries, e)
}

// sayUnsaid adds an entry about what the old chart did by itself.
func (h *helm) sayUnsaid(path string, e Entry) {
	e.Field = path + " (not set)"
	h.entries = append(h.entries, e)
}

// toIstiod sets a value of chart istiod and tells of it.
func (h *helm) toIstiod(w written, to string, value any, e Entry) {
	set(h.istiod, to, value)
	if e.Class == "" {
		e.Class = Mapped
	}
	e.Became = "istiod, " + to
	h.say(w, e)
}

// isTrue tells what a switch is set to, or else how the old chart had it.
func (h *helm) isTrue(path string, unsaid bool) bool {
	if b, ok := get(h.values, strings.Split(path, ".")...).(bool); ok {
		return b
	}
	return unsaid
}

// isSet tells whether a value is written.
func (h *helm) isSet(path string) bool { return get(h.values, strings.Split(path, ".")...) != nil }
