// Package generator makes bundles: a plan (definition and target) goes through its scenario's Jsonnet template and
// comes out as objects, each decoded strictly into the type of its API.
//
// It owns the Jsonnet VM. It is pure: no clock, no network, no randomness, and no file but the overlay it is given.
package generator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"

	"github.com/google/go-jsonnet"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/scenarios"
)

// Options say what is rendered of a plan.
type Options struct {
	// Parts are those wanted; none means the scenario's default.
	Parts []scenarios.Part
	// Why asks for the sentence with each object that says why it exists.
	Why bool
	// Overlay is a Jsonnet file with a function(objects, definition, target) that returns objects, or "".
	Overlay string
	// ImportDirs are searched for what the overlay imports.
	ImportDirs []string
	// Trace gets what the overlay says by std.trace; nil drops it.
	Trace io.Writer
}

// The labels that every rendered object carries.
const (
	managedByLabel = "app.kubernetes.io/managed-by"
	scenarioLabel  = "meshscenario.io/scenario"
	nameLabel      = "meshscenario.io/name"
)

// PartsOf is what is rendered of a plan with these options.
func (o Options) PartsOf(p *scenarios.Plan) []scenarios.Part {
	if len(o.Parts) == 0 {
		return p.Scenario.Default
	}
	return o.Parts
}

// rendered is one object with the plan it came from.
type rendered struct {
	*bundle.Object
	plan *scenarios.Plan
}

// Render makes one bundle of all plans, sorted in the order of applying. What two plans both bring, such as a
// namespace, is there once; where they disagree about it, the error names both.
func Render(plans []*scenarios.Plan, options Options) (*bundle.Bundle, error) {
	objects := make([][]*bundle.Object, len(plans))
	if err := forEachChunk(plans, options, func(m *machine, j *job) error {
		outputs, err := evaluate(m, j, options)
		if err != nil {
			return err
		}
		var errs []error
		for i, p := range j.plans {
			own, err := objectsOf(p, outputs[i], options)
			objects[j.indices[i]] = own
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	}); err != nil {
		return nil, err
	}
	b := &bundle.Bundle{}
	first := map[bundle.ID]rendered{}
	var errs []error
	for i, own := range objects {
		for _, o := range own {
			earlier, there := first[o.ID]
			if !there {
				first[o.ID] = rendered{o, plans[i]}
				b.Objects = append(b.Objects, o)
				continue
			}
			if err := unite(earlier, rendered{o, plans[i]}); err != nil {
				errs = append(errs, err)
			}
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	b.Sort()
	return b, nil
}

// templateError says where in what is ours, or in the overlay, an error lies.
func templateError(p *scenarios.Plan, options Options, object string, err error) error {
	source := "template " + p.Scenario.Template() + ".jsonnet"
	if options.Overlay != "" {
		source += " with overlay " + options.Overlay
	}
	var failed jsonnet.RuntimeError
	if errors.As(err, &failed) {
		err = errors.New(failed.Msg)
		for _, frame := range failed.StackTrace {
			if at := frame.Loc; at.FileName != "" && at.FileName != "<std>" && at.Begin.Line > 0 {
				source = fmt.Sprintf("%s:%d:%d", strings.Replace(at.FileName, embedded, "template ", 1), at.Begin.Line, at.Begin.Column)
				break
			}
		}
	}
	if object != "" {
		source += ": " + object
	}
	if at := p.Place(); !at.IsFlag() {
		source = at.String() + ": " + source
	}
	return fmt.Errorf("%s: %w", source, err)
}

// objectsOf decodes what the template gave for one plan.
func objectsOf(p *scenarios.Plan, output any, options Options) ([]*bundle.Object, error) {
	answer := output.(map[string]any)
	trees := answer["objects"].([]any)
	why := map[bundle.ID]string{}
	if reasons, ok := answer["why"].([]any); ok {
		for i, reason := range reasons {
			if tree, ok := trees[i].(map[string]any); ok {
				why[bundle.Identify(tree)], _ = reason.(string)
			}
		}
	}
	if options.Overlay != "" {
		var ok bool
		if trees, ok = answer["overlaid"].([]any); !ok {
			return nil, templateError(p, options, "", errors.New("it returned no list of objects"))
		}
	}
	var objects []*bundle.Object
	var errs []error
	for i, t := range trees {
		o, err := object(p, t)
		if err != nil {
			name := fmt.Sprintf("object %d", i)
			if tree, ok := t.(map[string]any); ok && bundle.Identify(tree).Kind != "" {
				name += ": " + bundle.Identify(tree).String()
			}
			errs = append(errs, templateError(p, options, name, err))
			continue
		}
		o.Why = why[o.ID]
		objects = append(objects, o)
	}
	return objects, errors.Join(errs...)
}

// object labels one object and decodes it strictly.
func object(p *scenarios.Plan, value any) (*bundle.Object, error) {
	tree, ok := value.(map[string]any)
	if !ok {
		text, _ := json.Marshal(value)
		return nil, fmt.Errorf("not an object: %s", text)
	}
	if path := findNull(tree, ""); path != "" {
		return nil, fmt.Errorf("%s: null", path)
	}
	metadata, ok := tree["metadata"].(map[string]any)
	if !ok {
		return nil, errors.New("metadata: missing")
	}
	if metadata["labels"] == nil {
		metadata["labels"] = map[string]any{}
	}
	labels, ok := metadata["labels"].(map[string]any)
	if !ok {
		return nil, errors.New("metadata.labels: not name: value pairs")
	}
	labels[managedByLabel] = "scenario"
	labels[scenarioLabel] = p.Scenario.ID
	labels[nameLabel] = p.Metadata.Name
	if err := identity(bundle.Identify(tree)); err != nil {
		return nil, err
	}
	return bundle.NewObject(tree)
}

var kindName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// identity refuses what the API server would refuse as the name of an object, and what could not be the name of a file.
func identity(id bundle.ID) error {
	switch {
	case id.Name == "":
		return errors.New("metadata.name: missing")
	case len(content.IsPathSegmentName(id.Name)) > 0 || strings.ContainsFunc(id.Name, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }) || len(id.Name) > 253:
		return fmt.Errorf("metadata.name: %q is not the name of an object", id.Name)
	case id.Namespace != "" && len(validation.IsDNS1123Label(id.Namespace)) > 0:
		return fmt.Errorf("metadata.namespace: %q is not the name of a namespace", id.Namespace)
	case !kindName.MatchString(id.Kind):
		return fmt.Errorf("kind: %q is not a kind", id.Kind)
	}
	return nil
}

// findNull is the path of the first null in a tree, or "". A null says neither a value nor nothing.
func findNull(v any, at string) string {
	first := ""
	keep := func(found string) {
		if found != "" && (first == "" || found < first) {
			first = found
		}
	}
	switch v := v.(type) {
	case nil:
		return strings.TrimPrefix(at, ".")
	case map[string]any:
		for key, child := range v {
			if child == nil || isContainer(child) {
				keep(findNull(child, at+"."+cmp.Or(key, `""`)))
			}
		}
	case []any:
		for i, child := range v {
			if child == nil || isContainer(child) {
				keep(findNull(child, fmt.Sprintf("%s[%d]", at, i)))
			}
		}
	}
	return first
}

func isContainer(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}
