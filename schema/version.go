package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// version says whether the target has the kind of an object, in its version. It gives the version to look at it by,
// which is another one where the target serves that, or "" where it serves none.
func version(o *bundle.Object, target mesh.Target) (apiVersion string, problems []Problem) {
	l := shelf()
	g := group(o)
	p := Problem{Rule: "MSH101", Kind: NotYet, Severity: Error, Field: "apiVersion", Consequence: refused + ": it does not know the kind in this version"}
	if message, fix := elsewhere(g, o.Kind, target); message != "" {
		p.Field, p.Message, p.Fix = "kind", message, fix
		p.Consequence = refused + ": it does not know the kind"
		return "", []Problem{p}
	}
	if l.root(o.APIVersion, o.Kind, target.IstioMinor()) != nil {
		return o.APIVersion, outdated(o, target)
	}
	if r, gone := removed(o); gone {
		p.Message, p.Fix = r.says(o), r.fix()
		return "", []Problem{p}
	}
	if !strings.HasSuffix(g, ".istio.io") {
		return o.APIVersion, nil
	}
	served, kinds := l.served(g, o.Kind, target.IstioMinor())
	if len(kinds) == 0 {
		return "", nil // IstioOperator, for instance, is no object for a cluster
	}
	first := l.firstServed(o.APIVersion + "/" + o.Kind)
	v := strings.TrimPrefix(o.APIVersion, g+"/")
	if len(served) > 0 {
		p.Nearest = g + "/" + served[0]
		p.Fix = "write apiVersion: " + p.Nearest
		p.Edits = []Edit{{"apiVersion", p.Nearest}}
		p.Message = fmt.Sprintf("%s is served from Istio 1.%d on, and the target has Istio 1.%d", o.APIVersion, first, target.IstioMinor())
		if first == 0 {
			p.Rule, p.Kind = general, WrongValue
			p.Message = fmt.Sprintf("%s has no version %s", o.Kind, v)
		}
		return p.Nearest, []Problem{p}
	}
	switch {
	case first != 0:
		p.Message = fmt.Sprintf("%s came with Istio 1.%d, and the target has Istio 1.%d", o.Kind, first, target.IstioMinor())
		p.Fix = "leave it out, or update the mesh"
	case slices.Contains(kinds, o.Kind):
		p.Message = fmt.Sprintf("the target's Istio 1.%d has no %s", target.IstioMinor(), o.Kind)
		p.Fix = "leave it out, or update the mesh"
	default:
		p.Rule, p.Kind, p.Field = general, WrongValue, "kind"
		p.Message = fmt.Sprintf("%s has no kind %s", g, o.Kind)
		p.Fix = "its kinds are " + enumeration(kinds, "and")
		if p.Nearest = nearest(o.Kind, kinds); p.Nearest != "" {
			p.Fix = "did you mean " + p.Nearest + "?"
		}
	}
	return "", []Problem{p}
}

// served lists the versions of a kind that an Istio serves, the newest first, and all kinds of its group.
func (l *collection) served(group, kind string, minor int) (versions, kinds []string) {
	for _, name := range slices.Sorted(maps.Keys(l.roots)) {
		parts := strings.Split(name, "/")
		if parts[0] != group || len(parts) != 3 {
			continue
		}
		kinds = append(kinds, parts[2])
		if parts[2] == kind && l.root(parts[0]+"/"+parts[1], parts[2], minor) != nil {
			versions = append(versions, parts[1])
		}
	}
	slices.SortFunc(versions, func(a, b string) int { return strings.Compare(weight(b), weight(a)) })
	slices.Sort(kinds)
	return versions, slices.Compact(kinds)
}

// firstServed is the first Istio that serves a kind in a version, or 0.
func (l *collection) firstServed(kind string) int {
	minors := slices.Sorted(maps.Keys(l.roots[kind]))
	if len(minors) == 0 {
		return 0
	}
	return minors[0]
}

// outdated says that a newer version of the kind is served.
func outdated(o *bundle.Object, target mesh.Target) []Problem {
	newest, ok := successors[o.APIVersion]
	if !ok || shelf().root(newest, o.Kind, target.IstioMinor()) == nil {
		return nil
	}
	return []Problem{{Rule: "MSH126", Kind: Outdated, Severity: Info, Field: "apiVersion",
		Message: fmt.Sprintf("%s is an old version: the target serves %s, of the same fields", o.APIVersion, newest), Fix: "write apiVersion: " + newest,
		Nearest: newest, Edits: []Edit{{"apiVersion", newest}}, Safe: true}}
}

// successors are the versions that took the place of others.
var successors = map[string]string{
	"networking.istio.io/v1alpha3": "networking.istio.io/v1", "networking.istio.io/v1beta1": "networking.istio.io/v1",
	"security.istio.io/v1beta1": "security.istio.io/v1", "telemetry.istio.io/v1alpha1": "telemetry.istio.io/v1",
	"sailoperator.io/v1alpha1": "sailoperator.io/v1",
}

// weight sorts versions as Kubernetes prefers them: v1 before v1beta1 before v1alpha3.
func weight(version string) string {
	switch {
	case strings.Contains(version, "alpha"):
		return "a" + version
	case strings.Contains(version, "beta"):
		return "b" + version
	}
	return "c" + version
}

// A removal is an API that Kubernetes or Istio has taken away.
type removal struct {
	group, version string // an empty version is every one
	kinds          string // by spaces; "" is every one
	with           string // what it went with
	instead        string
}

