package rules

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A remote is where an egress entry leads, as far as its name tells.
type remote struct {
	host string
	port int
	// full is the Service's name in the cluster, if it is one's; "" where it may be or is something else.
	full string
	// outside says that it can only be outside the cluster, where no certificate of the mesh is.
	outside bool
}

// publicDomains are top-level domains that nobody calls a namespace by: a host of two labels may be SERVICE.NAMESPACE.
var publicDomains = []string{"com", "org", "net", "io", "dev", "app", "edu", "gov", "example"}

// remoteOf reads HOST:PORT, as a pod of a namespace means it.
func remoteOf(p *validate.Pass, text, namespace string) (remote, bool) {
	host, number, err := net.SplitHostPort(text)
	port, err2 := strconv.Atoi(number)
	if err != nil || err2 != nil {
		return remote{}, false
	}
	host = strings.TrimSuffix(lower(host), ".")
	r := remote{host: host, port: port}
	if address, err := netip.ParseAddr(host); err == nil {
		shared := netip.MustParsePrefix("100.64.0.0/10").Contains(address)
		r.outside = address.IsGlobalUnicast() && !address.IsPrivate() && !shared
		return r, true
	}
	labels := strings.Split(host, ".")
	switch last := labels[len(labels)-1]; {
	case len(labels) == 1:
		r.full = fullName(host, namespace)
	case strings.HasSuffix(host, ".svc"), strings.HasSuffix(host, ".svc.cluster.local"):
		r.full = strings.TrimSuffix(host, ".cluster.local") + ".cluster.local"
	case len(labels) == 2:
		full := fullName(labels[0], labels[1])
		if _, ok := serviceNamed(p, full); ok {
			r.full = full
		}
		r.outside = r.full == "" && slices.Contains(publicDomains, last)
	default:
		r.outside = !isPrivate(host)
	}
	return r, true
}

// serviceNames are the names by which pods of a namespace may call a Service.
func serviceNames(full, namespace string) []string {
	name, rest, _ := strings.Cut(full, ".")
	of, _, ok := strings.Cut(rest, ".svc")
	if !ok {
		return []string{full}
	}
	names := []string{full, name + "." + of + ".svc", name + "." + of}
	if of == namespace {
		names = append(names, name)
	}
	return names
}

// names are all by which the pod may call where the entry leads.
func (r remote) names(namespace string) []string {
	if r.full == "" {
		return []string{r.host}
	}
	return serviceNames(r.full, namespace)
}

// A callee is a pod of the files behind a port of a Service.
type callee struct {
	contrastPod
	target int // the port of the pod; 0 where its name is not the pod's
}

// behind are the pods of the files that a Service's port leads to; it is not open where it has no such port.
func behind(p *validate.Pass, s traffic.Of[*corev1.Service], number int) (all []callee, open bool) {
	if s.Spec.Spec.ClusterIP == corev1.ClusterIPNone { // its name means the pods themselves
		for _, t := range podsOf(p, s) {
			all = append(all, callee{t, number})
		}
		return all, true
	}
	for _, port := range s.Spec.Spec.Ports {
		if int(port.Port) != number || !isTCP(port.Protocol) {
			continue
		}
		for _, t := range podsOf(p, s) {
			all = append(all, callee{t, t.target(port)})
		}
		return all, true
	}
	return nil, len(s.Spec.Spec.Ports) == 0
}

// podsOf are the pods of the files that a Service selects.
func podsOf(p *validate.Pass, s traffic.Of[*corev1.Service]) []contrastPod {
	if len(s.Spec.Spec.Selector) == 0 {
		return nil
	}
	var all []contrastPod
	for _, t := range templates(p) {
		if t.namespace != s.ID.Namespace || !within(s.Spec.Spec.Selector, t.Metadata.Labels) {
			continue
		}
		c := contrastPod{template: t}
		if i := slices.IndexFunc(contrastPods(p), func(c contrastPod) bool { return c.object == t.object }); i >= 0 {
			c = contrastPods(p)[i]
		}
		all = append(all, c)
	}
	return all
}

// target is the port of the pod that a Service's port leads to.
func (t template) target(port corev1.ServicePort) int {
	switch {
	case port.TargetPort.Type == intstr.String:
		return t.port(port.TargetPort.StrVal)
	case port.TargetPort.IntVal != 0:
		return int(port.TargetPort.IntVal)
	}
	return int(port.Port)
}

// ownTLS tells whether the application itself is told of the certificates that the mesh's Coordinator gives the pod.
func (c contrastPod) ownTLS(p *validate.Pass) bool {
	return slices.ContainsFunc(texts(p, c.template, c.own()), func(v variable) bool {
		return slices.ContainsFunc(contrast.Generations, func(g contrast.Generation) bool {
			return strings.Contains(v.value, g.Names().CertificateFolder)
		})
	})
}
