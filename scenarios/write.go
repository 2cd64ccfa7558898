package scenarios

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Write gives the definitions of drafts as YAML documents that [Read] reads back: what was said, by whatever flag or file,
// and nothing that follows from it. The target is for those that name none, so that the text means the same wherever it
// is read.
func Write(drafts []*Draft, target string) ([]byte, error) {
	var text bytes.Buffer
	e := yaml.NewEncoder(&text)
	e.SetIndent(2)
	for _, d := range drafts {
		definition := d.Definition
		definition.APIVersion, definition.Kind = apiVersion, "Scenario"
		setDefault(&definition.Spec.Target, target)
		if err := e.Encode(node(reflect.ValueOf(definition))); err != nil {
			return nil, fmt.Errorf("definition %s: %w", d.Definition.Metadata.Name, err)
		}
	}
	err := e.Close()
	return text.Bytes(), err
}

// node is a value as YAML, in the order of its fields and without those that are empty; nil for an empty one.
func node(v reflect.Value) *yaml.Node {
	switch v.Kind() {
	case reflect.Struct:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for i := range v.NumField() {
			if child := node(v.Field(i)); child != nil {
				n.Content = append(n.Content, textNode(v.Type().Field(i).Tag.Get("json")), child)
			}
		}
		return filled(n)
	case reflect.Map:
		n := &yaml.Node{Kind: yaml.MappingNode}
		labels := v.Interface().(map[string]string)
		for _, key := range slices.Sorted(maps.Keys(labels)) {
			n.Content = append(n.Content, textNode(key), textNode(labels[key]))
		}
		return filled(n)
	case reflect.Slice:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			item := node(v.Index(i))
			if item == nil { // the others keep their places
				item = &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
			}
			n.Content = append(n.Content, item)
		}
		return filled(n)
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if v.Elem().Kind() == reflect.Bool {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(v.Elem().Bool())}
		}
		return number(v.Elem())
	case reflect.Int:
		if v.IsZero() {
			return nil
		}
		return number(v)
	default:
		if v.IsZero() {
			return nil
		}
		return textNode(v.String())
	}
}

func filled(n *yaml.Node) *yaml.Node {
	if len(n.Content) == 0 {
		return nil
	}
	return n
}

func number(v reflect.Value) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: fmt.Sprint(v.Int())}
}

func textNode(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
}
