package traffic

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"

	routev1 "github.com/openshift/api/route/v1"
	networkingapi "istio.io/api/networking/v1alpha3"
	securityapi "istio.io/api/security/v1beta1"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	networkingalpha "istio.io/client-go/pkg/apis/networking/v1alpha3"
	networkingbeta "istio.io/client-go/pkg/apis/networking/v1beta1"
	security "istio.io/client-go/pkg/apis/security/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// Options say what a bundle leaves open.
type Options struct {
	Target mesh.Target
	// MeshConfig is YAML of Istio's MeshConfig, over what the bundle says of it.
	MeshConfig string
	// Assume completes a bundle that is only a part of what is in a cluster: the gateways of the target's own
	// installation, Secrets that are named and the permission to read them, the Services that VirtualServices name, with
	// pods that have sidecars, the clients that workload selectors name, and sidecars in namespaces that the bundle does
	// not hold. Services outside are taken to be ordinary ones: they take no TLS within TLS and have no certificate of
	// the mesh; at port 443, and at ports declared HTTPS or TLS, they take TLS, at port 80 plaintext. Which objects a path
	// counts on it says ([Path.Assumed]), and what else may be outside the files has the outcome unknown. Of what the
	// bundle is known to lack ([bundle.Bundle.Lacks]), Secrets, ConfigMaps and permissions are not assumed. Without it, what
	// the bundle does not hold is not there, and whatever comes to an outside service arrives ([Request.Server]).
	Assume bool
	// Facts are known of the cluster, whether Assume or not.
	Facts Facts
	// Peer is another mesh, or another cluster of the same: requests that leave for it are followed there too. It is made
	// before, of its own files.
	Peer *Index
}

// An Index is a bundle made ready for walks. It may be used by several goroutines.
type Index struct {
	options Options
	bundle  *bundle.Bundle
	gates   gates
	mesh    settings

	namespaces map[string]map[string]string // the labels of those that the bundle holds
	members    map[string]bool              // nil: every namespace
	istios     int                          // how many control planes of Sail the bundle holds

	workloads     []*workload
	workloadNames map[string]*workload
	byIP          map[netip.Addr]*workload
	entries       []workloadEntry

	services           []*service
	serviceObjects     []*corev1.Service
	kubernetesOf       []*service        // of serviceObjects
	ways               []*corev1.Service // by which clients outside come in
	kubernetesServices int
	serviceAt          map[string]int     // the place of a full name in serviceObjects
	serviceByIP        map[netip.Addr]int // and of an address
	entryAddresses     map[string][]string
	ruled              map[string]bool                // the first labels of the hosts that DestinationRules are for
	backends           map[string]bool                // hosts to which routes of the Gateway API lead
	byName             map[string]map[string]*service // host, namespace
	sameKey            map[string][]*service          // by NAMESPACE/HOST, oldest first
	public             []*service
	exportedTo         map[string][]*service
	endpoints          map[string][]endpoint     // by NAMESPACE/HOST
	selecting          []*service                // ServiceEntries with a selector
	atAddress          map[netip.Addr][]*service // those with an endpoint at an address

	virtualServices []*virtualService
	delegates       map[string]*virtualService
	bound           map[string]*binding

	ownRules, exportedRules map[string]*ruleIndex
	privateRootRules        ruleIndex
	meshWide                *ruleObject // made by the operator of OpenShift Service Mesh 2

	sidecars map[string][]*sidecarObject
	gateways []*gatewayObject
	peers    peerPolicies
	policies []policyObject
	routes   []*openshiftRoute

	secrets     map[string]secret   // by NAMESPACE/NAME
	secretNames map[string][]string // the namespaces of a name
	configMaps  map[string]bool     // that hold a CA
	makers      []Maker
	roles       map[string][]rbacv1.PolicyRule
	grants      []grant
	grantsIn    map[string]bool // namespaces of which the bundle holds a binding

	federation federation
	// stockPorts are those of gateways that the installation brings, by namespace and name.
	stockPorts map[string][]string

	decisive []string
	unread   []string
	problems []Problem
	objects  Objects

	mutex   sync.Mutex // of what is made when it is asked for
	scopes  map[scopeKey]*scope
	proxies map[*workload]*proxy
	madeUp  map[string]*workload
	offered []*offer
}

