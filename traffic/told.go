package traffic

import (
	"slices"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// Facing is the ServiceMeshPeer of the files for the mesh of [Options.Peer].
func (x *Index) Facing() (Of[*mesh.ServiceMeshPeer], bool) {
	if x.options.Peer == nil {
		return Of[*mesh.ServiceMeshPeer]{}, false
	}
	p := x.facing(x.options.Peer)
	if p == nil {
		return Of[*mesh.ServiceMeshPeer]{}, false
	}
	return Of[*mesh.ServiceMeshPeer]{Object: p.source.object, ID: p.source.id, Spec: &mesh.ServiceMeshPeer{Spec: p.spec}}, true
}

// An Import is a host under which this mesh knows services of another.
type Import struct {
	Host, Peer string
	Set        bundle.ID
	Field      string // of the rule
	// Exported says that the files of the other mesh export it; where they are not given, it is said of all.
	Exported bool
}

// Imported are the hosts that the files name in full, and with those of the other mesh all that are, by host.
func (x *Index) Imported() []Import {
	var all []Import
	for _, host := range sortedKeys(x.federation.imported) {
		i := x.federation.imported[host]
		all = append(all, Import{host, i.peer.name, i.peer.imports.source.id, i.field, !i.alone})
	}
	return all
}

// Exports are the services that the mesh of [Options.Peer] may use, as it is told their names: NAMESPACE/NAME.
func (x *Index) Exports() []string {
	var all []string
	if x.options.Peer != nil {
		for _, e := range x.exportsTo(x.options.Peer) {
			all = append(all, e.as.namespace+"/"+e.as.name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
