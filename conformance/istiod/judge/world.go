package judge

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	envoycluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	envoycore "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/fake"
	k8stesting "k8s.io/client-go/testing"
	"sigs.k8s.io/yaml"

	meshconfig "istio.io/api/mesh/v1alpha1"
	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/cluster"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/constants"
	"istio.io/istio/pkg/config/mesh"
	kubelib "istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/spiffe"
	"istio.io/istio/pkg/test"
	"istio.io/istio/pkg/util/protomarshal"
)

// A World is a bundle as istiod sees it. It lives as long as the call of [In] that made it.
type World struct {
	bundle *Bundle
	mesh   *meshconfig.MeshConfig

	// configs are the objects of Istio.
	configs    []config.Config
	namespaces map[string]map[string]string // the labels of those that the bundle holds
	services   []*corev1.Service
	pods       []*pod
	routes     []*openshiftRoute
	grants     []grant
	// decisive is what the bundle holds that decides where requests go and that the judge does not follow; notRead is
	// what it holds besides that the judge does not know.
	decisive, notRead []string

	server  *xds.FakeDiscoveryServer
	proxies map[*pod]*proxy
	borders map[string]border
}

// A pod is one replica of a workload.
type pod struct {
	namespace, name string // the workload's name
	labels          map[string]string
	annotations     map[string]string
	account         string
	ip              string
	ports           map[string]int // container ports by name
	containers      []corev1.Container
	hostNetwork     bool
	sidecar         bool
	written         bool // the sidecar is in the pod as it is applied
	gateway         bool
}

func (p *pod) String() string { return p.namespace + "/" + p.name }

// Options say what a bundle leaves open.
type Options struct {
	// Mesh is YAML of Istio's MeshConfig, over what the bundle says of it.
	Mesh string
}

// Invalid says that Istio refuses objects of the bundle, so that there is no mesh to ask.
type Invalid struct{ Findings []Finding }

func (e *Invalid) Error() string {
	lines := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		lines[i] = f.String()
	}
	return "refused by Istio's validation: " + strings.Join(lines, "; ")
}

// A Panic is istiod's code breaking down over a bundle, as istiod itself would.
type Panic struct{ Cause any }

func (p *Panic) Error() string { return fmt.Sprintf("istiod's code panicked: %v", p.Cause) }

// In makes the world of a bundle, gives it to f, and ends it. The error is an [Invalid] when Istio's own validation
// refuses an object.
func In(b *Bundle, o Options, f func(*World) error) error {
	b = (&Bundle{}).And(b)
	w := &World{bundle: b, namespaces: map[string]map[string]string{}, proxies: map[*pod]*proxy{}}
	if findings := Refusals(Validate(b)); len(findings) > 0 {
		return &Invalid{findings}
	}
	objects, err := w.read(o)
	if err != nil {
		return err
	}
	var result error
	if err := test.Wrap(func(t test.Failer) {
		// It is code for tests, which may panic as tests may.
		defer func() {
			if cause := recover(); cause != nil {
				result = &Panic{cause}
			}
		}()
		w.server = xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
			KubernetesObjects: objects,
			Configs:           w.configs,
			MeshConfig:        w.mesh,
			KubeClientModifier: func(c kubelib.Client) {
				w.authorize(c.Kube().(*fake.Clientset))
			},
		})
		result = f(w)
	}); err != nil {
		return fmt.Errorf("istiod's code failed: %w", err)
	}
	return result
}

// Walk follows one request through a bundle: [In] and [World.Walk] for who asks once.
func Walk(b *Bundle, r Request) (Path, error) {
	var path Path
	err := In(b, Options{}, func(w *World) (err error) {
		path, err = w.Walk(r)
		return err
	})
	return path, err
}