// A Problem is an object that cannot be read in full.
type Problem struct {
	Object *bundle.Object
	bundle.Problem
}

// Problems lists what of the bundle's objects their APIs would refuse or drop. An object with a value that its API
// refuses is not in the index.
func (x *Index) Problems() []Problem { return x.problems }

// NewIndex makes a bundle ready. Objects of a later place replace earlier ones of the same name, and count as younger:
// age decides between rivals, and files do not tell it.
func NewIndex(b *bundle.Bundle, o Options) (*Index, error) {
	x := &Index{
		options: o, bundle: b, gates: gatesOf(o.Target), mesh: defaults(o.Target, o.Facts),
		namespaces: map[string]map[string]string{}, byIP: map[netip.Addr]*workload{},
		endpoints: map[string][]endpoint{}, atAddress: map[netip.Addr][]*service{}, serviceAt: map[string]int{}, serviceByIP: map[netip.Addr]int{}, entryAddresses: map[string][]string{}, ruled: map[string]bool{}, backends: map[string]bool{}, delegates: map[string]*virtualService{}, bound: map[string]*binding{},
		ownRules: map[string]*ruleIndex{}, exportedRules: map[string]*ruleIndex{}, sidecars: map[string][]*sidecarObject{},
		secrets: map[string]secret{}, secretNames: map[string][]string{}, configMaps: map[string]bool{},
		roles: map[string][]rbacv1.PolicyRule{}, grantsIn: map[string]bool{},
		federation: federation{imported: map[string]*importedService{}},
		scopes:     map[scopeKey]*scope{}, proxies: map[*workload]*proxy{}, madeUp: map[string]*workload{}, stockPorts: map[string][]string{},
	}
	objects := x.decode(b.Latest())
	for _, o := range objects {
		x.objects.add(o)
	}
	if err := x.readMesh(objects); err != nil {
		return nil, err
	}
	objects = append(objects, x.given(objects)...)
	if x.options.Assume {
		objects = append(objects, x.stock(objects)...)
		objects = append(objects, x.namedServices(objects)...)
	}
	objects = slices.DeleteFunc(objects, func(o object) bool { return !x.sees(o.id.Namespace) })
	x.readWorkloads(objects)
	x.readRegistry(objects)
	x.noteEntrances()
	x.readFederation(objects)
	x.readRouting(objects)
	x.noteUngiven()
	return x, nil
}

// An object is one of the bundle, decoded.
type object struct {
	*source
	typed any
}

// decode reads the objects into their types, on all cores.
func (x *Index) decode(b *bundle.Bundle) []object {
	all := make([]object, len(b.Objects))
	found := make([][]bundle.Problem, len(b.Objects))
	const batch = 64
	var next sync.Mutex
	at := 0
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for {
				next.Lock()
				from := at
				at += batch
				next.Unlock()
				if from >= len(all) {
					return
				}
				for i := from; i < min(from+batch, len(all)); i++ {
					o := b.Objects[i]
					id := o.ID
					if id.Namespace == "" && !clusterScoped[id.Kind] {
						id.Namespace = "default" // as kubectl applies it, for who has chosen no other
					}
					all[i].source = &source{id: id, object: o, age: i}
					all[i].typed, found[i] = o.Lenient()
				}
			}
		})
	}
	group.Wait()
	for i, list := range found {
		if x.options.Assume && all[i].typed == nil && len(list) > 0 {
			// Its API refuses it, so it is not there; but whoever asks means it to be.
			x.decisive = append(x.decisive, all[i].id.String()+" (cannot be read)")
		}
		for _, p := range list {
			x.problems = append(x.problems, Problem{b.Objects[i], p})
		}
	}
	return all
}

// clusterScoped are the kinds without a namespace that bundles hold.
var clusterScoped = map[string]bool{
	"Namespace": true, "ClusterRole": true, "ClusterRoleBinding": true, "CustomResourceDefinition": true, "GatewayClass": true,
	"Istio": true, "IstioCNI": true, "IstioRevision": true, "IstioRevisionTag": true, "ZTunnel": true,
	"MutatingWebhookConfiguration": true, "ValidatingWebhookConfiguration": true,
}

