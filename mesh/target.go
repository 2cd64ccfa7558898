// Package mesh says what each version of each mesh is, as facts, and holds the small typed forms of objects that no
// Go module can be had for (Maistra's and Sail's).
//
// It knows no scenario and renders nothing. Nobody outside it compares versions or asks a target for its name: they
// ask for a fact or a [Gate].
package mesh

import (
	"fmt"
	"slices"
	"strings"
)

// A ControlPlaneAPI is the way a control plane is installed.
type ControlPlaneAPI string

// The ways to install a control plane.
const (
	SMCP ControlPlaneAPI = "ServiceMeshControlPlane" // maistra.io/v2, by the operator of OpenShift Service Mesh 2
	Sail ControlPlaneAPI = "Istio"                   // sailoperator.io/v1, by the operator of OpenShift Service Mesh 3
	Helm ControlPlaneAPI = "Helm"                    // the charts base and istiod
)

// A Family is a kind of mesh: those of one family have the same objects and the same way of leading traffic.
type Family string

// The families of meshes.
const (
	IstioFamily    Family = "istio" // Istio, and what is made of it: OpenShift Service Mesh
	TykFamily      Family = "tyk"   // Tyk gateways as sidecars, brought by the controller tyk-k8s
	ContrastFamily Family = "contrast"
)

// A Target is what a bundle is for: one minor version of one mesh, as facts.
type Target struct {
	Family Family

	Name    string // how the user names it, such as "ossm-2.6"
	Product string // for people, such as "OpenShift Service Mesh 2.6 (Istio 1.20)"
	Line    string // the targets that are listed together, such as "ossm-2"

	istio   int // Istio's minor: 20 is Istio 1.20
	maistra int // the minor of OpenShift Service Mesh 2, or 0

	ControlPlane ControlPlaneAPI
	// Version is what the control plane's own resource or chart calls this version: "v2.6", "v1.30-latest", "~1.31.0".
	Version string
	// RootNamespace is where the control plane is installed unless the user says otherwise.
	RootNamespace string
	// MemberRoll says that istiod sees only the namespaces that were made members.
	MemberRoll bool
	// PodInjection says that each pod asks for its sidecar (by label or annotation: [PodInjectionLabel]) and the
	// namespace has no say; otherwise the namespace asks by label.
	PodInjection bool
	// Routes says that OpenShift's Routes lead to the ingress gateway.
	Routes bool
	// AutomaticRoutes says that the operator makes a Route for each host of a Gateway unless told not to.
	AutomaticRoutes bool
	// BuiltInGateways says that the control plane brings an ingress and an egress gateway, in its own namespace;
	// otherwise they are installed separately, each in a namespace of its own.
	BuiltInGateways bool
	// OwnsIngressRouteName is the name of the Route that the operator keeps for its ingress gateway, or "".
	OwnsIngressRouteName string
	// DNS is where the cluster's name servers run, for NetworkPolicies.
	DNS DNS
}

// DNS says where a cluster's name servers are, as a NetworkPolicy sees them.
type DNS struct {
	Namespace string
	Port      int // of the pods: NetworkPolicies apply after the Service's translation
}

// Has tells whether the gate is open on this target. A gate without a row is a mistake in the program.
func (t Target) Has(g Gate) bool {
	for _, row := range GateTable {
		if row.Gate != g {
			continue
		}
		if t.maistra != 0 && row.maistra != nil {
			return row.maistra.has(t.maistra)
		}
		return row.istio.has(t.istio)
	}
	panic(fmt.Sprintf("mesh: gate %q has no row in GateTable", g))
}

// IstioMinor is the minor of the Istio inside (20 is Istio 1.20), for who looks for the software of that version. What
// differs between versions is asked by [Gate].
func (t Target) IstioMinor() int { return t.istio }

// MeshWideMTLSHost is the wildcard host of the DestinationRule with ISTIO_MUTUAL that the operator makes of
// spec.security.dataPlane.mtls: true, such as "*.cluster.local", or "" where strict mutual TLS makes no such rule.
// It catches every outside name that ends alike.
func (t Target) MeshWideMTLSHost() string {
	switch {
	case t.ControlPlane != SMCP:
		return ""
	case t.Has(MeshWideMTLSClusterWide):
		return "*.cluster.local"
	default:
		return "*.local"
	}
}

// IstioAPI is the version of networking.istio.io and security.istio.io to write: "v1" or "v1beta1".
func (t Target) IstioAPI() string {
	if t.Has(NetworkingV1) {
		return "v1"
	}
	return "v1beta1"
}

// EgressNamespace is where the egress gateway runs, for a control plane in root.
func (t Target) EgressNamespace(root string) string { return t.gatewayNamespace(root, "istio-egress") }

// IngressNamespace is where the ingress gateway runs, for a control plane in root.
func (t Target) IngressNamespace(root string) string {
	return t.gatewayNamespace(root, "istio-ingress")
}

func (t Target) gatewayNamespace(root, own string) string {
	if t.BuiltInGateways {
		return root
	}
	return own
}