// read sorts the bundle into what istiod gets from whom, and returns the objects that Kubernetes holds.
func (w *World) read(o Options) ([]runtime.Object, error) {
	var objects []runtime.Object
	meshYAML := []string{}
	created := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	decode := func(object Object, into any) error {
		if err := json.Unmarshal(object.JSON, into); err != nil {
			return fmt.Errorf("%s: %s: %w", object.Where(), object, err)
		}
		return nil
	}
	for i, object := range w.bundle.Objects {
		// Age decides between rivals, so the order of the bundle is made one of age.
		age := created.Add(time.Duration(i) * time.Second)
		if c, known, err := istioConfig(object); known {
			if err != nil {
				return nil, err // In validates before, so this is ours
			}
			c.CreationTimestamp = age
			if strings.Contains(object.APIVersion, "gateway.networking") || object.Kind == "ProxyConfig" {
				w.decisive = append(w.decisive, object.String())
				continue
			}
			w.configs = append(w.configs, *c)
			continue
		}
		var err error
		switch object.Kind {
		case "Namespace":
			n := &corev1.Namespace{}
			err = decode(object, n)
			w.namespaces[n.Name] = n.Labels
			objects = append(objects, n)
		case "Service":
			s := &corev1.Service{}
			err = decode(object, s)
			s.CreationTimestamp = metav1.NewTime(age)
			for i := range s.Spec.Ports { // as the API server does
				if s.Spec.Ports[i].Protocol == "" {
					s.Spec.Ports[i].Protocol = corev1.ProtocolTCP
				}
				if s.Spec.Ports[i].TargetPort == (intstr.IntOrString{}) {
					s.Spec.Ports[i].TargetPort = intstr.FromInt32(s.Spec.Ports[i].Port)
				}
			}
			w.services = append(w.services, s)
		case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job":
			d := &appsv1.Deployment{} // the pod template is at the same place in all of them
			if err = decode(object, d); err == nil && (d.Spec.Replicas == nil || *d.Spec.Replicas > 0) {
				w.addPod(d.Namespace, d.Name, d.Spec.Template.ObjectMeta, d.Spec.Template.Spec)
			}
		case "CronJob":
			j := &batchv1.CronJob{}
			if err = decode(object, j); err == nil {
				template := j.Spec.JobTemplate.Spec.Template
				w.addPod(j.Namespace, j.Name, template.ObjectMeta, template.Spec)
			}
		case "EndpointSlice":
			e := &discoveryv1.EndpointSlice{}
			err = decode(object, e)
			objects = append(objects, e)
		case "Pod":
			p := &corev1.Pod{}
			if err = decode(object, p); err == nil {
				w.addPod(p.Namespace, p.Name, p.ObjectMeta, p.Spec)
			}
		case "Secret":
			s := &corev1.Secret{}
			err = decode(object, s)
			for k, v := range s.StringData { // as the API server does
				if s.Data == nil {
					s.Data = map[string][]byte{}
				}
				s.Data[k] = []byte(v)
			}
			objects = append(objects, s)
		case "ConfigMap":
			c := &corev1.ConfigMap{}
			err = decode(object, c)
			objects = append(objects, c)
			switch {
			case c.Name == "istio":
				meshYAML = append(meshYAML, c.Data["mesh"])
			case c.Data["istiod.yaml"] != "": // values for Istio's chart istiod, as scenario renders them
				err = errors.Join(err, valuesMesh(&meshYAML, []byte(c.Data["istiod.yaml"])))
			}
		case "Istio":
			var i struct {
				Spec struct{ Values json.RawMessage }
			}
			if err = decode(object, &i); err == nil {
				err = valuesMesh(&meshYAML, i.Spec.Values)
			}
		case "Route":
			r := &openshiftRoute{}
			err = decode(object, r)
			w.routes = append(w.routes, r)
		case "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding":
			err = w.addGrant(object, decode)
		case "Endpoints":
			//lint:ignore SA1019 people still write them
			e := &corev1.Endpoints{}
			err = decode(object, e)
			objects = append(objects, mirror(e)...)
		case "IstioOperator", "ServiceMeshControlPlane":
			w.decisive = append(w.decisive, object.String())
		default:
			if !beside[object.Kind] {
				w.notRead = append(w.notRead, object.String())
			}
		}
		if err != nil {
			return nil, err
		}
	}
	// Istio reads over what it does not know, which is no answer to who misspelt a setting in a question.
	if err := protomarshal.ApplyYAMLStrict(o.Mesh, &meshconfig.MeshConfig{}); o.Mesh != "" && err != nil {
		return nil, fmt.Errorf("mesh config %q: %w", o.Mesh, err)
	}
	w.mesh = mesh.DefaultMeshConfig()
	for _, y := range append(meshYAML, o.Mesh) {
		var err error
		if w.mesh, err = mesh.ApplyMeshConfig(y, w.mesh); err != nil {
			return nil, fmt.Errorf("mesh config: %w", err)
		}
	}
	if err := w.discover(); err != nil {
		return nil, err
	}
	w.noteUnread()
	return append(objects, w.kubernetes()...), nil
}

