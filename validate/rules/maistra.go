package rules

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A plane is a ServiceMeshControlPlane with what only rules ask of it.
type plane struct {
	object *bundle.Object
	Spec   struct {
		Version  string
		Gateways struct {
			OpenShiftRoute                      struct{ Enabled *bool }
			Ingress, Egress                     planeGateway
			AdditionalIngress, AdditionalEgress map[string]planeGateway
		}
		Security struct {
			ManageNetworkPolicy *bool
			Trust               struct{ Domain string }
			DataPlane           struct{ MTLS, AutoMTLS *bool }
			ControlPlane        struct {
				TLS struct {
					MinProtocolVersion, MaxProtocolVersion string
					CipherSuites                           []string
				}
			}
		}
		Proxy struct {
			Networking struct {
				Protocol       struct{ AutoDetect struct{ Outbound *bool } }
				TrafficControl struct{ Outbound struct{ Policy string } }
			}
		}
	}
}

// A planeGateway is a gateway that the operator installs.
type planeGateway struct {
	Namespace            string
	Enabled              *bool
	RequestedNetworkView []string
	Service              struct {
		Type     string
		Metadata struct{ Labels, Annotations map[string]string }
		Ports    []gatewayPort
	}
	Volumes []struct {
		Volume      corev1.Volume
		VolumeMount corev1.VolumeMount
	}
}

// A gatewayPort is a port of a gateway's Service.
type gatewayPort struct {
	Name           string
	Port, NodePort int
	TargetPort     intstr.IntOrString
}

// A planeGatewayAt is one with its field and the labels of its pods.
type planeGatewayAt struct {
	planeGateway
	plane  plane
	field  string
	labels map[string]string
}

// gateways are those that a control plane speaks of; the ingress and the egress gateway it has in any case.
func (c plane) gateways() []planeGatewayAt {
	g := c.Spec.Gateways
	all := []planeGatewayAt{
		{g.Ingress, c, "spec.gateways.ingress", map[string]string{"istio": "ingressgateway", "app": "istio-ingressgateway"}},
		{g.Egress, c, "spec.gateways.egress", map[string]string{"istio": "egressgateway", "app": "istio-egressgateway"}},
	}
	for _, of := range []struct {
		field string
		more  map[string]planeGateway
	}{{"spec.gateways.additionalIngress", g.AdditionalIngress}, {"spec.gateways.additionalEgress", g.AdditionalEgress}} {
		for name, one := range of.more {
			if len(one.Service.Metadata.Labels) > 0 { // else nobody knows what selects them
				all = append(all, planeGatewayAt{one, c, of.field + `["` + name + `"]`, map[string]string{}})
			}
		}
	}
	for i := range all {
		for k, v := range all[i].Service.Metadata.Labels {
			all[i].labels[k] = v
		}
	}
	return all
}

type planesKey struct{}

// planes are the control planes of the files.
func planes(p *validate.Pass) []plane {
	return validate.Once(p, planesKey{}, func() []plane {
		var all []plane
		for _, o := range p.Objects.All {
			if o.Kind != "ServiceMeshControlPlane" || !strings.HasPrefix(o.APIVersion, "maistra.io/v2") {
				continue
			}
			c := plane{object: o}
			if json.Unmarshal(o.JSON, &c) == nil {
				all = append(all, c)
			}
		}
		return all
	})
}

// automaticRoutes tells whether the operator makes Routes of Gateways, and whether the files say so.
func automaticRoutes(p *validate.Pass) (on, said bool) {
	if !p.Target.AutomaticRoutes {
		return false, false
	}
	for _, c := range planes(p) {
		if enabled := c.Spec.Gateways.OpenShiftRoute.Enabled; enabled != nil {
			return *enabled, true
		}
	}
	return p.Target.Has(mesh.RoutesByDefault), false
}

// routed tells whether the operator makes Routes of a Gateway, where it makes any.
func routed(g gatewayOf) bool {
	if g.Spec.Selector["istio"] == "egressgateway" {
		return false
	}
	managed, err := strconv.ParseBool(annotation(g.Object, "maistra.io/manageRoute"))
	return managed || err != nil
}

