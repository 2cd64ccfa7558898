package walk

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/tyk"
)

// dial goes where nothing captures it: to a Service of the files, as the injector leaves it, or out of them.
func (k *walk) dial(host string, port int) traffic.Path {
	s := k.called(host)
	if s == nil {
		return k.stranger(host, port)
	}
	k.by(s.Object, "spec.ports")
	preview := tyk.PreviewService(*s.Spec)
	if preview.Refused != "" {
		return k.end(traffic.NoCluster, traffic.UnknownService, "there is no Service %s/%s: %s", s.ID.Namespace, s.ID.Name, preview.Refused)
	}
	var of *corev1.ServicePort
	var open []int
	for i, p := range preview.Service.Spec.Ports {
		open = append(open, int(p.Port))
		if int(p.Port) == port {
			of = &preview.Service.Spec.Ports[i]
		}
	}
	if of == nil {
		return k.end(traffic.NoCluster, traffic.UnknownPort, "Service %s/%s has no port %d, but %s", s.ID.Namespace, s.ID.Name, port, joined(open)+injectedPort(preview))
	}
	var path *traffic.Path
	for _, p := range k.pods {
		if p.Namespace != s.ID.Namespace || len(s.Spec.Spec.Selector) == 0 || !labels.SelectorFromSet(s.Spec.Spec.Selector).Matches(labels.Set(p.Pods.Labels)) {
			continue
		}
		one := *k
		one.Hops = append([]traffic.Hop(nil), k.Hops...)
		one.Assumed = append([]string(nil), k.Assumed...)
		// Of several workloads behind one Service, the worst.
		if found := one.arrive(p, p.target(*of)); path == nil || path.Arrives() && !found.Arrives() {
			path = &found
		}
	}
	if path == nil {
		return k.end(traffic.NoEndpoints, traffic.NobodyBehind, "no workload of the files is behind Service %s/%s", s.ID.Namespace, s.ID.Name)
	}
	return *path
}

func injectedPort(p tyk.Preview) string {
	if len(p.Changes) == 0 {
		return ""
	}
	return ", which the controller puts in its place"
}

// arrive comes to a port of a pod.
func (k *walk) arrive(p *pod, port int) traffic.Path {
	switch {
	case p.refused != "":
		return k.end(traffic.NoEndpoints, traffic.NobodyBehind, "there is no pod of %s: %s", p, p.refused)
	case p.sidecar && port == tyk.SidecarPort:
		return k.enter(p, false)
	}
	k.hop(traffic.Hop{Proxy: traffic.Workload, Workload: p.String(), Destination: traffic.Destination{Port: port}})
	switch ports := p.ports(); {
	case port == 0 || len(ports) > 0 && !slices.Contains(ports, port):
		return k.end(traffic.NoEndpoints, traffic.NoListener, "nothing of %s listens on port %s", p, orNamed(port))
	case k.caller != nil && !p.sidecar:
		return k.end(traffic.Unknown, traffic.NotInTheFiles, "%s is not meshed: what its port %d takes is not in the files", p, port)
	}
	k.Outcome = traffic.Outcome{Code: traffic.Arrives}
	return k.Path
}

// stranger is a host behind which the files hold nobody.
func (k *walk) stranger(host string, port int) traffic.Path {
	if k.caller != nil {
		return k.end(traffic.NoCluster, traffic.UnknownService, "the files hold no Service %s, which the API leads to: it must be named like the label app, %s", host, k.caller.App)
	}
	return k.end(traffic.Passthrough, "", "port %d is none that a pod's rules lead to its sidecar: what is sent to %s goes there as it is", port, host)
}

// called finds a Service by a name that a pod of the client's namespace can call it by.
func (k *walk) called(host string) *traffic.Of[*corev1.Service] {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	name, namespace, dotted := strings.Cut(strings.TrimSuffix(strings.TrimSuffix(host, ".svc.cluster.local"), ".svc"), ".")
	if !dotted {
		namespace = k.namespace
	}
	return k.Mesh.service(namespace, name)
}

func (m *Mesh) service(namespace, name string) *traffic.Of[*corev1.Service] {
	for i, s := range m.services {
		if s.ID.Name == name && s.ID.Namespace == namespace {
			return &m.services[i]
		}
	}
	return nil
}

// target is the pod's port that a Service's leads to, 0 where it has a name that no port has.
func (p *pod) target(of corev1.ServicePort) int {
	switch {
	case of.TargetPort.StrVal != "":
		for _, c := range p.spec.Containers {
			for _, port := range c.Ports {
				if port.Name == of.TargetPort.StrVal {
					return int(port.ContainerPort)
				}
			}
		}
		return 0
	case of.TargetPort.IntVal != 0:
		return int(of.TargetPort.IntVal)
	}
	return int(of.Port)
}

// ports are those that the application says it listens on.
func (p *pod) ports() []int {
	var all []int
	for _, c := range p.spec.Containers {
		if isSidecar(c) {
			continue
		}
		for _, port := range c.Ports {
			all = append(all, int(port.ContainerPort))
		}
	}
	return all
}

func joined(ports []int) string {
	var all []string
	for _, p := range ports {
		all = append(all, strconv.Itoa(p))
	}
	return strings.Join(all, ", ")
}

func orNamed(port int) string {
	if port == 0 {
		return "of that name"
	}
	return strconv.Itoa(port)
}