// beside are kinds that have no say in where a request goes.
var beside = map[string]bool{
	"ServiceAccount": true, "IstioCNI": true, "CustomResourceDefinition": true, "HorizontalPodAutoscaler": true,
	"PodDisruptionBudget": true, "PersistentVolumeClaim": true, "ResourceQuota": true, "LimitRange": true,
}

// noteUnread notes the decisive settings of namespaces, Services, pods and mesh that the judge does not follow.
func (w *World) noteUnread() {
	note := func(what, value, of string) {
		if value != "" && value != "none" {
			w.decisive = append(w.decisive, what+" of "+of)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.namespaces)) {
		note("istio.io/dataplane-mode", w.namespaces[name]["istio.io/dataplane-mode"], "Namespace "+name)
		note("istio.io/use-waypoint", w.namespaces[name]["istio.io/use-waypoint"], "Namespace "+name)
	}
	for _, s := range w.services {
		note("istio.io/use-waypoint", s.Labels["istio.io/use-waypoint"], "Service "+s.Namespace+"/"+s.Name)
	}
	for _, p := range w.pods {
		note("istio.io/dataplane-mode", p.labels["istio.io/dataplane-mode"], p.String())
		note("proxy.istio.io/config", p.annotations["proxy.istio.io/config"], p.String())
	}
	// DNS answered by the sidecar makes listeners that it asks istiod for.
	note("ISTIO_META_DNS_CAPTURE", w.mesh.GetDefaultConfig().GetProxyMetadata()["ISTIO_META_DNS_CAPTURE"], "the mesh")
}

// valuesMesh takes meshConfig out of the values of Istio's chart.
func valuesMesh(all *[]string, values []byte) error {
	var v struct {
		MeshConfig map[string]any `json:"meshConfig"`
	}
	if err := yaml.Unmarshal(values, &v); err != nil {
		return err
	}
	y, err := yaml.Marshal(v.MeshConfig)
	if err != nil {
		return err
	}
	*all = append(*all, string(y))
	return nil
}

// discover drops what is in namespaces that the mesh's discoverySelectors leave out. A namespace that the bundle does
// not hold is taken to be in.
func (w *World) discover() error {
	if len(w.mesh.DiscoverySelectors) == 0 {
		return nil
	}
	var selectors []labels.Selector
	for _, s := range w.mesh.DiscoverySelectors {
		selector := &metav1.LabelSelector{MatchLabels: s.MatchLabels}
		for _, e := range s.MatchExpressions {
			selector.MatchExpressions = append(selector.MatchExpressions, metav1.LabelSelectorRequirement{
				Key: e.Key, Operator: metav1.LabelSelectorOperator(e.Operator), Values: e.Values,
			})
		}
		parsed, err := metav1.LabelSelectorAsSelector(selector)
		if err != nil {
			return fmt.Errorf("discoverySelectors: %w", err)
		}
		selectors = append(selectors, parsed)
	}
	hidden := func(namespace string) bool {
		of, held := w.namespaces[namespace]
		return held && !slices.ContainsFunc(selectors, func(s labels.Selector) bool { return s.Matches(labels.Set(of)) })
	}
	w.configs = slices.DeleteFunc(w.configs, func(c config.Config) bool { return hidden(c.Namespace) })
	w.services = slices.DeleteFunc(w.services, func(s *corev1.Service) bool { return hidden(s.Namespace) })
	w.pods = slices.DeleteFunc(w.pods, func(p *pod) bool { return hidden(p.namespace) })
	return nil
}

