package rules

import (
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

// confidential tells whether the pod runs by a runtime class of Contrast's.
func (c contrastPod) confidential() bool {
	return c.Spec.RuntimeClassName != nil && strings.HasPrefix(*c.Spec.RuntimeClassName, contrast.RuntimeClassPrefix)
}

// source is the configuration that counts, or, where none does, the one that would with a runtime class of Contrast's.
func (c contrastPod) source() contrast.Source {
	if s := c.mesh.Effective(); s != nil {
		return *s
	}
	return c.mesh.Sources[0]
}

// sure tells whether the files say all that the sidecar is told, and it starts with that.
func (c contrastPod) sure() bool {
	s := c.source()
	return c.said(s) && !s.Faults.Crash()
}

// said tells whether the files say all of a source.
func (c contrastPod) said(s contrast.Source) bool {
	open := bundle.HasGap(s.Ingress.Text) || bundle.HasGap(s.Egress.Text) || bundle.HasGap(s.AdminPort.Text)
	return !s.Elsewhere() && !open && !c.fromElsewhere(s)
}

// fromElsewhere tells whether a sidecar gets variables by whole ConfigMaps or Secrets, which may be any.
func (c contrastPod) fromElsewhere(s contrast.Source) bool {
	return slices.ContainsFunc(c.containers(), func(one container) bool { return c.at(one.field) == s.Container && len(one.EnvFrom) > 0 })
}

// where is the place of a string of the pod's configuration.
func (c contrastPod) where(p *validate.Pass, v contrast.Value) validate.Place {
	if held, ok := c.held[v.Field]; ok {
		return p.At(held.object, held.field)
	}
	return p.At(c.object, v.Field)
}

// of names the pod where a finding is at another object.
func (c contrastPod) of(at validate.Place) string {
	if id := c.object; at.Object.Kind == id.Kind && at.Object.Name == id.Name && at.Object.Namespace == id.Namespace {
		return ""
	}
	return " of " + c.object.ID.String()
}

// rewritten puts another text in the place of a string, in annotations and in the sidecar that was made of them; nil
// removes it.
func (c contrastPod) rewritten(p *validate.Pass, field contrast.Field, text any) []validate.Edit {
	var edits []validate.Edit
	was := c.source().Value(field)
	for _, s := range c.mesh.Sources {
		if v := s.Value(field); v.Set && v.Text == was.Text {
			at := c.where(p, v)
			edits = append(edits, validate.Edit{Object: at.Object, Field: at.Field, Value: text})
		}
	}
	return edits
}

// tls is what a client must speak to reach a port.
func (c contrastPod) tls(port int) contrast.TLS {
	if c.mesh == nil {
		return contrast.NoTLS
	}
	s := c.source()
	return s.Generation.InboundAt(s.Config, port).TLS
}
