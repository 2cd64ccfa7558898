package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh915 = validate.Rule{
	ID: "MSH915", Name: "capture-exclusion-policy", Category: validate.Other, Severity: validate.Warning,
	Title: "a workload goes out past its own sidecar",
	Check: func(p *validate.Pass) {
		_, allowAny, _ := p.Index.Mesh()
		for _, t := range podTemplates(p) {
			for _, one := range []struct {
				name string
				wide func(string) bool
			}{
				{"includeOutboundIPRanges", func(v string) bool { return v != "*" }},
				{"excludeOutboundIPRanges", wideRanges},
				{"excludeOutboundPorts", webPorts},
			} {
				key := "traffic.sidecar.istio.io/" + one.name
				value, said := t.annotations[key]
				if !said || value == "" || value == "*" && one.name == "includeOutboundIPRanges" || bypasses(p, t) {
					continue
				}
				f := validate.Finding{
					Severity:    validate.Info,
					Place:       p.At(t.object, t.field(fmt.Sprintf("metadata.annotations[%q]", key))),
					Message:     fmt.Sprintf("%s keeps traffic from its sidecar (%s: %q)", t.object.ID, one.name, value),
					Consequence: "no rule of the mesh, no outbound policy and no gateway applies to it, and nobody sees it",
					Fix:         "take the annotation out, and declare what is called by ServiceEntries",
				}
				if one.wide(value) || allowAny { // else it is some servers of one's own, which nothing declares
					f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field}}
				}
				if one.wide(value) && !allowAny {
					f.Severity = validate.Warning
					f.Message += ", and so leaves the policy REGISTRY_ONLY behind"
				}
				p.Report(f)
			}
		}
	},
}

// bypasses tells whether a request of a workload is known to get around its sidecar, which MSH325 tells of.
func bypasses(p *validate.Pass, t podTemplate) bool {
	name := namespaceOf(t.object) + "/" + t.object.Name
	for _, path := range p.Paths {
		if len(path.Hops) > 0 && path.Hops[0].Workload == name && (len(path.Hops) == 1 || path.Hops[1].Workload != name) {
			return true
		}
	}
	return false
}

// wideRanges tells whether ranges of addresses hold more than some servers of one's own.
func wideRanges(list string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(r string) bool {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(r))
		return strings.TrimSpace(r) == "*" || err == nil && prefix.Bits() < 8
	})
}

// webPorts tells whether ports are among those by which one gets anywhere.
func webPorts(list string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(port string) bool {
		port = strings.TrimSpace(port)
		return port == "*" || port == "80" || port == "443"
	})
}
