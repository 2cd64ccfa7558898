package traffic

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A workload is one replica of what a Deployment or its like starts.
type workload struct {
	namespace, name string
	labels          map[string]string
	annotations     map[string]string
	account         string
	ip              netip.Addr        // made up
	ports           map[string]uint32 // container ports of TCP by name
	hostNetwork     bool
	sidecar         bool
	gateway         bool
	entrance        bool // a gateway by which clients outside come in
	written         bool // a sidecar that istioctl kube-inject, or somebody by hand, wrote into the pod
	// urls are those in the environment, arguments and ConfigMaps of its containers.
	urls []string
	maps []string // ConfigMaps that it reads, as NAMESPACE/NAME
	// assumed says that the files do not hold it; selected, that it is one because a rule's selector names it.
	assumed, selected bool
	given             bool // by a fact
	// injectionAssumed says that it has a sidecar because the files do not hold its namespace.
	injectionAssumed bool
}

// tlsMode is the label by which a pod says that its sidecar takes the mesh's TLS.
const tlsMode = "security.istio.io/tlsMode"

func (w *workload) String() string { return w.namespace + "/" + w.name }

func (x *Index) addWorkload(namespace, name string, meta metav1.ObjectMeta, spec *corev1.PodSpec) *workload {
	w := &workload{
		namespace: namespace, name: name, labels: meta.Labels, annotations: meta.Annotations,
		account: spec.ServiceAccountName, ip: numbered("10.1", len(x.workloads)), hostNetwork: spec.HostNetwork,
	}
	if w.account == "" {
		w.account = "default"
	}
	for n := 2; x.workloadNames[w.String()] != nil; n++ {
		w.name = fmt.Sprintf("%s-%d", name, n) // such as a Deployment and a Job of one name
	}
	if x.workloadNames == nil {
		x.workloadNames = map[string]*workload{}
	}
	x.workloadNames[w.String()] = w
	for _, c := range spec.Containers {
		w.readPorts(c)
		w.readURLs(namespace, c)
	}
	for _, c := range spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			w.readPorts(c)
		}
		w.readURLs(namespace, c)
		w.written = w.written || writtenProxy(c)
	}
	// By injection, or, in older installations, written out.
	proxies := 0
	for _, c := range spec.Containers {
		if c.Name == "istio-proxy" {
			proxies++
			w.written = w.written || writtenProxy(c)
			w.gateway = w.gateway || slices.Contains(c.Args, "router")
		}
	}
	w.gateway = w.gateway || proxies > 0 && proxies == len(spec.Containers) || // nothing but a proxy
		strings.Contains(meta.Annotations["inject.istio.io/templates"], "gateway")
	x.workloads = append(x.workloads, w)
	return w
}

// writtenProxy tells whether a container is a proxy as it runs; where the image is still to be filled in, injection must come.
func writtenProxy(c corev1.Container) bool { return c.Name == "istio-proxy" && c.Image != "auto" }

// readPorts reads the named ports of a container: of one name, the first counts.
func (w *workload) readPorts(c corev1.Container) {
	for _, p := range c.Ports {
		if _, known := w.ports[p.Name]; known || p.Name == "" || p.Protocol != "" && p.Protocol != corev1.ProtocolTCP {
			continue
		}
		if w.ports == nil {
			w.ports = map[string]uint32{}
		}
		w.ports[p.Name] = uint32(p.ContainerPort)
	}
}

// numbered is an address of a made up network.
func numbered(network string, n int) netip.Addr {
	// 250 a third byte, and the second byte goes on from where the network says.
	first, second, _ := strings.Cut(network, ".")
	base, _ := strconv.Atoi(second)
	return netip.MustParseAddr(fmt.Sprintf("%s.%d.%d.%d", first, base+n/62500, n/250%250, n%250+1))
}

// injected says whether a pod gets a sidecar. Four selectors decide whether the webhook is asked at all
// (manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml), and then the pod may still decline.
// https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
func (x *Index) injected(w *workload) bool {
	if w.gateway || w.hostNetwork {
		return false
	}
	if w.written {
		return true
	}
	label, annotation := w.labels["sidecar.istio.io/inject"], w.annotations["sidecar.istio.io/inject"]
	if x.gates.podInjection {
		if x.gates.podInjectionLabel && label != "" {
			return label == "true"
		}
		return annotation == "true"
	}
	of := x.namespaces[w.namespace]
	asked := false
	switch {
	case of["istio-injection"] != "":
		asked = of["istio-injection"] == "enabled" && label != "false"
	case of["istio.io/rev"] != "":
		asked = label != "false"
	default:
		asked = label == "true" || label != "false" && w.labels["istio.io/rev"] != ""
	}
	if _, held := x.namespaces[w.namespace]; !held && !asked && label != "false" && x.options.Assume {
		asked, w.injectionAssumed = true, label != "" || annotation != "false"
	}
	return asked && !(label == "" && annotation == "false")
}

// The annotations of which injection makes rules of iptables.
// https://istio.io/latest/docs/reference/config/annotations/
const capture = "traffic.sidecar.istio.io/"

// captures says whether the pod's proxy gets a connection to an address.
func (w *workload) captures(ip netip.Addr, port int) bool {
	if len(w.annotations) == 0 {
		return true
	}
	within := func(ranges string) bool {
		for _, r := range strings.Split(ranges, ",") {
			r = strings.TrimSpace(r)
			if prefix, err := netip.ParsePrefix(r); r == "*" || err == nil && prefix.Contains(ip) {
				return true
			}
		}
		return false
	}
	if included := w.annotations[capture+"includeOutboundIPRanges"]; included != "" && !within(included) {
		// A port that is included by itself is captured all the same.
		return listsPort(w.annotations[capture+"includeOutboundPorts"], port)
	}
	return !within(w.annotations[capture+"excludeOutboundIPRanges"]) && !listsPort(w.annotations[capture+"excludeOutboundPorts"], port)
}

// capturesInbound says whether the pod's proxy gets what comes in on a port.
func (w *workload) capturesInbound(port int) bool {
	if included, said := w.annotations[capture+"includeInboundPorts"]; said && included != "*" && !listsPort(included, port) {
		return false
	}
	return !listsPort(w.annotations[capture+"excludeInboundPorts"], port)
}

func listsPort(list string, port int) bool {
	for _, p := range strings.Split(list, ",") {
		if p = strings.TrimSpace(p); p == "*" || p == strconv.Itoa(port) {
			return true
		}
	}
	return false
}
