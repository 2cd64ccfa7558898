package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// A heldText is a text that a ConfigMap or Secret holds as a file.
type heldText struct {
	object *bundle.Object
	id     bundle.ID
	field  string // such as data["tyk-k8s.yaml"]
	key    string
	text   string
}

// at is the place of a line of the text, as far as that is known, under a name for what stands there.
func (h heldText) at(p *validate.Pass, path string, line int) validate.Place {
	place := p.At(h.object, h.field)
	if path != "" {
		place.Field += "." + path
	}
	if within, ok := h.object.Within(h.field, line); ok {
		place.Line, place.Column = within.Line, 1
	}
	return place
}

// secret tells whether the text is kept as one.
func (h heldText) secret() bool { return h.object.Kind == "Secret" }

// heldTexts are the texts of the files' ConfigMaps and Secrets.
func heldTexts(p *validate.Pass) []heldText {
	type key struct{}
	return validate.Once(p, key{}, func() []heldText {
		var all []heldText
		add := func(o *bundle.Object, id bundle.ID, in string, data map[string]string) {
			for _, k := range slices.Sorted(maps.Keys(data)) {
				field := in + "." + k
				if strings.ContainsAny(k, ".[]\"") {
					field = fmt.Sprintf("%s[%q]", in, k)
				}
				all = append(all, heldText{o, id, field, k, data[k]})
			}
		}
		for _, c := range p.Objects.ConfigMaps {
			add(c.Object, c.ID, "data", c.Spec.Data)
		}
		for _, s := range p.Objects.Secrets {
			decoded := map[string]string{}
			for k, v := range s.Spec.Data {
				decoded[k] = string(v)
			}
			add(s.Object, s.ID, "data", decoded)
			add(s.Object, s.ID, "stringData", s.Spec.StringData)
		}
		return all
	})
}