// readMesh reads the settings of the mesh, wherever they are written, and who belongs to it.
func (x *Index) readMesh(objects []object) error {
	at := func(o object, err error) error {
		if err == nil {
			return nil
		}
		return fmt.Errorf("%s: %s: mesh config: %w", o.object.At(""), o.id, err)
	}
	for _, o := range objects {
		var err error
		switch t := o.typed.(type) {
		case *corev1.Namespace:
			x.namespaces[t.Name] = t.Labels
		case *corev1.ConfigMap:
			switch {
			case t.Name == "istio" && t.Data["mesh"] != "":
				err = x.mesh.apply(t.Data["mesh"], o.decision("data.mesh"), false)
			case t.Data["istiod.yaml"] != "": // values for Istio's chart istiod, as scenario renders them
				err = x.mesh.applyValues([]byte(t.Data["istiod.yaml"]), o.decision(`data["istiod.yaml"]`))
			}
		case *mesh.Istio:
			x.mesh.held = true
			err = x.istio(o)
		case *mesh.ServiceMeshControlPlane:
			x.mesh.held = true
			x.mesh.rootNamespace = o.id.Namespace
			x.mesh.names = append(x.mesh.names, o.id.Name)
			x.maistra(o, t)
			err = x.mesh.maistraConfig(o)
		}
		if err := at(o, err); err != nil {
			return err
		}
	}
	if x.options.MeshConfig != "" {
		// Here a setting that Istio does not know is a question that was not asked.
		if err := x.mesh.apply(x.options.MeshConfig, nil, true); err != nil {
			return fmt.Errorf("mesh config %q: %w", x.options.MeshConfig, err)
		}
	}
	if x.gates.memberRoll {
		x.readMembers(objects)
	}
	x.peers = peerPolicies{root: x.mesh.rootNamespace, all: x.peers.all}
	return nil
}

// istio reads Sail's resource. Its values are Istio's own, of which package mesh has only those that are rendered.
func (x *Index) istio(o object) error {
	var t struct {
		Spec struct {
			Namespace string
			Values    json.RawMessage
		}
	}
	if err := json.Unmarshal(o.object.JSON, &t); err != nil {
		return err
	}
	if t.Spec.Namespace != "" {
		x.mesh.rootNamespace = t.Spec.Namespace
	}
	if len(t.Spec.Values) == 0 {
		return nil
	}
	before := x.mesh.discovery
	x.mesh.discovery = nil
	err := x.mesh.applyValues(t.Spec.Values, o.decision("spec.values.meshConfig.outboundTrafficPolicy"))
	// Of several control planes, each looks into its own namespaces.
	if x.istios++; x.istios > 1 {
		if len(before) == 0 || len(x.mesh.discovery) == 0 {
			x.mesh.discovery = nil
		} else {
			x.mesh.discovery = append(before, x.mesh.discovery...)
		}
	}
	return err
}

// maistra adds what the operator makes of a control plane's own settings of TLS.
func (x *Index) maistra(o object, t *mesh.ServiceMeshControlPlane) {
	strict, permissive := x.mesh.maistra(t.Spec, o.decision("spec.proxy.networking.trafficControl.outbound.policy"))
	if !strict && !permissive {
		return
	}
	mode := securityapi.PeerAuthentication_MutualTLS_PERMISSIVE
	if strict {
		mode = securityapi.PeerAuthentication_MutualTLS_STRICT
	}
	x.meshTLSPolicy(o.id.Namespace, mode, &source{id: o.id, object: o.object, age: -1, as: "spec.security.dataPlane.mtls"})
}

// meshTLSPolicy is what all workloads demand, and with the operator of OpenShift Service Mesh 2 what all clients send.
func (x *Index) meshTLSPolicy(namespace string, mode securityapi.PeerAuthentication_MutualTLS_Mode, made *source) {
	if host := x.options.Target.MeshWideMTLSHost(); host != "" && mode == securityapi.PeerAuthentication_MutualTLS_STRICT {
		x.meshWide = &ruleObject{
			namespace: namespace, name: "default", age: -1, source: made,
			spec: &networkingapi.DestinationRule{
				Host:          host,
				TrafficPolicy: &networkingapi.TrafficPolicy{Tls: &networkingapi.ClientTLSSettings{Mode: networkingapi.ClientTLSSettings_ISTIO_MUTUAL}},
			},
		}
	}
	x.addPeerPolicy(&peerPolicy{
		namespace: namespace, name: "default", age: -1, source: made,
		spec: &securityapi.PeerAuthentication{Mtls: &securityapi.PeerAuthentication_MutualTLS{Mode: mode}},
	})
}

