package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

var msh320 = validate.Rule{
	ID: "MSH320", Name: "host-unresolvable", Category: validate.Other, Severity: validate.Warning,
	Title: "the application calls a name that DNS may not know",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			dialled := path.Hops[0].Destination
			client := clientOf(&path.Hops[0])
			if _, err := netip.ParseAddr(dialled.Host); err == nil || path.Request.Guess || answersDNS(p, client) ||
				isService(p, serviceName(dialled.Host, client)) {
				continue
			}
			for _, e := range entriesFor(p, dialled.Host) {
				i := slices.IndexFunc(e.Spec.Hosts, func(h string) bool { return strings.EqualFold(h, dialled.Host) })
				if i < 0 || !seen(p, e, client) {
					continue
				}
				f := validate.Finding{
					Place:       p.At(e.Object, fmt.Sprintf("spec.hosts[%d]", i)),
					Message:     fmt.Sprintf("%s gives the mesh the name %s, but DNS does not learn it from there, and no name server outside has a domain that ends so", e.ID, dialled.Host),
					Consequence: "where no name server knows it, the application fails before the mesh is asked: no such host",
					Fix:         fmt.Sprintf("switch on DNS capture: ISTIO_META_DNS_CAPTURE in proxyMetadata of the pod's annotation proxy.istio.io/config, or for all in meshConfig.defaultConfig; or write a Service %q without selector and a VirtualService from it to %s", strings.SplitN(dialled.Host, ".", 2)[0], dialled.Host),
					Edits:       captureEdit(p, path.Hops[0].Workload, e),
				}
				if !invented(dialled.Host) {
					if len(e.Spec.Endpoints) == 0 || e.Spec.Location == networking.ServiceEntry_MESH_INTERNAL || strings.HasSuffix(dialled.Host, ".svc.cluster.local") {
						continue
					}
					f.Severity = validate.Info
					f.Message = fmt.Sprintf("%s gives the mesh the name %s, for endpoints of other names or addresses; DNS does not learn it from there", e.ID, dialled.Host)
				}
				p.Report(validate.Shown(path, 1, f))
			}
		}
	},
}

// captureEdit has the sidecar of a workload answer DNS, also for a ServiceEntry that has no address of its own.
func captureEdit(p *validate.Pass, workload string, e entryOf) []validate.Edit {
	const annotation = "proxy.istio.io/config"
	t, ok := templateOf(p, workload)
	if !ok || t.Metadata.Annotations[annotation] != "" {
		return nil
	}
	settings := "ISTIO_META_DNS_CAPTURE: 'true'"
	if len(e.Spec.Addresses) == 0 && !p.Target.Has(mesh.IPAutoAllocate) {
		settings += ", ISTIO_META_DNS_AUTO_ALLOCATE: 'true'"
	}
	return []validate.Edit{{Object: p.At(t.object, "").Object, Field: t.at(fmt.Sprintf("metadata.annotations[%q]", annotation)), Value: "proxyMetadata: {" + settings + "}"}}
}

// invented tells whether a host ends in a domain that exists nowhere: the one that Istio's multicluster once used, and one
// that is reserved for names that do not resolve (RFC 6761).
func invented(host string) bool {
	return strings.HasSuffix(host, ".global") || strings.HasSuffix(host, ".invalid")
}
