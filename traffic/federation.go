package traffic

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// An importedService is a service of another mesh, by the federation of OpenShift Service Mesh 2. Its ports are what the
// other mesh exports: the files of this mesh do not tell.
type importedService struct {
	namespace string // of this mesh's control plane
	peer      *federationPeer
	source    *source
	field     string
}

// A federationPeer is a ServiceMeshPeer.
type federationPeer struct {
	source *source
	Spec   struct {
		Remote struct {
			Addresses   []string
			ServicePort int
		}
		Gateways struct {
			Egress struct{ Name string }
		}
		Security struct {
			TrustDomain      string
			CertificateChain struct{ Kind, Name string }
		}
	}
}

// An importedSet is an ImportedServiceSet: it has the name of its peer.
type importedSet struct {
	Spec struct {
		ImportRules []struct {
			ImportAsLocal bool
			NameSelector  struct {
				Namespace, Name string
				Alias           *struct{ Namespace, Name string }
			}
		}
	}
}

// readFederation finds the names under which services of other meshes are known.
func (x *Index) readFederation(objects []object) error {
	if !x.gates.federation {
		return nil
	}
	peers := map[string]*federationPeer{}
	read := func(o object, into any) error {
		if err := json.Unmarshal(o.object.JSON, into); err != nil {
			return fmt.Errorf("%s: %s: %w", o.object.At(""), o.id, err)
		}
		return nil
	}
	for _, o := range objects {
		if o.id.Kind == "ServiceMeshPeer" && o.object != nil {
			p := &federationPeer{source: o.source}
			if err := read(o, p); err != nil {
				return err
			}
			peers[o.id.Namespace+"/"+o.id.Name] = p
		}
	}
	for _, o := range objects {
		if o.id.Kind != "ImportedServiceSet" || o.object == nil {
			continue
		}
		var set importedSet
		if err := read(o, &set); err != nil {
			return err
		}
		p := peers[o.id.Namespace+"/"+o.id.Name]
		if p == nil {
			continue
		}
		for i, r := range set.Spec.ImportRules {
			name, namespace := r.NameSelector.Name, r.NameSelector.Namespace
			if a := r.NameSelector.Alias; a != nil {
				name, namespace = cmp.Or(a.Name, name), cmp.Or(a.Namespace, namespace)
			}
			if name == "" || namespace == "" || name == "*" || namespace == "*" {
				continue // by name they cannot be told
			}
			of := o.id.Name + "-imports.local"
			if r.ImportAsLocal {
				of = domain
			}
			x.imported[name+"."+namespace+".svc."+of] = &importedService{o.id.Namespace, p, o.source, fieldAt("spec.importRules", i, "", -1)}
		}
	}
	return nil
}

// federated follows a request to an imported service: from the sidecar by the mesh's mutual TLS to the egress gateway of the
// peer, which leads it by its SNI to the other mesh's ingress. All of that is federation's own, and no object can change
// it. https://docs.openshift.com/container-platform/4.16/service_mesh/v2x/ossm-federation.html
func (k *walk) federated(i *importedService, client *workload, c *connection) Path {
	by := i.source.decision(i.field)
	own := layer{wire: Wire{Mode: IstioMutual, SNI: serverName(k.host, c.port, "")}}
	own.verify.Server.CA, own.verify.Client.Credential = "mesh", "mesh"
	gateway := i.namespace + "/" + i.peer.Spec.Gateways.Egress.Name
	out := c.clone()
	out.layers = append(slices.Clone(c.layers), own)
	h := hop{Hop: Hop{
		Proxy: Sidecar, Workload: client.String(), Cluster: clusterName(k.host, c.port, ""), Wire: onWire(out), Verify: own.verify,
		Destination: Destination{Host: i.peer.Spec.Gateways.Egress.Name + "." + i.namespace + ".svc." + domain, Port: federationPort},
	}}
	h.by(by)
	k.hops = append(k.hops, h)
	remote := i.peer.Spec.Remote
	if len(remote.Addresses) == 0 {
		return k.end(NoEndpoints, FederationNoAddress, "%s gives no address of the other mesh", i.peer.source.id)
	}
	theirs := own
	theirs.wire.SNI = "" // by the name that the other mesh gives this one, which only its files tell
	theirs.verify.Server.CA = strings.ToLower(i.peer.Spec.Security.CertificateChain.Kind) + " " + i.namespace + "/" + i.peer.Spec.Security.CertificateChain.Name
	h = hop{Hop: Hop{
		Proxy: Gateway, Workload: gateway, Wire: onWire(out), Verify: theirs.verify,
		Destination: Destination{Address: remote.Addresses[0], Port: cmp.Or(remote.ServicePort, federationPort)},
		Terminates:  &Termination{Credential: "mesh", ClientCA: "mesh", Required: true},
	}}
	h.Wire.SNI = ""
	h.by(i.peer.source.decision("spec.remote.addresses"))
	k.hops = append(k.hops, h)
	k.assume(fmt.Sprintf("mesh %s exports the service, with port %d", i.peer.source.id.Name, c.port))
	return k.end(Arrives, "", "")
}

// federationPort is where federation's gateways listen.
const federationPort = 15443
