package traffic

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
	networkingclient "istio.io/client-go/pkg/apis/networking/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// stock makes the gateways that the target's installation brings and the bundle does not hold: where a file leads to
// istio-egressgateway, it is there. They have the labels, names and ports that the charts and operators give.
func (x *Index) stock(objects []object) []object {
	target := x.options.Target
	root := x.mesh.rootNamespace
	var made []object
	for _, g := range []struct{ name, label, namespace string }{
		{"istio-egressgateway", "egressgateway", target.EgressNamespace(root)},
		{"istio-ingressgateway", "ingressgateway", target.IngressNamespace(root)},
	} {
		var service *corev1.Service
		held := false
		for _, o := range objects {
			switch t := o.typed.(type) {
			case *corev1.Service:
				if t.Spec.Selector["istio"] == g.label {
					service = cmp.Or(service, t)
				}
			case *appsv1.Deployment:
				held = held || t.Spec.Template.Labels["istio"] == g.label
			}
		}
		if held {
			continue
		}
		more := writtenPorts(objects, strings.TrimSuffix(g.label, "gateway"))
		if g.namespace != root { // the charts leave it to who installs them, and istioctl puts it beside istiod
			if led, ports := x.ledTo(objects, g.name, g.label); led != "" {
				g.namespace, more = led, ports
			}
			if keptIn(objects, root, g.label) {
				g.namespace = root
			}
		}
		labels := map[string]string{"istio": g.label, "app": g.name}
		account := g.name
		if target.ControlPlane == mesh.SMCP { // maistra/istio-operator resources/helm/v2.5/gateways: serviceaccount.yaml
			account += "-service-account"
		}
		pod := metav1.ObjectMeta{Labels: labels, Annotations: map[string]string{"inject.istio.io/templates": "gateway"}}
		if service != nil { // its pods are made by the installation, and the Service was written for its ports
			maps.Copy(labels, service.Spec.Selector)
			made = append(made, served(service.Namespace, g.name, account, pod, nil)[1])
			continue
		}
		ports := append([]corev1.ServicePort{
			{Name: "http2", Port: 80, TargetPort: intstr.FromInt32(8080)},
			{Name: "https", Port: 443, TargetPort: intstr.FromInt32(8443)},
		}, more...)
		for _, p := range ports {
			at := g.namespace + "/" + g.name
			x.stockPorts[at] = append(x.stockPorts[at], itoa(int(p.Port)))
		}
		made = append(made, served(g.namespace, g.name, account, pod, ports)...)
	}
	return append(made, apiServer(objects)...)
}

// apiServer is the Service of Kubernetes' own API, which every cluster has, unless the bundle holds it. Nobody behind it
// has a sidecar.
func apiServer(objects []object) []object {
	const namespace, name = "default", "kubernetes"
	for _, o := range objects {
		if _, is := o.typed.(*corev1.Service); is && o.id.Namespace == namespace && o.id.Name == name {
			return nil
		}
	}
	port, number := "https", int32(6443)
	meta := metav1.ObjectMeta{Namespace: namespace, Name: name}
	src := func(kind string) *source {
		return &source{id: bundle.ID{APIVersion: "v1", Kind: kind, Namespace: namespace, Name: name}, age: -1}
	}
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{discoveryv1.LabelServiceName: name}},
		Ports:      []discoveryv1.EndpointPort{{Name: &port, Port: &number}},
		Endpoints:  []discoveryv1.Endpoint{{Addresses: []string{"10.0.0.1"}}},
	}
	return []object{
		{src("Service"), &corev1.Service{ObjectMeta: meta, Spec: corev1.ServiceSpec{
			Ports: []corev1.ServicePort{{Name: port, Port: 443, TargetPort: intstr.FromInt32(number)}},
		}}},
		{src("EndpointSlice"), slice},
	}
}

