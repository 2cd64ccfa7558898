package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// version says whether the target has the kind of an object, in its version.
func version(o *bundle.Object, target mesh.Target) (Problem, bool) {
	p := Problem{Rule: "MSH101", Kind: NotYet, Severity: Error, Field: "apiVersion", Consequence: "the API server refuses the object: it does not know the kind in this version"}
	if r, gone := removed(o); gone {
		p.Message, p.Fix = r.says(o), r.fix()
		return p, true
	}
	if message, fix := elsewhere(o, target); message != "" {
		p.Field, p.Message, p.Fix = "kind", message, fix
		p.Consequence = "the API server refuses the object: it does not know the kind"
		return p, true
	}
	l := shelf()
	g := group(o)
	v := strings.TrimPrefix(o.APIVersion, g+"/")
	if !strings.HasSuffix(g, ".istio.io") || l.lineOf(o.APIVersion+"/"+o.Kind, target.IstioMinor()) != 0 {
		return p, false
	}
	var served, kinds []string
	for kind := range l.roots {
		parts := strings.Split(kind, "/")
		if parts[0] != g {
			continue
		}
		if parts[2] == o.Kind && l.lineOf(kind, target.IstioMinor()) != 0 {
			served = append(served, parts[1])
		}
		kinds = append(kinds, parts[2])
	}
	slices.Sort(served)
	first := 0
	for minor := range l.roots[o.APIVersion+"/"+o.Kind] {
		if first == 0 || minor < first {
			first = minor
		}
	}
	switch {
	case first != 0:
		p.Message = fmt.Sprintf("%s came with Istio 1.%d as %s, and the target has Istio 1.%d", o.Kind, first, o.APIVersion, target.IstioMinor())
		p.Fix = "update the mesh"
		if len(served) > 0 {
			p.Message = fmt.Sprintf("%s is served from Istio 1.%d on, and the target has Istio 1.%d", o.APIVersion, first, target.IstioMinor())
			p.Fix = fmt.Sprintf("write apiVersion: %s/%s", g, newestOf(served))
			p.Edits = []Edit{{"apiVersion", g + "/" + newestOf(served)}}
		}
	case len(served) > 0:
		p.Rule, p.Kind = general, WrongValue
		p.Message = fmt.Sprintf("%s has no version %s", o.Kind, v)
		p.Nearest = g + "/" + newestOf(served)
		p.Fix = "write apiVersion: " + p.Nearest
	case slices.Contains(kinds, o.Kind):
		p.Message = fmt.Sprintf("the target's Istio 1.%d has no %s", target.IstioMinor(), o.Kind)
		p.Fix = "update the mesh, or leave it out"
	case len(kinds) == 0:
		return p, false // IstioOperator, for instance, is no object for a cluster
	default:
		p.Rule, p.Kind, p.Field = general, WrongValue, "kind"
		p.Message = fmt.Sprintf("%s has no kind %s", g, o.Kind)
		slices.Sort(kinds)
		kinds = slices.Compact(kinds)
		if p.Nearest = nearest(o.Kind, kinds); p.Nearest != "" {
			p.Fix = "did you mean " + p.Nearest + "?"
		} else {
			p.Fix = "its kinds are " + enumeration(kinds, "and")
		}
	}
	return p, true
}

// newestOf is the version that Kubernetes would prefer: v1 before v1beta1 before v1alpha3.
func newestOf(versions []string) string {
	best := slices.MaxFunc(versions, func(a, b string) int { return strings.Compare(weight(a), weight(b)) })
	return best
}

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
func elsewhere(o *bundle.Object, target mesh.Target) (message, fix string) {
	switch group(o) {
	case "maistra.io":
		if target.ControlPlane == mesh.SMCP {
			return "", ""
		}
		fix = "leave it out"
		switch o.Kind {
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
	return fmt.Sprintf("%s has no %s", target.Product, o.Kind), fix
}
