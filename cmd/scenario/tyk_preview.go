package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/tyk"
)

func tykPreviewCommand(s streams) *cobra.Command {
	var f tykFlags
	var output string
	cmd := &cobra.Command{
		Use:   "preview [FILE|-]...",
		Short: "Show pods and Services as the injector of tyk-k8s leaves them",
		Long: `Examples:
  scenario tyk preview app.yaml                    without last-mile TLS
  scenario tyk preview app.yaml --tls              with it
  scenario tyk preview app.yaml --config tyk-k8s.yaml
                                                   with what that configuration adds
  scenario render enroll --target tyk | scenario tyk preview

stdout has the manifests that the injector takes up, a workload with its pods as they become; stderr says what changed, what
breaks and what is refused. Values of the sidecar's secrets are not shown. The ids of the API definitions, which Tyk gives,
are left out.

Exit status: 0 nothing breaks; 1 something breaks or is refused; 2 wrong use; 3 input that cannot be read, or that the
controller ends because of.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return tykPreview(s, f, output, args) },
	}
	f.add(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "yaml", "yaml or json")
	completeWith(cmd, "output", []string{"yaml", "json"})
	return cmd
}

func tykPreview(s streams, f tykFlags, output string, args []string) error {
	formats := map[string]func(*bundle.Bundle) error{
		"yaml": func(b *bundle.Bundle) error { return b.YAML(s.out, false) },
		"json": func(b *bundle.Bundle) error { return b.JSON(s.out) },
	}
	write, ok := formats[output]
	if !ok {
		return usage("the formats are yaml and json", "unknown format %q", output)
	}
	in, err := f.read(s, "scenario tyk preview FILE", args)
	if err != nil {
		return err
	}
	var shown bundle.Bundle
	wrong, alone := false, 0
	for _, o := range in.objects {
		p, taken := o.preview(in.controller)
		if !taken {
			alone++
			continue
		}
		wrong = o.tell(s, p) || wrong
		if p.Refused != "" {
			continue
		}
		object, err := o.injected(p)
		if err != nil {
			return environment(err)
		}
		shown.Objects = append(shown.Objects, object)
	}
	if alone > 0 {
		fmt.Fprintf(s.err, "scenario: left alone: %s\n", count(alone, "workload or Service", "workloads and Services"))
	}
	if len(shown.Objects) > 0 {
		if err := write(&shown); err != nil {
			return environment(err)
		}
	}
	if wrong {
		return errFindings
	}
	return nil
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// preview is what becomes of an object, and whether the injector takes it up at all.
func (o meshed) preview(c tyk.Controller) (p tyk.Preview, taken bool) {
	if o.workload != nil {
		return tyk.PreviewPods(*o.workload, c), o.workload.Meshed()
	}
	return tyk.PreviewService(*o.service), tyk.Meshed(o.service.Namespace, o.service.Annotations)
}

// tell says what changed, and whether something is wrong.
func (o meshed) tell(s streams, p tyk.Preview) (wrong bool) {
	say := func(what, text string) {
		fmt.Fprintf(s.err, "scenario: %s: %s: %s\n", o.object.ID, what, oneLine(text))
	}
	if p.Refused != "" {
		say("refused", p.Refused)
		return true
	}
	say("changes", strings.Join(p.Changes, "; "))
	for _, b := range p.Breaks {
		say("breaks", b)
	}
	return len(p.Breaks) > 0
}

// injected is the object with what the preview has for its pods, or its ports.
func (o meshed) injected(p tyk.Preview) (*bundle.Object, error) {
	tree := o.object.Tree()
	var err error
	if o.service != nil {
		err = graft(tree, "spec.ports", p.Service.Spec.Ports)
	} else {
		field := o.workload.Field
		if field != "" {
			field += "."
		}
		hide(p.Pods.Spec.Containers)
		if err = graft(tree, field+"spec", p.Pods.Spec); err == nil {
			err = graft(tree, field+"metadata.annotations", p.Pods.Annotations)
		}
	}
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(tree)
	return &bundle.Object{ID: o.object.ID, JSON: data}, err
}

// hide takes out of containers what is secret in a gateway's variables.
func hide(containers []corev1.Container) {
	for i := range containers {
		for j := range containers[i].Env {
			e := &containers[i].Env[j]
			secret := slices.ContainsFunc([]string{"SECRET", "PASSWORD"}, func(part string) bool { return strings.Contains(e.Name, part) })
			if strings.HasPrefix(e.Name, "TYK_") && secret && e.Value != "" {
				e.Value = "(not shown)"
			}
		}
	}
}

// graft puts a typed value into a tree, at a path of fields that are there, but for the last.
func graft(tree map[string]any, path string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return err
	}
	steps := strings.Split(path, ".")
	for _, step := range steps[:len(steps)-1] {
		tree = tree[step].(map[string]any)
	}
	tree[steps[len(steps)-1]] = bare(plain)
	return nil
}

// bare is a tree without resources that say nothing, which typed containers always have.
func bare(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			if m, ok := child.(map[string]any); ok && key == "resources" && len(m) == 0 {
				delete(v, key)
				continue
			}
			v[key] = bare(child)
		}
	case []any:
		for i, child := range v {
			v[i] = bare(child)
		}
	}
	return v
}