// ledTo is the namespace in which routes call a gateway by its whole name, where they all call it in the same and a Gateway
// is there for its label; and the ports, besides the usual, that they call there and a Gateway opens.
func (x *Index) ledTo(objects []object, name, label string) (string, []corev1.ServicePort) {
	led, called, opened := map[string]bool{}, map[uint32]bool{}, map[uint32]bool{}
	to := func(d *networking.Destination) {
		if host, ok := strings.CutPrefix(d.GetHost(), name+"."); ok {
			if namespace, ok := strings.CutSuffix(host, ".svc."+domain); ok && x.sees(namespace) {
				led[namespace] = true
				called[d.GetPort().GetNumber()] = true
			}
		}
	}
	for _, o := range objects {
		switch t := o.typed.(type) {
		case *networkingclient.Gateway:
			for _, s := range t.Spec.Servers {
				opened[s.GetPort().GetNumber()] = opened[s.GetPort().GetNumber()] || t.Spec.Selector["istio"] == label
			}
		case *networkingclient.VirtualService:
			for _, r := range t.Spec.Http {
				for _, d := range r.Route {
					to(d.Destination)
				}
			}
			for _, r := range t.Spec.Tls {
				for _, d := range r.Route {
					to(d.Destination)
				}
			}
			for _, r := range t.Spec.Tcp {
				for _, d := range r.Route {
					to(d.Destination)
				}
			}
		}
	}
	maps.DeleteFunc(opened, func(_ uint32, is bool) bool { return !is })
	if len(opened) == 0 || len(led) != 1 {
		return "", nil
	}
	var ports []corev1.ServicePort
	for _, n := range slices.Sorted(maps.Keys(opened)) {
		if called[n] && n != 80 && n != 443 {
			ports = append(ports, corev1.ServicePort{Name: itoa(int(n)), Port: int32(n), TargetPort: intstr.FromInt32(int32(n))})
		}
	}
	return slices.Collect(maps.Keys(led))[0], ports
}

// keptIn tells whether a namespace holds a Secret that a Gateway of the stock gateway names, or has one made: the pods that
// are to be given it are there, as istioctl installs them.
func keptIn(objects []object, namespace, label string) bool {
	held := map[string]bool{}
	for _, o := range objects {
		if o.id.Kind == "Secret" && o.id.Namespace == namespace {
			held[o.id.Name] = true
		}
		for _, m := range makersOf(o) {
			held[m.Name] = held[m.Name] || m.Kind == "Secret" && m.Namespace == namespace
		}
	}
	return len(held) > 0 && slices.ContainsFunc(objects, func(o object) bool {
		g, ok := o.typed.(*networkingclient.Gateway)
		return ok && g.Spec.Selector["istio"] == label && slices.ContainsFunc(g.Spec.Servers, func(s *networking.Server) bool {
			return held[s.GetTls().GetCredentialName()]
		})
	})
}

// writtenPorts are the ports that a ServiceMeshControlPlane adds to the Service of its ingress or egress gateway.
func writtenPorts(objects []object, gateway string) []corev1.ServicePort {
	var all []corev1.ServicePort
	for _, o := range objects {
		if o.id.Kind != "ServiceMeshControlPlane" || o.object == nil {
			continue
		}
		var t struct {
			Spec struct {
				Gateways map[string]json.RawMessage
			}
		}
		var g struct {
			Service struct{ Ports []corev1.ServicePort }
		}
		if json.Unmarshal(o.object.JSON, &t) != nil || json.Unmarshal(t.Spec.Gateways[gateway], &g) != nil {
			continue
		}
		for _, p := range g.Service.Ports {
			if p.Port != 80 && p.Port != 443 {
				all = append(all, p)
			}
		}
	}
	return all
}

// served makes a Service, and the Deployment of the pods behind it.
func served(namespace, name, account string, pod metav1.ObjectMeta, ports []corev1.ServicePort) []object {
	meta := metav1.ObjectMeta{Namespace: namespace, Name: name}
	src := func(kind string) *source {
		return &source{id: bundle.ID{APIVersion: "v1", Kind: kind, Namespace: namespace, Name: name}, age: -1}
	}
	return []object{
		{src("Service"), &corev1.Service{ObjectMeta: meta, Spec: corev1.ServiceSpec{Selector: pod.Labels, Ports: ports}}},
		{src("Deployment"), &appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{
			Template: corev1.PodTemplateSpec{ObjectMeta: pod, Spec: corev1.PodSpec{ServiceAccountName: account}},
		}}},
	}
}

// anyAccount is the ServiceAccount of pods that the files do not hold: a name in a certificate that ends in a star stands
// for all that begin so.
const anyAccount = "*"

