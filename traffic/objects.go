package traffic

import (
	"slices"

	routev1 "github.com/openshift/api/route/v1"
	networkingapi "istio.io/api/networking/v1alpha3"
	securityapi "istio.io/api/security/v1beta1"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	networkingalpha "istio.io/client-go/pkg/apis/networking/v1alpha3"
	security "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// An Of is an object of the files with what its API says of it. ID is the object's with the namespace that it is applied
// to where it names none.
type Of[T any] struct {
	Object *bundle.Object
	ID     bundle.ID
	Spec   T
}

// Objects are those of the files by kind, in the order of the files, whether or not istiod looks into their namespaces.
// What an API refuses is not there. They are not to be changed.
type Objects struct {
	ServiceEntries        []Of[*networkingapi.ServiceEntry]
	WorkloadEntries       []Of[*networkingapi.WorkloadEntry]
	DestinationRules      []Of[*networkingapi.DestinationRule]
	VirtualServices       []Of[*networkingapi.VirtualService]
	Gateways              []Of[*networkingapi.Gateway]
	Sidecars              []Of[*networkingapi.Sidecar]
	EnvoyFilters          []Of[*networkingapi.EnvoyFilter]
	PeerAuthentications   []Of[*securityapi.PeerAuthentication]
	AuthorizationPolicies []Of[*securityapi.AuthorizationPolicy]
	Services              []Of[*corev1.Service]
	Secrets               []Of[*corev1.Secret]
	ConfigMaps            []Of[*corev1.ConfigMap]
	NetworkPolicies       []Of[*netv1.NetworkPolicy]
	Routes                []Of[*routev1.Route]
	ControlPlanes         []Of[*mesh.ServiceMeshControlPlane]
	MemberRolls           []Of[*mesh.ServiceMeshMemberRoll]
	ServiceMeshMembers    []Of[*mesh.ServiceMeshMember]
	Peers                 []Of[*mesh.ServiceMeshPeer]
	Exports               []Of[*mesh.ExportedServiceSet]
	Imports               []Of[*mesh.ImportedServiceSet]
	Istios                []Of[*mesh.Istio]
	All                   []*bundle.Object
	Typed                 []any // of All, as bundle.Object.Lenient gives it; nil is what did not decode, or is not known
}

// Objects are those that the index was made of.
func (x *Index) Objects() *Objects { return &x.objects }

func (all *Objects) add(o object) {
	all.All, all.Typed = append(all.All, o.object), append(all.Typed, o.typed)
	switch t := o.typed.(type) {
	case *networking.ServiceEntry:
		all.ServiceEntries = append(all.ServiceEntries, of(o, &t.Spec))
	case *networking.WorkloadEntry:
		all.WorkloadEntries = append(all.WorkloadEntries, of(o, &t.Spec))
	case *networking.DestinationRule:
		all.DestinationRules = append(all.DestinationRules, of(o, &t.Spec))
	case *networking.VirtualService:
		all.VirtualServices = append(all.VirtualServices, of(o, &t.Spec))
	case *networking.Gateway:
		all.Gateways = append(all.Gateways, of(o, &t.Spec))
	case *networking.Sidecar:
		all.Sidecars = append(all.Sidecars, of(o, &t.Spec))
	case *networkingalpha.EnvoyFilter:
		all.EnvoyFilters = append(all.EnvoyFilters, of(o, &t.Spec))
	case *security.PeerAuthentication:
		all.PeerAuthentications = append(all.PeerAuthentications, of(o, &t.Spec))
	case *security.AuthorizationPolicy:
		all.AuthorizationPolicies = append(all.AuthorizationPolicies, of(o, &t.Spec))
	case *corev1.Service:
		all.Services = append(all.Services, of(o, t))
	case *corev1.Secret:
		all.Secrets = append(all.Secrets, of(o, t))
	case *corev1.ConfigMap:
		all.ConfigMaps = append(all.ConfigMaps, of(o, t))
	case *netv1.NetworkPolicy:
		all.NetworkPolicies = append(all.NetworkPolicies, of(o, t))
	case *routev1.Route:
		all.Routes = append(all.Routes, of(o, t))
	case *mesh.ServiceMeshControlPlane:
		all.ControlPlanes = append(all.ControlPlanes, of(o, t))
	case *mesh.ServiceMeshMemberRoll:
		all.MemberRolls = append(all.MemberRolls, of(o, t))
	case *mesh.ServiceMeshMember:
		all.ServiceMeshMembers = append(all.ServiceMeshMembers, of(o, t))
	case *mesh.ServiceMeshPeer:
		all.Peers = append(all.Peers, of(o, t))
	case *mesh.ExportedServiceSet:
		all.Exports = append(all.Exports, of(o, t))
	case *mesh.ImportedServiceSet:
		all.Imports = append(all.Imports, of(o, t))
	case *mesh.Istio:
		all.Istios = append(all.Istios, of(o, t))
	}
}

func of[T any](o object, spec T) Of[T] { return Of[T]{Object: o.object, ID: o.id, Spec: spec} }

// A Pod is a workload of the mesh's namespaces, written or assumed.
type Pod struct {
	Namespace, Name string
	Labels          map[string]string
	Annotations     map[string]string
	Account         string // its ServiceAccount's name
	// Gateway and Sidecar say what proxy it has; it may have none.
	Gateway, Sidecar bool
	HostNetwork      bool
	// Entrance says that it is a gateway by which clients outside come in.
	Entrance bool
	// Assumed says that the files do not hold it.
	Assumed bool
}

func (w *workload) pod() Pod {
	return Pod{w.namespace, w.name, w.labels, w.annotations, w.account, w.gateway, w.sidecar, w.hostNetwork, w.entrance, w.assumed}
}

// Pods are the workloads of the files, and those that are assumed.
func (x *Index) Pods() []Pod {
	pods := make([]Pod, len(x.workloads))
	for i, w := range x.workloads {
		pods[i] = w.pod()
	}
	return pods
}

// Pod is the workload of a name (NAMESPACE/NAME), as a hop gives it.
func (x *Index) Pod(name string) (Pod, bool) {
	if w := x.workloadNames[name]; w != nil {
		return w.pod(), true
	}
	x.mutex.Lock()
	defer x.mutex.Unlock()
	if w := x.madeUp[name]; w != nil {
		return w.pod(), true
	}
	return Pod{}, false
}

// A GatewayServer is a server of a Gateway at a gateway's pod.
type GatewayServer struct {
	Gateway bundle.ID
	Field   string // "spec.servers[0]"
	// Port is the one that the pod listens on: where a Service has the server's port, its targetPort.
	Port int
	// Dropped says that istiod leaves the server out, for what another one has: the port, or a host.
	Dropped bool
}

// Servers are those of all Gateways for a gateway's pod (NAMESPACE/NAME), in the order in which istiod joins them; a pod
// that is no gateway has none.
func (x *Index) Servers(pod string) []GatewayServer {
	w := x.workloadNames[pod]
	if w == nil || !w.gateway {
		return nil
	}
	p := x.proxyOf(w)
	var all []GatewayServer
	for _, g := range x.gateways {
		if g.spec.Selector != nil && !subset(g.spec.Selector, w.labels) {
			continue
		}
		for i, s := range g.spec.Servers {
			if s.Port == nil {
				continue
			}
			all = append(all, GatewayServer{
				Gateway: g.source.id, Field: itemField("spec.servers", i), Port: x.listensOn(p, int(s.Port.Number)),
				Dropped: slices.ContainsFunc(p.merged.dropped, func(d *server) bool { return d.of == g && d.Server == s }),
			})
		}
	}
	return all
}

// Mesh tells what of the mesh's settings rules ask for.
func (x *Index) Mesh() (rootNamespace string, allowAny, autoMTLS bool) {
	return x.mesh.rootNamespace, x.mesh.allowAny, x.mesh.autoMTLS
}

// TrustDomain is what the identities of the mesh begin with, and the aliases of it that its workloads take too.
func (x *Index) TrustDomain() (string, []string) { return x.mesh.trustDomain, x.mesh.aliases }

// Cluster is what the values of Istio's chart say of the cluster among those that share its mesh.
func (x *Index) Cluster() (meshID, name, network string) {
	return x.mesh.cluster.meshID, x.mesh.cluster.name, x.mesh.cluster.network
}

// CapturesDNS tells whether sidecars answer DNS, and give addresses to hosts that have none.
func (x *Index) CapturesDNS() bool { return x.mesh.dnsCapture }

// Misses tells whether the source of the bundle did not give a kind of the core group of a namespace.
func (x *Index) Misses(kind, namespace string) bool { return x.bundle.Misses("", kind, namespace) }

// Lacks tells whether what the bundle does not hold of a kind of the core group in a namespace is not there.
func (x *Index) Lacks(kind, namespace string) bool {
	return !x.options.Assume || x.bundle.Lacks("", kind, namespace)
}

// Member tells whether istiod looks into a namespace.
func (x *Index) Member(namespace string) bool { return x.sees(namespace) }

// Exported tells whether an object of a namespace that says exportTo is seen from another, where nothing else is said by
// default: ServiceEntries, VirtualServices and DestinationRules each have a default of the mesh's own.
func (x *Index) Exported(kind string, exportTo []string, own, to string) bool {
	usual := map[string][]string{
		"ServiceEntry": x.mesh.exportServices, "VirtualService": x.mesh.exportRoutes, "DestinationRule": x.mesh.exportRules,
	}[kind]
	return exported(exportTo, usual, own).to(to)
}
