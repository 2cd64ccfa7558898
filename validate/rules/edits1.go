package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// gatewayAt is the Gateway that a finding is about.
func gatewayAt(p *validate.Pass, o validate.Object) (gatewayOf, bool) {
	for _, g := range p.Objects.Gateways {
		if o.Kind == "Gateway" && g.ID.Namespace == o.Namespace && g.ID.Name == o.Name {
			return g, true
		}
	}
	return gatewayOf{}, false
}

// passedThrough lets a server without tls hand it on, where its VirtualServices route by the name in the handshake.
func passedThrough(p *validate.Pass, f *validate.Finding) {
	g, ok := gatewayAt(p, f.Object)
	if !ok {
		return
	}
	for i, s := range g.Spec.Servers {
		if field := fmt.Sprintf("spec.servers[%d]", i); !strings.HasPrefix(f.Field, field) || s.Tls != nil {
			continue
		}
		var by routesOf
		for _, r := range boundTo(p, g.ID.Namespace+"/"+g.ID.Name) {
			if !slices.ContainsFunc(r.Spec.Hosts, func(host string) bool { return slices.Contains(s.Hosts, host) || slices.Contains(s.Hosts, "*") }) {
				continue
			}
			if len(r.Spec.Tls) == 0 || len(r.Spec.Http) > 0 {
				return
			}
			by = r
		}
		if by.Object != nil {
			f.Fix = fmt.Sprintf("add tls with mode PASSTHROUGH, as %s routes by the name in the handshake; or SIMPLE or MUTUAL to terminate, and http routes", by.ID)
			f.Edits = []validate.Edit{{Object: f.Object, Field: fmt.Sprintf("spec.servers[%d].tls.mode", i), Value: "PASSTHROUGH"}}
		}
	}
}

// fullyNamed completes a host of a Gateway by the Service of that name, and takes the dots out of the name of a
// Gateway, there and in the VirtualServices for it.
func fullyNamed(p *validate.Pass, f *validate.Finding) {
	g, ok := gatewayAt(p, f.Object)
	if !ok {
		return
	}
	if f.Field == "metadata.name" {
		name := strings.ReplaceAll(g.ID.Name, ".", "-")
		if len(name) > 63 || name == g.ID.Name || slices.ContainsFunc(p.Objects.Gateways, func(o gatewayOf) bool { return o.ID.Namespace == g.ID.Namespace && o.ID.Name == name }) {
			return
		}
		f.Fix = fmt.Sprintf("rename it, for example to %s, here and in gateways of the VirtualServices that name it", name)
		f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: name}}
		for _, r := range p.Objects.VirtualServices {
			o := p.At(r.Object, "").Object
			f.Edits = append(f.Edits, renamed(o, r, g.ID.Namespace+"/"+g.ID.Name, g.ID.Namespace+"/"+name)...)
			if r.ID.Namespace == g.ID.Namespace {
				f.Edits = append(f.Edits, renamed(o, r, g.ID.Name, name)...)
			}
		}
		return
	}
	for i, s := range g.Spec.Servers {
		for j, host := range s.Hosts {
			if f.Field != fmt.Sprintf("spec.servers[%d].hosts[%d]", i, j) || strings.ContainsAny(host, "./*") {
				continue
			}
			if full := fullName(host, g.ID.Namespace); isService(p, full) {
				f.Fix = fmt.Sprintf("write the full name: %s for the Service, or that by which clients call", full)
				f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: full}}
			}
		}
	}
}