// https://kubernetes.io/docs/reference/using-api/deprecation-guide/ and https://istio.io/latest/news/releases/
var removals = []removal{
	{"extensions", "v1beta1", "Deployment DaemonSet ReplicaSet", "Kubernetes 1.16", "apps/v1, which needs spec.selector"},
	{"extensions", "v1beta1", "NetworkPolicy", "Kubernetes 1.16", "networking.k8s.io/v1"},
	{"extensions", "v1beta1", "Ingress", "Kubernetes 1.22", "networking.k8s.io/v1"},
	{"extensions", "v1beta1", "PodSecurityPolicy", "Kubernetes 1.16", ""},
	{"apps", "v1beta1", "", "Kubernetes 1.16", "apps/v1, which needs spec.selector"},
	{"apps", "v1beta2", "", "Kubernetes 1.16", "apps/v1"},
	{"networking.k8s.io", "v1beta1", "Ingress IngressClass", "Kubernetes 1.22", "networking.k8s.io/v1"},
	{"admissionregistration.k8s.io", "v1beta1", "MutatingWebhookConfiguration ValidatingWebhookConfiguration", "Kubernetes 1.22", "admissionregistration.k8s.io/v1, which needs sideEffects and admissionReviewVersions"},
	{"apiextensions.k8s.io", "v1beta1", "", "Kubernetes 1.22", "apiextensions.k8s.io/v1, which needs a schema for each version"},
	{"apiregistration.k8s.io", "v1beta1", "", "Kubernetes 1.22", "apiregistration.k8s.io/v1"},
	{"rbac.authorization.k8s.io", "v1alpha1", "", "Kubernetes 1.22", "rbac.authorization.k8s.io/v1"},
	{"rbac.authorization.k8s.io", "v1beta1", "", "Kubernetes 1.22", "rbac.authorization.k8s.io/v1"},
	{"certificates.k8s.io", "v1beta1", "CertificateSigningRequest", "Kubernetes 1.22", "certificates.k8s.io/v1"},
	{"scheduling.k8s.io", "v1beta1", "", "Kubernetes 1.22", "scheduling.k8s.io/v1"},
	{"batch", "v1beta1", "CronJob", "Kubernetes 1.25", "batch/v1"},
	{"discovery.k8s.io", "v1beta1", "", "Kubernetes 1.25", "discovery.k8s.io/v1"},
	{"policy", "v1beta1", "PodDisruptionBudget", "Kubernetes 1.25", "policy/v1"},
	{"policy", "v1beta1", "PodSecurityPolicy", "Kubernetes 1.25", ""},
	{"autoscaling", "v2beta1", "", "Kubernetes 1.25", "autoscaling/v2"},
	{"autoscaling", "v2beta2", "", "Kubernetes 1.26", "autoscaling/v2"},

	{"config.istio.io", "", "", "Istio 1.8, as Mixer did", "AuthorizationPolicy, Telemetry or EnvoyFilter"},
	{"authentication.istio.io", "", "", "Istio 1.6", "PeerAuthentication and RequestAuthentication of security.istio.io"},
	{"rbac.istio.io", "", "", "Istio 1.6", "AuthorizationPolicy of security.istio.io"},
	{"authentication.maistra.io", "", "", "OpenShift Service Mesh 2.0", "PeerAuthentication of security.istio.io"},
	{"rbac.maistra.io", "", "", "OpenShift Service Mesh 2.0", "AuthorizationPolicy of security.istio.io"},
}

func removed(o *bundle.Object) (removal, bool) {
	g := group(o)
	v := strings.TrimPrefix(o.APIVersion, g+"/")
	for _, r := range removals {
		if r.group == g && (r.version == "" || r.version == v) && (r.kinds == "" || slices.Contains(strings.Fields(r.kinds), o.Kind)) {
			return r, true
		}
	}
	return removal{}, false
}

func (r removal) says(o *bundle.Object) string {
	return fmt.Sprintf("%s %s went with %s", o.APIVersion, o.Kind, r.with)
}

func (r removal) fix() string {
	if r.instead == "" {
		return "leave it out: nothing has taken its place"
	}
	return "use " + r.instead
}

// elsewhere says whether a kind belongs to another way of installing a mesh than the target's.
func elsewhere(group, kind string, target mesh.Target) (message, fix string) {
	switch group {
	case "maistra.io":
		if target.ControlPlane == mesh.SMCP {
			return "", ""
		}
		fix = "leave it out"
		switch kind {
		case "ServiceMeshControlPlane":
			fix = "write an Istio of sailoperator.io"
			if target.ControlPlane == mesh.Helm {
				fix = "write the values of the chart istiod"
			}
		case "ServiceMeshMemberRoll", "ServiceMeshMember":
			fix = "label the namespaces: every one is a member that is not kept out by discoverySelectors"
		}
	case "federation.maistra.io":
		if target.Has(mesh.FederationCRs) {
			return "", ""
		}
		fix = "join the meshes as Istio does, by a multi-cluster mesh, or meet at gateways with ServiceEntries"
	case "sailoperator.io":
		if target.ControlPlane != mesh.SMCP {
			return "", ""
		}
		fix = "write a ServiceMeshControlPlane"
	default:
		return "", ""
	}
	return fmt.Sprintf("%s has no %s", target.Product, kind), fix
}
