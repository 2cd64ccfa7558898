package rules

import (
	"maps"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// newObject writes an object that is not there yet into the file of another one: without its namespace, if that leaves the
// same one open. parts are its fields besides kind and metadata. There is no edit where the files have one of its name.
func newObject(p *validate.Pass, beside, o validate.Object, apiVersion string, parts map[string]any) []validate.Edit {
	if p.Object(traffic.Decision{Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}) != nil {
		return nil
	}
	metadata := map[string]any{"name": o.Name}
	if beside.Namespace == "" && o.Namespace == "default" {
		o.Namespace = ""
	}
	if o.Namespace != "" {
		metadata["namespace"] = o.Namespace
	}
	tree := map[string]any{"apiVersion": apiVersion, "kind": o.Kind, "metadata": metadata}
	maps.Copy(tree, parts)
	return []validate.Edit{{Object: o, Beside: &beside, Value: tree}}
}

// documentBeside is as newObject, for an object that has a spec; beside may be nil, for what no file holds.
func documentBeside(p *validate.Pass, beside *bundle.Object, apiVersion string, o validate.Object, spec map[string]any) []validate.Edit {
	if beside == nil {
		return nil
	}
	return newObject(p, p.At(beside, "").Object, o, apiVersion, map[string]any{"spec": spec})
}
