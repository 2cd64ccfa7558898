package judge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

// An Object is one Kubernetes object of a bundle, and where it was read.
type Object struct {
	APIVersion, Kind, Namespace, Name string

	File string
	Line int // of the document's first line, from 1
	JSON []byte
}

// String is the object as people name it: "DestinationRule shop/ext".
func (o Object) String() string {
	if o.Namespace == "" {
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.Namespace + "/" + o.Name
}

// Where is the object's file and line.
func (o Object) Where() string { return fmt.Sprintf("%s:%d", o.File, o.Line) }

// A Bundle is objects in the order they were read, which is taken as the order in which they were created.
type Bundle struct{ Objects []Object }

// Load reads files of YAML or JSON; "-" is standard input. A later object replaces an earlier one of the same name.
func Load(files ...string) (*Bundle, error) {
	b := &Bundle{}
	for _, file := range files {
		var data []byte
		var err error
		if file == "-" {
			data, err = io.ReadAll(os.Stdin)
		} else {
			data, err = os.ReadFile(file)
		}
		if err != nil {
			return nil, err
		}
		more, err := Parse(file, data)
		if err != nil {
			return nil, err
		}
		b = b.And(more)
	}
	return b, nil
}

// Parse reads documents of YAML or JSON; a List counts as its items. file is the name to give in messages.
func Parse(file string, data []byte) (*Bundle, error) {
	b := &Bundle{}
	documents := yamlv3.NewDecoder(bytes.NewReader(data))
	for {
		var node yamlv3.Node
		err := documents.Decode(&node)
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if err := b.add(file, &node); err != nil {
			return nil, err
		}
	}
}

func (b *Bundle) add(file string, node *yamlv3.Node) error {
	if node.Kind == yamlv3.DocumentNode {
		node = node.Content[0]
	}
	if node.Kind == yamlv3.ScalarNode && node.Tag == "!!null" {
		return nil
	}
	// By way of YAML, so that values are read as the API server reads them.
	text, err := yamlv3.Marshal(node)
	if err != nil {
		return fmt.Errorf("%s:%d: %w", file, node.Line, err)
	}
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		return fmt.Errorf("%s:%d: %w", file, node.Line, err)
	}
	var head struct {
		APIVersion, Kind string
		Metadata         struct{ Namespace, Name string }
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("%s:%d: %w", file, node.Line, err)
	}
	if strings.HasSuffix(head.Kind, "List") && head.Metadata.Name == "" {
		if items := mapValue(node, "items"); items != nil {
			for _, item := range items.Content {
				if err := b.add(file, item); err != nil {
					return err
				}
			}
			return nil
		}
	}
	if head.APIVersion == "" || head.Kind == "" || head.Metadata.Name == "" {
		return fmt.Errorf("%s:%d: not an object: apiVersion, kind and metadata.name are needed", file, node.Line)
	}
	if head.Metadata.Namespace == "" && !clusterScoped[head.Kind] {
		// As kubectl applies it, for who has chosen no other namespace.
		head.Metadata.Namespace = "default"
		if data, err = inNamespace(data, "default"); err != nil {
			return fmt.Errorf("%s:%d: %w", file, node.Line, err)
		}
	}
	b.Objects = append(b.Objects, Object{
		APIVersion: head.APIVersion, Kind: head.Kind, Namespace: head.Metadata.Namespace, Name: head.Metadata.Name,
		File: file, Line: node.Line, JSON: data,
	})
	return nil
}

// clusterScoped are the kinds without a namespace that bundles hold.
var clusterScoped = map[string]bool{
	"Namespace": true, "ClusterRole": true, "ClusterRoleBinding": true, "CustomResourceDefinition": true, "GatewayClass": true,
	"Istio": true, "IstioCNI": true, "IstioRevision": true, "IstioRevisionTag": true, "ZTunnel": true,
	"MutatingWebhookConfiguration": true, "ValidatingWebhookConfiguration": true,
}

func inNamespace(data []byte, namespace string) ([]byte, error) {
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	tree["metadata"].(map[string]any)["namespace"] = namespace
	return json.Marshal(tree)
}

func mapValue(node *yamlv3.Node, key string) *yamlv3.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

// And returns the objects of both; an object of more replaces the one of the same identity, as applying it would.
func (b *Bundle) And(more *Bundle) *Bundle {
	type id struct{ group, kind, namespace, name string }
	key := func(o Object) id {
		group, _, found := strings.Cut(o.APIVersion, "/")
		if !found {
			group = ""
		}
		return id{group, o.Kind, o.Namespace, o.Name}
	}
	all := &Bundle{}
	at := map[id]int{}
	for _, o := range append(append([]Object{}, b.Objects...), more.Objects...) {
		if i, ok := at[key(o)]; ok {
			all.Objects[i] = o
			continue
		}
		at[key(o)] = len(all.Objects)
		all.Objects = append(all.Objects, o)
	}
	return all
}