func (w *World) addPod(namespace, name string, meta metav1.ObjectMeta, spec corev1.PodSpec) *pod {
	p := &pod{
		namespace: namespace, name: name, labels: meta.Labels, annotations: meta.Annotations,
		account: spec.ServiceAccountName, ports: map[string]int{},
		ip: fmt.Sprintf("10.1.%d.%d", len(w.pods)/250, len(w.pods)%250+1),
	}
	if p.account == "" {
		p.account = "default"
	}
	for n := 2; slices.ContainsFunc(w.pods, func(other *pod) bool { return other.namespace == namespace && other.name == p.name }); n++ {
		p.name = fmt.Sprintf("%s-%d", name, n) // such as a Deployment and a Job of one name
	}
	p.containers = spec.Containers
	for _, c := range spec.Containers {
		for i, port := range c.Ports {
			p.ports[port.Name] = int(port.ContainerPort)
			if port.Protocol == "" { // as the API server does
				c.Ports[i].Protocol = corev1.ProtocolTCP
			}
		}
	}
	p.hostNetwork = spec.HostNetwork
	// By injection, or, in older installations, written out.
	alone := len(spec.Containers) > 0 && !slices.ContainsFunc(spec.Containers, func(c corev1.Container) bool { return c.Name != "istio-proxy" })
	p.gateway = alone || strings.Contains(meta.Annotations["inject.istio.io/templates"], "gateway") ||
		slices.ContainsFunc(spec.Containers, func(c corev1.Container) bool { return c.Name == "istio-proxy" && slices.Contains(c.Args, "router") })
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		p.written = p.written || c.Name == "istio-proxy" && c.Image != "auto"
	}
	w.pods = append(w.pods, p)
	return p
}

// injected says whether the pod gets a sidecar. Four selectors decide whether the webhook is asked at all
// (manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml), and then the pod may still decline.
// https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
func (w *World) injected(p *pod) bool {
	of := w.namespaces[p.namespace]
	label := p.labels["sidecar.istio.io/inject"]
	injection, revision := of["istio-injection"], of["istio.io/rev"]
	asked := false
	switch {
	case injection != "":
		asked = injection == "enabled" && label != "false"
	case revision != "":
		asked = label != "false"
	default:
		asked = label == "true" || label != "false" && p.labels["istio.io/rev"] != ""
	}
	declined := label == "" && p.annotations["sidecar.istio.io/inject"] == "false"
	return asked && !declined && !p.hostNetwork
}

// captures says whether the pod's proxy gets a connection to an address, by the annotations of which injection makes
// rules of iptables. https://istio.io/latest/docs/reference/config/annotations/
func (p *pod) captures(ip string, port int) bool {
	within := func(ranges string) bool {
		address, err := netip.ParseAddr(ip)
		return err == nil && slices.ContainsFunc(strings.Split(ranges, ","), func(r string) bool {
			prefix, err := netip.ParsePrefix(strings.TrimSpace(r))
			return strings.TrimSpace(r) == "*" || err == nil && prefix.Contains(address)
		})
	}
	const prefix = "traffic.sidecar.istio.io/"
	if included := p.annotations[prefix+"includeOutboundIPRanges"]; included != "" && !within(included) {
		// A port that is included by itself is captured all the same.
		return listsPort(p.annotations[prefix+"includeOutboundPorts"], port)
	}
	return !within(p.annotations[prefix+"excludeOutboundIPRanges"]) && !listsPort(p.annotations[prefix+"excludeOutboundPorts"], port)
}

// capturesInbound says whether the pod's proxy gets what comes in on a port.
func (p *pod) capturesInbound(port int) bool {
	const prefix = "traffic.sidecar.istio.io/"
	if included, said := p.annotations[prefix+"includeInboundPorts"]; said && included != "*" && !listsPort(included, port) {
		return false
	}
	return !listsPort(p.annotations[prefix+"excludeInboundPorts"], port)
}

func listsPort(list string, port int) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(p string) bool {
		return strings.TrimSpace(p) == strconv.Itoa(port) || strings.TrimSpace(p) == "*"
	})
}