func (x *Index) addPeerPolicy(p *peerPolicy) {
	if x.peers.all == nil {
		x.peers.all = map[string][]*peerPolicy{}
	}
	x.peers.all[p.namespace] = append(x.peers.all[p.namespace], p)
}

// readMembers reads which namespaces belong to the mesh; a bundle that does not say leaves it open.
func (x *Index) readMembers(objects []object) {
	members := map[string]bool{x.mesh.rootNamespace: true}
	said := false
	for _, o := range objects {
		switch t := o.typed.(type) {
		case *mesh.ServiceMeshMemberRoll:
			if o.object != nil && o.object.Has("spec.memberSelectors") {
				return // the labels of namespaces say it, and few bundles hold those
			}
			said = true
			for _, m := range t.Spec.Members {
				members[m] = true
			}
		case *mesh.ServiceMeshMember:
			said = true
			members[o.id.Namespace] = true
		}
		if o.typed != nil && o.object != nil && o.object.Namespace == "" && !clusterScoped[o.id.Kind] {
			// Where kubectl is told to apply it, the files do not say.
			members["default"] = true
		}
	}
	if said && !members["*"] {
		x.members = members
	}
}

// sees tells whether istiod looks into a namespace.
func (x *Index) sees(namespace string) bool {
	if namespace == "" {
		return true
	}
	if x.members != nil && !x.members[namespace] {
		return false
	}
	labels, held := x.namespaces[namespace]
	return x.mesh.discovers(labels, held)
}

func (x *Index) readWorkloads(objects []object) {
	pod := func(o object, meta metav1.ObjectMeta, spec *corev1.PodSpec) *workload {
		return x.addWorkload(o.id.Namespace, o.id.Name, meta, spec)
	}
	template := func(o object, replicas *int32, t corev1.PodTemplateSpec) {
		if replicas == nil || *replicas > 0 {
			w := pod(o, t.ObjectMeta, &t.Spec)
			w.assumed, w.given = o.object == nil, o.given
		}
	}
	for _, o := range objects {
		switch t := o.typed.(type) {
		case *appsv1.Deployment:
			template(o, t.Spec.Replicas, t.Spec.Template)
		case *appsv1.StatefulSet:
			template(o, t.Spec.Replicas, t.Spec.Template)
		case *appsv1.ReplicaSet:
			template(o, t.Spec.Replicas, t.Spec.Template)
		case *appsv1.DaemonSet:
			template(o, nil, t.Spec.Template)
		case *batchv1.Job:
			template(o, nil, t.Spec.Template)
		case *batchv1.CronJob:
			template(o, nil, t.Spec.JobTemplate.Spec.Template)
		case *corev1.Pod:
			pod(o, t.ObjectMeta, &t.Spec)
		}
	}
	if x.options.Assume {
		x.assumeClients(objects)
	}
	for _, w := range x.workloads {
		if w.sidecar = w.assumed && !w.gateway || x.injected(w); w.sidecar && w.labels[tlsMode] == "" {
			// The injection template of sidecars adds it, the one of gateways does not:
			// manifests/charts/istio-control/istio-discovery/files/ in istio/istio.
			with := map[string]string{tlsMode: "istio"}
			for k, v := range w.labels {
				with[k] = v
			}
			w.labels = with
		}
		x.byIP[w.ip] = w
	}
}

