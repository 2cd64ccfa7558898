package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh727 = validate.Rule{
	ID: "MSH727", Name: "auto-passthrough-wide", Category: validate.Scope, Severity: validate.Warning, Border: true,
	Title: "a gateway opens more services to another mesh than that one uses",
	Check: func(p *validate.Pass) {
		for _, open := range openServers(p) {
			for i, host := range open.Hosts {
				if !strings.HasPrefix(withoutNamespace(host), "*") {
					continue
				}
				f := validate.Finding{
					Place:       p.At(open.gateway.Object, fmt.Sprintf("spec.servers[%d].hosts[%d]", open.at, i)),
					Severity:    validate.Info,
					Message:     fmt.Sprintf("%s opens all services under %s to who has a certificate of the mesh", open.gateway.ID, host),
					Consequence: "whoever gets to the gateway with such a certificate calls any of them",
					Fix:         "list the hosts that are meant: SERVICE.NAMESPACE.svc.cluster.local",
				}
				if used := declaredOf(p, open); len(used) > 0 {
					f.Severity = validate.Warning
					f.Message = fmt.Sprintf("%s opens all services under %s, and %s uses %s", open.gateway.ID, host, nameOf(p), listOf(used))
					hosts := slices.Concat(open.Hosts[:i:i], used, open.Hosts[i+1:])
					f.Fix = "list those hosts"
					f.Edits = set(p, open.gateway.Object, fmt.Sprintf("spec.servers[%d].hosts", open.at), list(hosts))
				}
				p.Report(f)
			}
		}
	},
}

// declaredOf are the hosts by which the other mesh declares services that are behind a gateway of this one.
func declaredOf(p *validate.Pass, open openServer) []string {
	if p.Peer == nil || oneMesh(p) {
		return nil
	}
	var all []string
	for _, e := range p.Peer.Objects.ServiceEntries {
		if len(remoteEndpoints(e)) == 0 {
			continue
		}
		for _, h := range e.Spec.Hosts {
			if slices.ContainsFunc(open.Hosts, func(o string) bool { return takes(withoutNamespace(o), h) }) {
				all = append(all, h)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