// kubernetes returns the Services, Pods and EndpointSlices: what a cluster's controllers would have made.
func (w *World) kubernetes() []runtime.Object {
	var objects []runtime.Object
	for _, p := range w.pods {
		p.sidecar = !p.gateway && (p.written || w.injected(p))
		if p.sidecar && p.labels["security.istio.io/tlsMode"] == "" {
			// The injection template of sidecars adds it, the one of gateways does not:
			// manifests/charts/istio-control/istio-discovery/files/ in istio/istio.
			with := map[string]string{"security.istio.io/tlsMode": "istio"}
			for k, v := range p.labels {
				with[k] = v
			}
			p.labels = with
		}
		objects = append(objects, p.object())
	}
	for i, s := range w.services {
		if s.Spec.ClusterIP == "" && s.Spec.Type != corev1.ServiceTypeExternalName {
			s.Spec.ClusterIP = fmt.Sprintf("10.96.%d.%d", i/250, i%250+1)
		}
		if len(s.Spec.ClusterIPs) == 0 && s.Spec.ClusterIP != "" {
			s.Spec.ClusterIPs = []string{s.Spec.ClusterIP}
		}
		objects = append(objects, s)
		if len(s.Spec.Selector) == 0 {
			continue
		}
		objects = append(objects, w.slices(s)...)
	}
	return objects
}

// mirror makes the EndpointSlices that the controller of Kubernetes makes of Endpoints.
//
//lint:ignore SA1019 people still write them
func mirror(e *corev1.Endpoints) []runtime.Object {
	var all []runtime.Object
	ready := true
	for i, s := range e.Subsets {
		slice := &discoveryv1.EndpointSlice{
			ObjectMeta: metav1.ObjectMeta{
				Name: fmt.Sprintf("%s-mirrored-%d", e.Name, i+1), Namespace: e.Namespace, Labels: map[string]string{discoveryv1.LabelServiceName: e.Name},
			},
			AddressType: discoveryv1.AddressTypeIPv4,
		}
		for _, p := range s.Ports {
			protocol := corev1.ProtocolTCP
			slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &p.Name, Port: &p.Port, Protocol: &protocol})
		}
		for _, a := range s.Addresses {
			slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
				Addresses: []string{a.IP}, Conditions: discoveryv1.EndpointConditions{Ready: &ready},
			})
		}
		all = append(all, slice)
	}
	return all
}

// slices are the EndpointSlices of a Service: one for the pods whose ports are the same, as a name of a port need not be
// in all of them.
func (w *World) slices(s *corev1.Service) []runtime.Object {
	var all []runtime.Object
	of := map[string]*discoveryv1.EndpointSlice{}
	ready := true
	for _, p := range w.pods {
		if p.namespace != s.Namespace || !labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(p.labels)) {
			continue
		}
		var numbers []int32
		for _, port := range s.Spec.Ports {
			numbers = append(numbers, int32(targetPort(port, p)))
		}
		slice := of[fmt.Sprint(numbers)]
		if slice == nil {
			slice = &discoveryv1.EndpointSlice{
				ObjectMeta: metav1.ObjectMeta{
					Name: fmt.Sprintf("%s-%d", s.Name, len(all)+1), Namespace: s.Namespace, Labels: map[string]string{discoveryv1.LabelServiceName: s.Name},
				},
				AddressType: discoveryv1.AddressTypeIPv4,
			}
			for i, port := range s.Spec.Ports {
				if numbers[i] == 0 { // a name that the pods do not have
					continue
				}
				name, protocol := port.Name, corev1.ProtocolTCP
				slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &name, Port: &numbers[i], Protocol: &protocol})
			}
			of[fmt.Sprint(numbers)] = slice
			all = append(all, slice)
		}
		slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
			Addresses: []string{p.ip}, Conditions: discoveryv1.EndpointConditions{Ready: &ready},
			TargetRef: &corev1.ObjectReference{Kind: "Pod", Namespace: p.namespace, Name: p.name},
		})
	}
	return all
}

// object is the Pod after injection, which gives a pod its proxy or fills in the image of a gateway's.
func (p *pod) object() *corev1.Pod {
	containers := slices.Clone(p.containers)
	if p.sidecar {
		containers = append(containers, corev1.Container{Name: "istio-proxy", Image: "proxyv2:" + Version})
	}
	for i := range containers {
		if containers[i].Image == "auto" {
			containers[i].Image = "proxyv2:" + Version
		}
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: p.name, Namespace: p.namespace, Labels: p.labels, Annotations: p.annotations},
		Spec:       corev1.PodSpec{ServiceAccountName: p.account, Containers: containers},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, PodIP: p.ip, PodIPs: []corev1.PodIP{{IP: p.ip}},
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
		},
	}
}