// readRegistry reads services and what is behind them, and what proxies may be given.
func (x *Index) readRegistry(objects []object) {
	for _, o := range objects {
		for _, m := range makersOf(o) {
			x.makers = append(x.makers, m)
			if m.Kind == "Secret" && m.Namespace != "" {
				x.secretNames[m.Name] = append(x.secretNames[m.Name], m.Namespace)
			}
		}
		switch t := o.typed.(type) {
		case *networking.WorkloadEntry:
			labels := both(t.Spec.Labels, t.Labels)
			x.entries = append(x.entries, workloadEntry{o.id.Namespace, o.id.Name, labels, &t.Spec})
		case *rbacv1.Role:
			x.roles["Role "+o.id.Namespace+"/"+t.Name] = t.Rules
		case *rbacv1.ClusterRole:
			x.roles["ClusterRole "+t.Name] = t.Rules
		}
	}
	for _, o := range objects {
		switch t := o.typed.(type) {
		case *corev1.Service:
			t.Namespace = o.id.Namespace
			x.addService(t, o.source)
		case *discoveryv1.EndpointSlice:
			t.Namespace = o.id.Namespace
			x.addSlice(t)
		//lint:ignore SA1019 people still write them
		case *corev1.Endpoints:
			t.Namespace = o.id.Namespace
			for _, slice := range mirrored(t) {
				x.addSlice(slice)
			}
		case *networking.ServiceEntry:
			x.addServiceEntry(&t.Spec, o.id.Namespace, t.Labels, o.source)
		case *corev1.Secret:
			key := o.id.Namespace + "/" + t.Name
			x.secrets[key] = secretOf(t, x.form(o.object))
			x.secretNames[t.Name] = append(x.secretNames[t.Name], o.id.Namespace)
		case *corev1.ConfigMap:
			if hasCA(t, x.form(o.object)) {
				x.configMaps[o.id.Namespace+"/"+t.Name] = true
			}
			x.readConfigMapURLs(o.id.Namespace, t)
		case *rbacv1.RoleBinding:
			x.addGrants(o.id.Namespace, t.RoleRef.Kind, t.RoleRef.Name, t.Subjects)
		case *rbacv1.ClusterRoleBinding:
			x.addGrants("", t.RoleRef.Kind, t.RoleRef.Name, t.Subjects)
		case *routev1.Route:
			t.Namespace = o.id.Namespace
			x.routes = append(x.routes, &openshiftRoute{t, o.source})
		}
	}
	x.joinCluster()
	x.sortServices()
}

// readRouting reads what istiod makes routes and rules of, and names what decides besides and is not followed.
func (x *Index) readRouting(objects []object) {
	var rules []ruleObject
	if x.meshWide != nil {
		rules = append(rules, *x.meshWide)
	}
	for _, o := range objects {
		switch t := o.typed.(type) {
		case *networking.VirtualService:
			x.addVirtualService(&t.Spec, o.id.Namespace, t.Name, o.source)
		case *networking.DestinationRule:
			rules = append(rules, ruleObject{o.id.Namespace, t.Name, &t.Spec, o.age, o.source})
		case *networking.Gateway:
			x.gateways = append(x.gateways, &gatewayObject{o.id.Namespace, t.Name, &t.Spec, o.age, o.source})
		case *networking.Sidecar:
			x.sidecars[o.id.Namespace] = append(x.sidecars[o.id.Namespace], &sidecarObject{o.id.Namespace, t.Name, &t.Spec, o.age, o.source})
		case *security.PeerAuthentication:
			x.addPeerPolicy(&peerPolicy{namespace: o.id.Namespace, name: t.Name, spec: &t.Spec, age: o.age, source: o.source, field: "spec"})
		case *security.AuthorizationPolicy:
			x.addAuthorization(&t.Spec, t.Annotations, o.source)
		case *security.RequestAuthentication:
			x.policies = append(x.policies, policyObject{id: o.id, selector: t.Spec.GetSelector().GetMatchLabels(), inbound: true})
		case *networkingalpha.EnvoyFilter:
			if len(t.Spec.GetConfigPatches()) == 0 {
				continue
			}
			x.policies = append(x.policies, policyObject{id: o.id, selector: t.Spec.GetWorkloadSelector().GetLabels()})
		case *networkingbeta.ProxyConfig:
			x.decisive = append(x.decisive, o.id.String())
		default:
			if strings.HasPrefix(o.id.APIVersion, "gateway.networking.k8s.io/") || o.id.Kind == "IstioOperator" {
				x.decisive = append(x.decisive, o.id.String())
				x.noteBackends(o)
			}
		}
	}
	x.noteUnread()
	x.joinDelegates()
	x.bindVirtualServices()
	x.indexRules(rules)
	slices.SortStableFunc(x.gateways, func(a, b *gatewayObject) int {
		return cmp.Or(cmp.Compare(a.age, b.age), cmp.Compare(a.name, b.name))
	})
	x.peers.sort()
}

