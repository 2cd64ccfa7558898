package migrate

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/strvals"

	"github.com/meshscenario/scenario/bundle"
)

// Values are values of a chart as they were given, and where.
type Values struct {
	Tree map[string]any
	at   map[string]bundle.Position // by pathKey
}

// pathKey is a path as a key of a map: keys of values hold dots, and no NUL.
func pathKey(keys []string) string { return strings.Join(keys, "\x00") }

// ReadValues reads a file of values, as helm install -f does. The error starts with the place.
func ReadValues(file string, data []byte) (Values, error) {
	v := Values{tree{}, map[string]bundle.Position{}}
	var document yaml.Node
	err := yaml.Unmarshal(data, &document)
	if err == nil && len(document.Content) > 0 {
		if root := document.Content[0]; root.Kind != yaml.MappingNode {
			return v, fmt.Errorf("%s:%d: it holds no values: a map of them is expected", file, root.Line)
		}
		if err = document.Decode(&v.Tree); err == nil {
			v.locate(file, nil, document.Content[0])
		}
	}
	if err != nil {
		return v, fmt.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return v, nil
}

// locate notes where each key stands.
func (v Values) locate(file string, keys []string, node *yaml.Node) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i < len(node.Content); i += 2 {
		key := node.Content[i]
		path := append(keys[:len(keys):len(keys)], key.Value)
		v.at[pathKey(path)] = bundle.Position{File: file, Line: key.Line, Column: key.Column}
		v.locate(file, path, node.Content[i+1])
	}
}

// SetValues reads what was given to one flag --set, as helm install does; asText is that of --set-string, which takes no
// value for a number or a switch.
func SetValues(flag, text string, asText bool) (Values, error) {
	parse := strvals.ParseInto
	if asText {
		parse = strvals.ParseIntoString
	}
	v := Values{tree{}, map[string]bundle.Position{}}
	if err := parse(text, v.Tree); err != nil {
		return v, fmt.Errorf("%s %s: %w", flag, text, errors.Unwrap(fmt.Errorf("%w", err)))
	}
	if len(v.Tree) == 0 { // Helm passes over a value without a key
		return v, fmt.Errorf("%s %s: it sets nothing: write KEY=VALUE", flag, text)
	}
	v.all(nil, v.Tree, bundle.Position{File: flag})
	return v, nil
}

// all gives every key the same place.
func (v Values) all(keys []string, t tree, at bundle.Position) {
	for key, value := range maps.All(t) {
		path := append(keys[:len(keys):len(keys)], key)
		v.at[pathKey(path)] = at
		if inner, ok := value.(tree); ok {
			v.all(path, inner, at)
		}
	}
}