// Facts is the target as templates see it: plain values, without the target's name.
func (t Target) Facts() map[string]any {
	gates := make(map[string]any, len(GateTable))
	for _, row := range GateTable {
		gates[string(row.Gate)] = t.Has(row.Gate)
	}
	return map[string]any{
		"family":           string(t.Family),
		"product":          t.Product,
		"controlPlane":     string(t.ControlPlane),
		"version":          t.Version,
		"istioAPI":         t.IstioAPI(),
		"memberRoll":       t.MemberRoll,
		"podInjection":     t.PodInjection,
		"routes":           t.Routes,
		"automaticRoutes":  t.AutomaticRoutes,
		"builtInGateways":  t.BuiltInGateways,
		"meshWideMTLSHost": t.MeshWideMTLSHost(),
		"dns":              map[string]any{"namespace": t.DNS.Namespace, "port": t.DNS.Port},
		"gates":            gates,
	}
}

// Charts is where Istio's own charts are: base, istiod and gateway.
// https://istio.io/latest/docs/setup/install/helm
const Charts = "https://istio-release.storage.googleapis.com/charts"

// Default is the target that is meant when none is named.
const Default = "ossm-2.6"

// Targets lists the targets of Istio in the order people read them: by product line, then version.
var Targets = targets()

// Others lists the targets that are no Istio. They have no versions, and all their gates are closed.
var Others = []Target{
	{Family: TykFamily, Name: "tyk", Line: "tyk", Product: "Tyk's service mesh (tyk-k8s, no longer maintained)"},
	{Family: ContrastFamily, Name: "contrast", Line: "contrast", Product: "Contrast's service mesh (confidential containers)"},
}

// All lists all targets, those of Istio first.
var All = slices.Concat(Targets, Others)

func targets() []Target {
	var all []Target
	// https://docs.openshift.com/container-platform/4.16/service_mesh/v2x/servicemesh-release-notes.html
	for _, v := range []struct{ minor, istio int }{{1, 9}, {2, 12}, {3, 14}, {4, 16}, {5, 18}, {6, 20}} {
		all = append(all, Target{
			Name:    fmt.Sprintf("ossm-2.%d", v.minor),
			Product: fmt.Sprintf("OpenShift Service Mesh 2.%d (Istio 1.%d)", v.minor, v.istio),
			Family:  IstioFamily, Line: "ossm-2", istio: v.istio, maistra: v.minor,
			ControlPlane: SMCP, Version: fmt.Sprintf("v2.%d", v.minor), RootNamespace: "istio-system",
			MemberRoll: true, PodInjection: true, Routes: true, AutomaticRoutes: true, BuiltInGateways: true,
			OwnsIngressRouteName: "istio-ingressgateway",
			DNS:                  openshiftDNS,
		})
	}
	// https://docs.redhat.com/en/documentation/red_hat_openshift_service_mesh/3.0/html/release_notes
	for _, v := range []struct{ minor, istio int }{{0, 24}, {1, 26}, {2, 27}, {3, 28}, {4, 30}} {
		all = append(all, Target{
			Name:    fmt.Sprintf("ossm-3.%d", v.minor),
			Product: fmt.Sprintf("OpenShift Service Mesh 3.%d (Istio 1.%d)", v.minor, v.istio),
			Family:  IstioFamily, Line: "ossm-3", istio: v.istio,
			ControlPlane: Sail, Version: fmt.Sprintf("v1.%d-latest", v.istio), RootNamespace: "istio-system",
			Routes: true, DNS: openshiftDNS,
		})
	}
	for minor := 24; minor <= 31; minor++ {
		all = append(all, Target{
			Name:    fmt.Sprintf("istio-1.%d", minor),
			Product: fmt.Sprintf("Istio 1.%d", minor),
			Family:  IstioFamily, Line: "istio", istio: minor,
			ControlPlane: Helm, Version: fmt.Sprintf("~1.%d.0", minor), RootNamespace: "istio-system",
			DNS: DNS{Namespace: "kube-system", Port: 53},
		})
	}
	return all
}

// openshiftDNS: the name servers listen on 5353 in their pods.
// https://github.com/openshift/cluster-dns-operator/blob/master/assets/dns/daemonset.yaml
var openshiftDNS = DNS{Namespace: "openshift-dns", Port: 5353}

// Lookup finds a target by its name.
func Lookup(name string) (Target, bool) {
	for _, t := range All {
		if t.Name == name {
			return t, true
		}
	}
	return Target{}, false
}

// Names lists the names of all targets.
func Names() []string {
	names := make([]string, len(All))
	for i, t := range All {
		names[i] = t.Name
	}
	return names
}

// Newest lists the newest target of each line of Istio, in order.
func Newest() []Target {
	var newest []Target
	for i, t := range Targets {
		if i+1 == len(Targets) || Targets[i+1].Line != t.Line {
			newest = append(newest, t)
		}
	}
	return newest
}

// Ranges writes targets compactly: "ossm-2.1 … ossm-2.6, istio-1.31". Neighbours in [All] of one line join, and all of
// Istio.
func Ranges(names []string) string {
	in := make(map[string]bool, len(names))
	for _, n := range names {
		in[n] = true
	}
	if len(in) == len(All) {
		return "every target"
	}
	var parts []string
	i := 0
	if !slices.ContainsFunc(Targets, func(t Target) bool { return !in[t.Name] }) {
		parts, i = append(parts, "every ossm and istio target"), len(Targets)
	}
	for ; i < len(All); i++ {
		if !in[All[i].Name] {
			continue
		}
		first := i
		for i+1 < len(All) && in[All[i+1].Name] && All[i+1].Line == All[first].Line {
			i++
		}
		if first == i {
			parts = append(parts, All[i].Name)
		} else {
			parts = append(parts, All[first].Name+" … "+All[i].Name)
		}
	}
	return strings.Join(parts, ", ")
}