func targetPort(port corev1.ServicePort, p *pod) int {
	switch {
	case port.TargetPort.Type == intstr.String:
		return p.ports[port.TargetPort.StrVal]
	case port.TargetPort.IntVal != 0:
		return int(port.TargetPort.IntVal)
	default:
		return int(port.Port)
	}
}

// A grant lets a ServiceAccount list the Secrets of a namespace ("" for every namespace).
type grant struct {
	user, namespace string
}

// addGrant notes what a binding lets its subjects do about Secrets. istiod asks the API server exactly one question of
// a proxy that wants a credential: may its ServiceAccount list the Secrets of its namespace.
func (w *World) addGrant(object Object, decode func(Object, any) error) error {
	if !strings.HasSuffix(object.Kind, "Binding") {
		return nil
	}
	b := &rbacv1.RoleBinding{} // a ClusterRoleBinding has the same fields
	if err := decode(object, b); err != nil {
		return err
	}
	for _, role := range w.bundle.Objects {
		if role.Kind != b.RoleRef.Kind || role.Name != b.RoleRef.Name || role.Kind == "Role" && role.Namespace != object.Namespace {
			continue
		}
		r := &rbacv1.Role{}
		if err := decode(role, r); err != nil {
			return err
		}
		if !slices.ContainsFunc(r.Rules, listsSecrets) {
			continue
		}
		for _, s := range b.Subjects {
			if s.Kind != rbacv1.ServiceAccountKind {
				continue
			}
			w.grants = append(w.grants, grant{"system:serviceaccount:" + s.Namespace + ":" + s.Name, object.Namespace})
		}
	}
	return nil
}

func listsSecrets(r rbacv1.PolicyRule) bool {
	has := func(list []string, item string) bool {
		return slices.Contains(list, item) || slices.Contains(list, "*")
	}
	return has(r.APIGroups, "") && has(r.Resources, "secrets") && has(r.Verbs, "list") && len(r.ResourceNames) == 0
}

// authorize answers istiod's SubjectAccessReviews from the bundle's Roles and bindings.
func (w *World) authorize(c *fake.Clientset) {
	c.PrependReactor("create", "subjectaccessreviews", func(action k8stesting.Action) (bool, runtime.Object, error) {
		review := action.(k8stesting.CreateAction).GetObject().(*authorizationv1.SubjectAccessReview)
		allowed := slices.ContainsFunc(w.grants, func(g grant) bool {
			return g.user == review.Spec.User && (g.namespace == "" || g.namespace == review.Spec.ResourceAttributes.Namespace)
		})
		return true, &authorizationv1.SubjectAccessReview{Status: authorizationv1.SubjectAccessReviewStatus{Allowed: allowed}}, nil
	})
}

// client finds the workload that a request comes from, or makes one up.
func (w *World) client(r Request) (*pod, error) {
	namespace, name, found := strings.Cut(r.From, "/")
	if !found {
		return nil, fmt.Errorf("from %q: want NAMESPACE/WORKLOAD, or %s", r.From, Outside)
	}
	if r.Labels == nil {
		for _, p := range w.pods {
			if p.namespace == namespace && p.name == name {
				return p, nil
			}
		}
	}
	p := &pod{namespace: namespace, name: name, labels: r.Labels, account: "default", ip: "10.2.0.1", sidecar: true}
	if p.labels == nil {
		p.labels = map[string]string{"app": name}
	}
	return p, nil
}

// A proxy is the Envoy of a pod, with the configuration that istiod's generators make for it.
type proxy struct {
	*pod
	model *model.Proxy
	envoyConfig
}

