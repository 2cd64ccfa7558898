package migrate

import (
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// captureDNS is the variable of proxies by which they answer DNS.
const captureDNS = "ISTIO_META_DNS_CAPTURE"

// capturedDNS keeps that sidecars answer DNS for hosts of ServiceEntries, where the files count on it. The old operator
// switches it on for all: maistra/istio-operator resources/helm/v2.5/global.yaml, meshConfig.defaultConfig.proxyMetadata.
func (m *migration) capturedDNS(p *plane) {
	said := getMap(p.values, "meshConfig", "defaultConfig", "proxyMetadata")
	if said[captureDNS] != nil {
		return // the control plane said it itself
	}
	const at = "spec.proxy"
	i := slices.IndexFunc(m.in, countsOnDNS)
	if i < 0 {
		m.tell(Entry{
			Class: Changed, Says: "sidecars answered DNS for hosts of ServiceEntries, also for those that no name server knows; nothing in these files seems to count on it, and it is off now",
			Do: `where an application calls a host that only a ServiceEntry knows, or several TCP hosts without addresses share a port, set spec.values.meshConfig.defaultConfig.proxyMetadata.` + captureDNS + `: "true" of Istio ` + p.istio,
		}, p.object, at)
		return
	}
	on := tree{captureDNS: "true"}
	if !m.to.Has(mesh.IPAutoAllocate) {
		on["ISTIO_META_DNS_AUTO_ALLOCATE"] = "true"
	}
	set(p.values, "meshConfig.defaultConfig.proxyMetadata", on)
	m.capturing[p.istio] = true
	m.tell(Entry{
		Class: Mapped, Became: "Istio " + p.istio + ", spec.values.meshConfig.defaultConfig.proxyMetadata." + captureDNS,
		Says: "the old operator switched on that sidecars answer DNS for hosts of ServiceEntries, and " + m.in[i].ID.String() + " counts on it",
	}, p.object, at)
}

// inventedEnds are ends of names that no public name server has.
var inventedEnds = []string{".local", ".internal", ".lan", ".mesh", ".global", ".corp", ".home", ".intranet", ".svc"}

// countsOnDNS tells whether callers of an object's hosts need an address that only the mesh gives.
func countsOnDNS(o *bundle.Object) bool {
	if is(o, "federation.maistra.io", "ImportedServiceSet") {
		return true
	}
	if !is(o, "networking.istio.io", "ServiceEntry") {
		return false
	}
	spec := getMap(o.Tree(), "spec")
	if len(texts(spec["addresses"])) > 0 {
		return false
	}
	for _, host := range texts(spec["hosts"]) {
		invented := func(end string) bool { return strings.HasSuffix(host, end) }
		if !strings.Contains(host, ".") || slices.ContainsFunc(inventedEnds, invented) && !strings.HasSuffix(host, ".svc."+domain) {
			return true
		}
	}
	ports, _ := spec["ports"].([]any)
	return slices.ContainsFunc(ports, func(item any) bool {
		port, _ := item.(tree)
		switch strings.ToUpper(getText(port, "protocol")) {
		case "HTTP", "HTTP2", "GRPC", "GRPC-WEB", "HTTPS", "TLS":
			return false
		}
		return getText(spec, "resolution") != "NONE"
	})
}
