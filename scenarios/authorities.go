package scenarios

import "github.com/meshscenario/scenario/mesh"

// An Authority is the CA of a cluster's own, under a root that it shares with another's, and the Secret where istiod looks
// for it.
type Authority struct {
	Mesh            string
	Namespace, Name string
	CommonName      string
}

// Authorities are those that the plans count on, each once: joined meshes that have no federation trust one root.
func Authorities(plans []*Plan) []Authority {
	var all []Authority
	seen := map[string]bool{}
	for _, p := range plans {
		if p.Own == nil || p.Target.Has(mesh.FederationCRs) || seen[p.Own.Name] {
			continue
		}
		seen[p.Own.Name] = true
		all = append(all, Authority{Mesh: p.Own.Name, Namespace: p.Own.Namespace, Name: "cacerts", CommonName: commonName("CA of mesh " + p.Own.Name)})
	}
	return all
}
