package bundle

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/veil"
)

// applied is what is left of the problems of an object that is not applied as it is written: SOPS decrypts it before, or a
// template or plugin fills in its values. A Secret then has for values what stands there.
func (o *Object) applied(newForm form, typed any, problems []Problem) (any, []Problem) {
	problems = slices.DeleteFunc(problems, func(p Problem) bool { return p.Field == "sops" && p.Dropped })
	isData := func(p Problem) bool {
		return strings.HasPrefix(p.Field, "data.") || strings.HasPrefix(p.Field, "data[")
	}
	if o.APIVersion != "v1" || o.Kind != "Secret" || !slices.ContainsFunc(problems, isData) {
		return typed, problems
	}
	tree := o.Tree()
	data, _ := tree["data"].(map[string]any)
	veiled := false
	for key, value := range data {
		if text, ok := value.(string); ok && veil.Is([]byte(text)) {
			data[key], veiled = base64.StdEncoding.EncodeToString([]byte(text)), true
		}
	}
	if !veiled {
		return typed, problems
	}
	text, err := json.Marshal(tree)
	if err != nil {
		return typed, problems
	}
	typed, _, _ = newForm()
	problems = decodeAll(text, "", func(data []byte) ([]flaw, bool) { return strictFlaws(data, typed) })
	return typed, slices.DeleteFunc(problems, func(p Problem) bool { return p.Field == "sops" && p.Dropped })
}