// noteUnread names the settings of namespaces, Services, pods and mesh that decide and are not followed.
func (x *Index) noteUnread() {
	note := func(what, value, of string) {
		if value != "" && value != "none" {
			x.decisive = append(x.decisive, what+" of "+of)
		}
	}
	var names []string
	for name := range x.namespaces {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		note("istio.io/dataplane-mode", x.namespaces[name]["istio.io/dataplane-mode"], "Namespace "+name)
		note("istio.io/use-waypoint", x.namespaces[name]["istio.io/use-waypoint"], "Namespace "+name)
	}
	for _, s := range x.serviceObjects {
		note("istio.io/use-waypoint", s.Labels["istio.io/use-waypoint"], "Service "+s.Namespace+"/"+s.Name)
	}
	for _, w := range x.workloads {
		note("istio.io/dataplane-mode", w.labels["istio.io/dataplane-mode"], w.String())
		note("proxy.istio.io/config", w.annotations["proxy.istio.io/config"], w.String())
	}
	if x.mesh.dnsCapture {
		note("ISTIO_META_DNS_CAPTURE", "true", "the mesh")
	}
}

// resolve answers for the DNS of a client without Istio's DNS capture: a Service's address, an address that a
// ServiceEntry gives to the name, or one of the outside (203.0.113.0/24, RFC 5737), which says nothing.
func (x *Index) resolve(w *workload, host string) netip.Addr {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	full := host
	switch parts := strings.Split(host, "."); {
	case len(parts) == 1 && w != nil:
		full = host + "." + w.namespace + ".svc." + domain
	case len(parts) == 2:
		full = host + ".svc." + domain
	case len(parts) == 3 && parts[2] == "svc":
		full = host + "." + domain
	}
	if i, ok := x.serviceAt[full]; ok {
		s := x.serviceObjects[i]
		if ip, err := netip.ParseAddr(x.kubernetesOf[i].address); err == nil && s.Spec.ClusterIP != corev1.ClusterIPNone && x.kubernetesOf[i].of == "" {
			return ip
		}
		for _, w := range x.workloads {
			if w.namespace == s.Namespace && len(s.Spec.Selector) > 0 && subset(s.Spec.Selector, w.labels) {
				return w.ip
			}
		}
	}
	for _, address := range x.entryAddresses[host] {
		if prefix, err := netip.ParsePrefix(address); err == nil {
			if prefix.IsSingleIP() {
				return prefix.Addr()
			}
			return prefix.Masked().Addr().Next()
		}
		if ip, err := netip.ParseAddr(address); err == nil {
			return ip
		}
	}
	return elsewhere
}

var elsewhere = netip.MustParseAddr("203.0.113.1")

// shown is an address as a path tells it: those that are made up say nothing.
func (x *Index) shown(ip netip.Addr) string {
	if !ip.IsValid() || ip == elsewhere || ip == gatewayElsewhere || x.byIP[ip] != nil {
		return ""
	}
	if i, ok := x.serviceByIP[ip]; ok && x.serviceObjects[i].Spec.ClusterIP == "" {
		return ""
	}
	return ip.String()
}

// hidden tells whether what no registry knows may be a Service that the files do not hold, by the name that was called.
func (k *walk) hidden(p *proxy) bool {
	if !k.options.Assume {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(k.host, "."))
	switch {
	case !strings.Contains(host, "."):
		host = fullName(host, p.workload.namespace)
	case strings.HasSuffix(host, ".svc"):
		host += "." + domain
	}
	return k.couldBe(host)
}

// couldBe tells whether a host may be a Service that the files do not hold.
func (x *Index) couldBe(host string) bool {
	return strings.HasSuffix(host, ".svc."+domain) && len(x.byName[host]) == 0 || x.couldBeImported(host)
}