// namedServices makes the Services that VirtualServices name, with the port, and the bundle does not hold: the
// application's own manifests are often elsewhere.
func (x *Index) namedServices(objects []object) []object {
	known := map[string]bool{}
	for _, o := range objects {
		switch t := o.typed.(type) {
		case *corev1.Service:
			known[fullName(o.id.Name, o.id.Namespace)] = true
		case *networkingclient.ServiceEntry:
			for _, h := range t.Spec.Hosts {
				known[h] = true
			}
		}
	}
	type named struct {
		host string
		port uint32
	}
	protocols := map[named]string{}
	ports := map[string][]uint32{}
	var hosts []string
	add := func(host string, port uint32, namespace, protocol string) {
		host = fullName(host, namespace)
		if port == 0 || known[host] || !strings.HasSuffix(host, ".svc."+domain) || isWildcard(host) {
			return
		}
		if ports[host] == nil {
			hosts = append(hosts, host)
		}
		if !slices.Contains(ports[host], port) {
			ports[host] = append(ports[host], port)
		}
		protocols[named{host, port}] = cmp.Or(protocols[named{host, port}], protocol)
	}
	for _, o := range objects {
		t, ok := o.typed.(*networkingclient.VirtualService)
		if !ok {
			continue
		}
		destination := func(d *networking.Destination) {
			add(d.GetHost(), d.GetPort().GetNumber(), o.id.Namespace, "") // istiod finds out
		}
		host := func(port uint32, protocol string) {
			for _, h := range t.Spec.Hosts {
				add(h, port, o.id.Namespace, protocol)
			}
		}
		for _, r := range t.Spec.Http {
			for _, m := range r.Match {
				host(m.Port, "http")
			}
			for _, d := range r.Route {
				destination(d.Destination)
			}
		}
		for _, r := range t.Spec.Tls {
			for _, m := range r.Match {
				host(m.Port, "tls")
			}
			for _, d := range r.Route {
				destination(d.Destination)
			}
		}
		for _, r := range t.Spec.Tcp {
			for _, m := range r.Match {
				host(m.Port, "tcp")
			}
			for _, d := range r.Route {
				destination(d.Destination)
			}
		}
	}
	var made []object
	for _, host := range hosts {
		name, rest, _ := strings.Cut(strings.TrimSuffix(host, ".svc."+domain), ".")
		if rest == "" || strings.Contains(rest, ".") || !x.sees(rest) {
			continue
		}
		pod := metav1.ObjectMeta{Labels: map[string]string{"app": name}}
		selector := x.homeless(objects, rest)
		if selector != nil {
			pod = metav1.ObjectMeta{Labels: selector, Annotations: map[string]string{"inject.istio.io/templates": "gateway"}}
		}
		var list []corev1.ServicePort
		for _, p := range ports[host] {
			protocol, target := protocols[named{host, p}], int32(p)
			if selector != nil && target < 1024 {
				target = map[int32]int32{80: 8080, 443: 8443}[target]
			}
			list = append(list, corev1.ServicePort{
				Name: strings.Trim(protocol+"-"+itoa(int(p)), "-"), Port: int32(p), TargetPort: intstr.FromInt32(cmp.Or(target, int32(p))),
			})
		}
		made = append(made, served(rest, name, anyAccount, pod, list)...)
	}
	return made
}

// homeless is the selector of a Gateway of a namespace that no pod of the files has the labels for: whatever it means to
// select is not in the files.
func (x *Index) homeless(objects []object, namespace string) map[string]string {
	for _, o := range objects {
		g, ok := o.typed.(*networkingclient.Gateway)
		if !ok || o.id.Namespace != namespace || len(g.Spec.Selector) == 0 {
			continue
		}
		if stock := g.Spec.Selector["istio"]; stock == "egressgateway" || stock == "ingressgateway" {
			continue
		}
		if !slices.ContainsFunc(objects, func(o object) bool {
			d, ok := o.typed.(*appsv1.Deployment)
			return ok && subset(g.Spec.Selector, d.Spec.Template.Labels)
		}) {
			return g.Spec.Selector
		}
	}
	return nil
}

// assumeClients makes the clients that rules are for and the bundle does not hold.
func (x *Index) assumeClients(objects []object) {
	labelled := map[string][]*workload{} // by namespace and one label
	for _, w := range x.workloads {
		for key, value := range w.labels {
			at := w.namespace + "/" + key + "=" + value
			labelled[at] = append(labelled[at], w)
		}
	}
	for _, o := range objects {
		var labels map[string]string
		switch t := o.typed.(type) {
		case *networkingclient.DestinationRule:
			labels = t.Spec.GetWorkloadSelector().GetMatchLabels()
		case *networkingclient.Sidecar:
			labels = t.Spec.GetWorkloadSelector().GetLabels()
		}
		if len(labels) == 0 {
			continue
		}
		keys := slices.Sorted(maps.Keys(labels))
		first := o.id.Namespace + "/" + keys[0] + "=" + labels[keys[0]]
		if slices.ContainsFunc(labelled[first], func(w *workload) bool { return subset(labels, w.labels) }) {
			continue
		}
		name := labels["app"]
		for _, key := range keys {
			name = cmp.Or(name, labels[key])
		}
		w := x.addWorkload(o.id.Namespace, cmp.Or(name, "selected"), metav1.ObjectMeta{Labels: labels}, &corev1.PodSpec{})
		w.assumed, w.selected = true, true
		labelled[first] = append(labelled[first], w)
	}
}

// labelsOf writes labels as a selector.
func labelsOf(labels map[string]string) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if key != tlsMode {
			all = append(all, key+"="+labels[key])
		}
	}
	return strings.Join(all, ",")
}
