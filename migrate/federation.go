package migrate

import "github.com/meshscenario/scenario/bundle"

// federates is the ServiceMeshPeer whose gateway one is, or nil.
func (m *migration) federates(gateway, namespace string) *bundle.Object {
	for _, o := range m.in {
		if !is(o, "federation.maistra.io", "ServiceMeshPeer") || o.Namespace != namespace {
			continue
		}
		gateways := getMap(o.Tree(), "spec", "gateways")
		if getText(gateways, "ingress", "name") == gateway || getText(gateways, "egress", "name") == gateway {
			return o
		}
	}
	return nil
}

// federation names each field of the federation's objects: what takes its place depends on whether both meshes can have
// one root of trust, which files of one of them do not tell.
func (m *migration) federation(o *bundle.Object) {
	says := map[string]string{
		"ServiceMeshPeer":    "federation is no more; two meshes are joined as one with a common root of trust, or call each other as outside services",
		"ExportedServiceSet": "what is exported is what the hosts of the east-west gateway's Gateway (AUTO_PASSTHROUGH) allow, one for each service",
		"ImportedServiceSet": "an imported service is a ServiceEntry for its own name, with the other mesh's east-west gateway as its endpoint; names under …-imports.local are gone",
	}[o.Kind]
	do := map[string]string{
		"ServiceMeshPeer":    "with one owner or a shared root, scenario render 2a --target " + m.to.Name + "; with two owners and no common root, scenario render 1b --mtls here and scenario render expose --mtls there",
		"ExportedServiceSet": "list the services that its rules choose, and give the east-west gateway a server with tls.mode AUTO_PASSTHROUGH for NAME.NAMESPACE.svc.cluster.local of each",
		"ImportedServiceSet": "write a ServiceEntry for each service that it imports; callers of an …-imports.local name call the service's own name then",
	}[o.Kind]
	m.tell(Entry{Class: Decide, Says: says, Do: do, aspect: anyPath}, o, "")
}
