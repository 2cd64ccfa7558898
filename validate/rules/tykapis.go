package rules

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// A tykAPI is an API definition of the files: an object of Tyk Operator, or the JSON in a ConfigMap or Secret.
type tykAPI struct {
	tree   map[string]any
	object *bundle.Object // of Tyk Operator
	held   *heldText
}

// name is how people call it.
func (a tykAPI) name() string {
	if a.object != nil {
		return a.object.ID.String()
	}
	return fmt.Sprintf("API definition %q of %s", text(a.tree["name"]), a.held.id)
}

// withoutUser is a URL without who calls: a password may stand there.
func withoutUser(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if _, host, there := strings.Cut(rest, "@"); ok && there {
		return scheme + "://" + host
	}
	return address
}

// namespace is where it is.
func (a tykAPI) namespace() string {
	if a.object != nil {
		return namespaceOf(a.object)
	}
	return a.held.id.Namespace
}

// at is the place of a field of the definition. Within JSON it is the line on which its last step is first written.
func (a tykAPI) at(p *validate.Pass, field string) validate.Place {
	if a.object != nil {
		return p.At(a.object, "spec."+field)
	}
	last := field[strings.LastIndexByte(field, '.')+1:]
	if name, key, ok := strings.Cut(field, "["); ok {
		last = strings.Trim(key, `"]`)
		_ = name
	}
	before, _, _ := strings.Cut(a.held.text, fmt.Sprintf("%q", last))
	return a.held.at(p, field, 1+strings.Count(before, "\n"))
}

// edits sets a field of an object, or removes it; what is the text of a file is edited there.
func (a tykAPI) edits(place validate.Place, value any) []validate.Edit {
	if a.object == nil {
		return nil
	}
	return []validate.Edit{{Object: place.Object, Field: place.Field, Value: value}}
}

// tykAPIs are the API definitions of the files, in the classic form.
func tykAPIs(p *validate.Pass) []tykAPI {
	type key struct{}
	return validate.Once(p, key{}, func() []tykAPI {
		var all []tykAPI
		for _, o := range p.Objects.All {
			if o.Kind == "ApiDefinition" && strings.HasPrefix(o.APIVersion, "tyk.tyk.io/") {
				if spec := below(o.Tree(), "spec"); spec != nil {
					all = append(all, tykAPI{tree: spec, object: o})
				}
			}
		}
		for _, h := range heldTexts(p) {
			if !strings.Contains(h.text, `"proxy"`) || !strings.Contains(h.text, `"target_url"`) {
				continue
			}
			var one map[string]any
			var list []map[string]any
			if json.Unmarshal([]byte(h.text), &one) == nil {
				list = append(list, one)
			} else if json.Unmarshal([]byte(h.text), &list) != nil {
				continue
			}
			for _, tree := range list {
				if inner := below(tree, "api_definition"); inner != nil { // as a dashboard exports it
					tree = inner
				}
				all = append(all, tykAPI{tree: tree, held: &h})
			}
		}
		return all
	})
}