// metadata is that of an object, of whatever kind.
func metadata(o *bundle.Object) (of struct{ Labels, Annotations map[string]string }) {
	var t struct {
		Metadata struct{ Labels, Annotations map[string]string }
	}
	if json.Unmarshal(o.JSON, &t) == nil {
		of = t.Metadata
	}
	return of
}

// annotation is the value of an annotation of an object.
func annotation(o *bundle.Object, key string) string { return metadata(o).Annotations[key] }

// labelsOf are the labels of an object.
func labelsOf(o *bundle.Object) map[string]string { return metadata(o).Labels }

// withoutNamespace is a host of a Gateway's server without the namespace that it is for.
func withoutNamespace(host string) string {
	if _, name, found := strings.Cut(host, "/"); found {
		return name
	}
	return host
}

// hostsOf are the hosts of all servers of a Gateway, in lower case.
func hostsOf(g gatewayOf) []string {
	var all []string
	for _, s := range g.Spec.Servers {
		for _, h := range s.Hosts {
			if h = strings.ToLower(withoutNamespace(h)); !slices.Contains(all, h) {
				all = append(all, h)
			}
		}
	}
	return all
}

func routeByHand(p *validate.Pass, host string) bool {
	for _, r := range p.Objects.Routes {
		if strings.EqualFold(r.Spec.Spec.Host, host) && r.Spec.Labels["maistra.io/generated-by"] != "ior" {
			return true
		}
	}
	return false
}

// everywhere is what proxies find without a volume of their own: what their image brings, what the pod gets anyway, and
// what the operator's charts mount into its two gateways (Secrets of a fixed name).
var everywhere = []string{
	"/etc/ssl/", "/etc/pki/", "/usr/", "/var/run/secrets/", "/etc/istio/proxy/",
	"/etc/istio/egressgateway-certs/", "/etc/istio/egressgateway-ca-certs/", "/etc/istio/ingressgateway-certs/", "/etc/istio/ingressgateway-ca-certs/",
}

// unmounted tells of which gateway of a control plane a pod is, where that mounts nothing for a file.
func unmounted(p *validate.Pass, pod traffic.Pod, file string) (planeGatewayAt, bool) {
	for _, prefix := range everywhere {
		if strings.HasPrefix(file, prefix) {
			return planeGatewayAt{}, false
		}
	}
	for _, c := range planes(p) {
		for _, at := range c.gateways() {
			if at.labels["istio"] != pod.Labels["istio"] {
				continue
			}
			for _, v := range at.Volumes {
				if m := strings.TrimSuffix(v.VolumeMount.MountPath, "/"); file == m || strings.HasPrefix(file, m+"/") {
					return planeGatewayAt{}, false
				}
			}
			return at, true
		}
	}
	return planeGatewayAt{}, false
}

// opens tells whether a server's number is a port of the gateway's Service, or one that it leads to.
func (g planeGatewayAt) opens(number int) bool {
	for _, one := range g.Service.Ports {
		if one.Port == number || one.TargetPort.IntValue() == number {
			return true
		}
	}
	return false
}

func (g planeGatewayAt) portText() string {
	var all []string
	for _, one := range g.Service.Ports {
		all = append(all, fmt.Sprint(one.Port))
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ", ")
}

// operatorsOwn tells of a Route that has the name of the one which the operator keeps for its ingress gateway.
func operatorsOwn(p *validate.Pass) {
	root, _, _ := p.Index.Mesh()
	for _, r := range p.Objects.Routes {
		if name := p.Target.OwnsIngressRouteName; name != "" && r.ID.Name == name && r.ID.Namespace == root {
			p.Report(validate.Finding{
				Place:       p.At(r.Object, "metadata.name"),
				Message:     fmt.Sprintf("%s has the name of the Route that the operator keeps for its ingress gateway", r.ID),
				Consequence: "whenever the operator looks at its control plane, it writes its own over it: the host and the TLS settings are gone",
				Fix:         "give it another name",
			})
		}
	}
}