// proxyOf generates the configuration of a pod's proxy, once.
func (w *World) proxyOf(p *pod) *proxy {
	if known, ok := w.proxies[p]; ok {
		return known
	}
	m := &model.Proxy{
		Type:            model.SidecarProxy,
		ID:              p.name + "." + p.namespace,
		ConfigNamespace: p.namespace,
		IPAddresses:     []string{p.ip},
		Labels:          p.labels,
		// The generator of failover priorities dereferences it.
		Locality: &envoycore.Locality{},
		Metadata: &model.NodeMetadata{
			Namespace: p.namespace, IstioVersion: Version, Labels: p.labels, ServiceAccount: p.account,
			ClusterID: cluster.ID(constants.DefaultClusterName),
			Network:   w.networkOf(p), RequestedNetworkView: p.networkView(),
		},
		VerifiedIdentity: &spiffe.Identity{TrustDomain: w.mesh.TrustDomain, Namespace: p.namespace, ServiceAccount: p.account},
	}
	if p.gateway {
		m.Type = model.Router
	}
	made := &proxy{pod: p, model: w.server.SetupProxy(m)}
	if p.gateway {
		// Where a sidecar of the namespace, without a Sidecar object, asked istiod first, a gateway is given that one's
		// view (doGetSidecarScope), in which its own namespace's services come before older ones. An answer that hangs on
		// who asks first is no answer, so a gateway has its own view here whoever came before.
		made.model.SidecarScope = model.DefaultSidecarScopeForGateway(w.server.PushContext(), made.model.ConfigNamespace)
	}
	made.generate(w.server)
	w.proxies[p] = made
	return made
}

// rulesOf names the DestinationRule of a cluster. Where several were merged, Envoy's metadata names the first of them,
// which need not be the one that the cluster's subset comes from.
func (w *World) rulesOf(c *envoycluster.Cluster) []string {
	named := decidedBy(c.Metadata)
	_, subset := clusterService(c)
	if len(named) == 0 || subset == "" {
		return named
	}
	namespace, _, _ := strings.Cut(strings.TrimPrefix(named[0], "DestinationRule "), "/")
	var host string
	var rules []config.Config
	for _, c := range w.configs {
		if rule, ok := c.Spec.(*networking.DestinationRule); ok && c.Namespace == namespace {
			rules = append(rules, c)
			if "DestinationRule "+c.Namespace+"/"+c.Name == named[0] {
				host = rule.Host
			}
		}
	}
	for _, c := range rules {
		rule := c.Spec.(*networking.DestinationRule)
		if rule.Host == host && slices.ContainsFunc(rule.Subsets, func(s *networking.Subset) bool { return s.Name == subset }) {
			return []string{"DestinationRule " + c.Namespace + "/" + c.Name}
		}
	}
	return named
}

// podAt finds the pod of an address.
func (w *World) podAt(ip string) *pod {
	for _, p := range w.pods {
		if p.ip == ip {
			return p
		}
	}
	return nil
}

// resolve answers for the DNS of a client without Istio's DNS capture: a Service's address, an address that a
// ServiceEntry gives to the name, or one of the outside (203.0.113.0/24, RFC 5737), which says nothing.
func (w *World) resolve(p *pod, host string) string {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.String()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, s := range w.services {
		full := s.Name + "." + s.Namespace + ".svc.cluster.local"
		short := []string{full, s.Name + "." + s.Namespace + ".svc", s.Name + "." + s.Namespace}
		if p != nil && p.namespace == s.Namespace {
			short = append(short, s.Name)
		}
		if !slices.Contains(short, host) {
			continue
		}
		if s.Spec.ClusterIP != corev1.ClusterIPNone && s.Spec.ClusterIP != "" {
			return s.Spec.ClusterIP
		}
		for _, p := range w.pods {
			if p.namespace == s.Namespace && len(s.Spec.Selector) > 0 && labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(p.labels)) {
				return p.ip
			}
		}
	}
	for _, address := range w.entryAddresses(host) {
		if prefix, err := netip.ParsePrefix(address); err == nil {
			if prefix.IsSingleIP() {
				return prefix.Addr().String()
			}
			return prefix.Masked().Addr().Next().String()
		}
		if _, err := netip.ParseAddr(address); err == nil {
			return address
		}
	}
	return "203.0.113.1"
}

// entryAddresses are those that the bundle's ServiceEntries give to a host.
func (w *World) entryAddresses(host string) []string {
	var all []string
	for _, c := range w.configs {
		entry, ok := c.Spec.(*networking.ServiceEntry)
		if !ok {
			continue
		}
		for _, h := range entry.Hosts {
			if h == host {
				all = append(all, entry.Addresses...)
			}
		}
	}
	return all
}
