package scenarios

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/meshscenario/scenario/mesh"
)

// A Need is something that the bundle counts on and does not bring.
type Need struct {
	Text    string // one line
	Command string // one that provides it; may be empty

	// Secret names the one that is needed, as NAMESPACE/NAME; "" where it is something else.
	Secret string

	// Installs is the Deployment, as NAMESPACE/NAME, that the command makes of a ConfigMap of the bundle; else "".
	Installs string

	keys int // that the Secret has which the command makes
	// restart says that the command starts pods anew that were there too early.
	restart bool
}

// ByKit tells whether the scripts of a kit see to it: Secrets, and pods that must be started anew.
func (n Need) ByKit() bool { return n.Secret != "" || n.restart }

// Needs says what must be there for the plans to work, given the parts of each that are rendered. What several plans
// need is said once, and a Secret that several read is made once, with all the keys that any of them reads.
func Needs(plans []*Plan, partsOf func(*Plan) []Part) []Need {
	var all []Need
	said := map[Need]bool{}
	maker := map[string]int{} // the index of the need that makes a Secret
	for _, p := range plans {
		for _, n := range p.Needs(partsOf(p)) {
			if said[n] {
				continue
			}
			said[n] = true
			if first, made := maker[n.Secret]; made && n.Secret != "" {
				if n.keys > all[first].keys {
					all[first].Command, all[first].keys = n.Command, n.keys
				}
				n.Command = ""
			} else if n.Secret != "" {
				maker[n.Secret] = len(all)
			}
			all = append(all, n)
		}
	}
	return all
}

// Needs says what must be there for the plan to work, given the parts that are rendered.
func (p *Plan) Needs(parts []Part) []Need {
	has := func(part Part) bool { return slices.Contains(parts, part) }
	needs := p.Scenario.needs(p, has)
	for _, s := range p.Secrets(parts) {
		needs = append(needs, s.need(p.CLI()))
	}
	if has(Members) && !has(ControlPlane) && p.Target.MemberRoll && p.Spec.Mesh.Membership == "roll" {
		needs = append(needs, Need{Text: fmt.Sprintf("whatever else ServiceMeshMemberRoll %s/default lists already, added to it before applying: applying replaces its members", p.Spec.Mesh.Namespace)})
	}
	if has(ControlPlane) && p.Target.Family == mesh.IstioFamily {
		needs = append(needs, p.controlPlaneNeeds(has)...)
	}
	if p.Own != nil {
		for i := range needs {
			needs[i].Text = "in mesh " + p.Own.Name + ": " + needs[i].Text
		}
	}
	return needs
}

// Undeclared tells that the bundle declares no host and lets its clients call any instead: what seed documents call
// PassthroughCluster.
func (p *Plan) Undeclared() bool {
	s := p.Spec
	v := s.Service
	return p.Scenario.ID == directID && s.Encryption == None && s.Mesh.Outbound == "allow-any" && len(v.Endpoints) == 0 && len(v.Addresses) == 0 && v.AppPort == v.Port
}

// bringsEgress tells whether the control-plane part brings the egress gateway that the plan names.
func (p *Plan) bringsEgress() bool {
	e := p.Spec.Egress
	return !p.Target.BuiltInGateways || e.Namespace == p.Spec.Mesh.Namespace && e.Service == egressService && maps.Equal(e.Selector, egressSelector)
}

// bringsIngress tells whether the control-plane part brings the ingress gateway that the plan names.
func (p *Plan) bringsIngress() bool {
	g := p.Spec.Expose.Gateway
	return !p.Target.BuiltInGateways || g.Namespace == p.Spec.Mesh.Namespace && g.Service == ingressService && maps.Equal(g.Selector, ingressSelector)
}

// gatewayNeed is a gateway that the bundle does not bring.
func gatewayNeed(which, namespace, service string, selector map[string]string, brings bool) Need {
	text := fmt.Sprintf("an %s gateway: Service %s/%s with ports 80 (http2) and 443 (https), pods labelled %s", which, namespace, service, labelText(selector))
	if brings {
		text += "; --include control-plane renders it"
	}
	return Need{Text: text}
}

// CLI is the command that applies manifests on the target.
func (p *Plan) CLI() string {
	if p.Target.Routes {
		return "oc"
	}
	return "kubectl"
}

// appTLSNeeds: with encryption passthrough the mesh does not help.
func (p *Plan) appTLSNeeds() []Need {
	if p.Spec.Encryption != Passthrough {
		return nil
	}
	v := p.Spec.Service
	needs := []Need{{Text: fmt.Sprintf("an application that calls https://%s%s itself and sends that name as SNI", v.Host, portSuffix(v.AppPort, 443))}}
	if isWildcard(v.Host) {
		needs[0].Text = "an application that does its own TLS and sends the name it calls as SNI"
	}
	return needs
}

func portSuffix(port, usual int) string {
	if port == usual {
		return ""
	}
	return fmt.Sprintf(":%d", port)
}

// meshNeeds says what of the control plane and of the client's side the traffic part counts on.
func (p *Plan) meshNeeds(has func(Part) bool) []Need {
	m := p.Spec.Mesh
	var needs []Need
	if !has(ControlPlane) {
		policy := ""
		if !p.Undeclared() {
			field := "meshConfig.outboundTrafficPolicy.mode"
			if p.Target.ControlPlane == mesh.SMCP {
				field = "spec.proxy.networking.trafficControl.outbound.policy"
			}
			policy = fmt.Sprintf("%s: %s and ", field, strings.ToUpper(strings.ReplaceAll(m.Outbound, "-", "_")))
		}
		needs = append(needs, Need{Text: fmt.Sprintf("a mesh in namespace %s (%s) with %smutual TLS %s; --include control-plane renders it", m.Namespace, p.Target.Product, policy, strings.ToUpper(m.MTLS))})
	}
	seen := map[string]bool{}
	for _, c := range p.Clients {
		if !has(Members) && !seen[c.Namespace] {
			seen[c.Namespace] = true
			needs = append(needs, p.memberNeed(c.Namespace))
		}
	}
	if !has(Workload) {
		for _, c := range p.Clients {
			needs = append(needs, p.podNeeds(c, has)...)
		}
	}
	return needs
}

// memberNeed is the namespace, as part of the mesh.
func (p *Plan) memberNeed(namespace string) Need {
	how := "labelled for discovery and injection"
	if p.Target.MemberRoll {
		how = "a member of that mesh"
	}
	return Need{Text: fmt.Sprintf("namespace %s, %s; --include members renders it", namespace, how)}
}

// podNeeds are what the client's pods must be for the rendered objects to find them.
func (p *Plan) podNeeds(c ClientPlan, has func(Part) bool) []Need {
	s := p.Spec
	sidecarTLS := !p.Scenario.egress && p.Scenario.uses("credentials") && (s.Encryption == Simple || s.Encryption == Mutual) && !p.systemCA()
	var what []string
	if sidecarTLS && p.Target.Has(mesh.DRWorkloadSelector) || has(NetworkPolicy) || p.Undeclared() {
		what = append(what, "labelled "+labelText(c.Labels))
	}
	if sidecarTLS && c.Credentials.Delivery == "sds" && !(s.Encryption == Simple && p.Target.Has(mesh.CAOnlySecretNoRBAC)) {
		what = append(what, "running as ServiceAccount "+c.ServiceAccount)
	}
	if p.Target.PodInjection {
		what = append(what, "asking for a sidecar")
	}
	if len(what) == 0 {
		return nil
	}
	need := Need{Text: fmt.Sprintf("pods of Deployment %s/%s %s", c.Namespace, c.Name, strings.Join(what, ", "))}
	if p.Target.PodInjection {
		need.Command = p.injectCommand(c.Namespace, c.Name)
	}
	return []Need{need}
}

// injectCommand makes the pods of a Deployment ask for a sidecar, on targets where the namespace does not.
func (p *Plan) injectCommand(namespace, deployment string) string {
	field := "annotations"
	if p.Target.Has(mesh.PodInjectionLabel) {
		field = "labels"
	}
	return fmt.Sprintf(`%s patch deployment %s -n %s --type merge -p '{"spec":{"template":{"metadata":{%q:{"sidecar.istio.io/inject":"true"}}}}}'`, p.CLI(), deployment, namespace, field)
}

// clusterHostNeeds: a Service of this cluster is outside the mesh only while istiod does not know it.
func (p *Plan) clusterHostNeeds() []Need {
	ns := clusterNamespace(p.Spec.Service.Host)
	switch {
	case ns == "":
		return nil
	case p.Target.MemberRoll:
		return []Need{{Text: fmt.Sprintf("namespace %s outside the mesh: not a member, for a Service that the mesh knows is not outside of it", ns)}}
	default:
		return []Need{{Text: fmt.Sprintf("namespace %s outside the mesh: not matched by meshConfig.discoverySelectors, for a Service that istiod knows is not outside of it", ns)}}
	}
}

// mountNeed is the patch that makes the files of a Secret visible to the sidecar.
func (p *Plan) mountNeed(c ClientPlan) Need {
	volume, _ := json.Marshal(map[string]any{"client-cert": map[string]any{"secret": map[string]any{"secretName": c.Credentials.Secret}}})
	mount, _ := json.Marshal(map[string]any{"client-cert": map[string]any{"mountPath": c.Credentials.MountPath, "readOnly": true}})
	patch, _ := json.Marshal(map[string]any{"spec": map[string]any{"template": map[string]any{"metadata": map[string]any{"annotations": map[string]any{
		"sidecar.istio.io/userVolume":      string(volume),
		"sidecar.istio.io/userVolumeMount": string(mount),
	}}}}})
	return Need{
		Text:    fmt.Sprintf("Secret %s mounted into the sidecar of Deployment %s/%s", c.Credentials.Secret, c.Namespace, c.Name),
		Command: fmt.Sprintf("%s patch deployment %s -n %s --type merge -p '%s'", p.CLI(), c.Name, c.Namespace, patch),
	}
}

// exposeNeeds are those of the exposed side that no part brings, besides Secrets.
func (p *Plan) exposeNeeds(sample bool) []Need {
	s, x := p.Spec, p.Spec.Expose
	var needs []Need
	if s.Encryption == Passthrough && !sample {
		needs = append(needs, Need{Text: fmt.Sprintf("a service that answers TLS on port %d with a certificate for %s", x.Port, s.Service.Host)})
	}
	if x.Route.Termination == "reencrypt" {
		needs = append(needs, Need{Text: "an ingress gateway without another server for hosts * on port 443: routers send no server name when they re-encrypt, so this one takes every name"})
	}
	return needs
}

// front is where callers from outside arrive.
func (p *Plan) front() string {
	if p.Target.Routes {
		return "the cluster's router"
	}
	return "the gateway's load balancer"
}

// failoverNeeds: localities are compared with where the proxy runs.
func (p *Plan) failoverNeeds() []Need {
	regions := map[string]bool{}
	for _, e := range p.Spec.Service.Endpoints {
		if region, _, _ := strings.Cut(e.Locality, "/"); region != "" {
			regions[region] = true
		}
	}
	if len(regions) < 2 {
		return nil
	}
	names := slices.Sorted(maps.Keys(regions))
	return []Need{{Text: fmt.Sprintf("nodes labelled topology.kubernetes.io/region with %s: calls stay in the region of %s while it answers", oneOf(names), p.Scenario.originator())}}
}

func labelText(labels map[string]string) string {
	var pairs []string
	for k, v := range labels {
		pairs = append(pairs, k+"="+v)
	}
	sort.Strings(pairs)
	return strings.Join(pairs, ",")
}

// sidecarNeeds are the credentials of sidecars that originate TLS, where calls to host become calls outside.
func (p *Plan) sidecarNeeds(has func(Part) bool, host string) []Need {
	s := p.Spec
	if s.Encryption != Simple && s.Encryption != Mutual || p.systemCA() {
		return nil
	}
	var needs []Need
	for _, c := range p.Clients {
		if c.Credentials.Delivery == "mount" && !has(Workload) {
			needs = append(needs, p.mountNeed(c))
		}
	}
	if s.Credentials.Delivery == "mount" && !p.Target.Has(mesh.DRWorkloadSelector) {
		needs = append(needs, Need{Text: fmt.Sprintf("the same annotations on every workload of %s that calls %s: on this target a DestinationRule applies to the whole namespace", s.Client.Namespace, host)})
	}
	return needs
}

// exposesOther tells whether the laboratory's service side is behind an ingress gateway.
func (p *Plan) exposesOther(has func(Part) bool) bool {
	return has(ServiceSide) && p.Scenario.uses("expose") && clusterNamespace(p.Spec.Service.Host) == ""
}

// otherSideNeeds are those of the laboratory's service side.
func (p *Plan) otherSideNeeds(has func(Part) bool) []Need {
	if !has(ServiceSide) || clusterNamespace(p.Spec.Service.Host) != "" {
		return nil
	}
	return append(p.exposeNeeds(true), Need{Text: fmt.Sprintf("%s resolving to %s inside the cluster, for the application and for %s (cluster DNS)", p.Spec.Service.Host, p.front(), p.Scenario.originator())})
}

// controlPlaneNeeds are those of the control-plane part: who acts on it, and what must wait for it.
func (p *Plan) controlPlaneNeeds(has func(Part) bool) []Need {
	m, s := p.Spec.Mesh, p.Spec
	var needs []Need
	switch p.Target.ControlPlane {
	case mesh.SMCP:
		needs = append(needs, Need{Text: "the operator of OpenShift Service Mesh 2 (package servicemeshoperator), for all namespaces"})
		if m.Addons == "all" {
			needs = append(needs, Need{Text: "the operators of Kiali (package kiali-ossm) and Jaeger (package jaeger-product), installed before the control plane"})
		}
	case mesh.Sail:
		needs = append(needs, Need{Text: "the operator of OpenShift Service Mesh 3 (package servicemeshoperator3)"})
	default:
		// A chart's values are no object that a cluster acts on, so the charts must be installed with them.
		release, settings := "istiod", ""
		if m.Name != "default" {
			release, settings = "istiod-"+m.Name, " --set defaultRevision="+m.Name
		}
		if m.Namespace != p.Target.RootNamespace {
			settings += " --set global.istioNamespace=" + m.Namespace
		}
		needs = append(needs, Need{
			Text:    "the CRDs of Istio, from its chart base, before anything else",
			Command: fmt.Sprintf("helm upgrade --install istio-base base --repo %s --version '%s' -n %s --create-namespace%s", mesh.Charts, p.Target.Version, m.Namespace, settings),
		}, Need{
			Installs: m.Namespace + "/" + release,
			Text:     "istiod, from its chart, with the values in ConfigMap " + m.Namespace + "/scenario-helm-values",
			Command:  fmt.Sprintf("kubectl get configmap scenario-helm-values -n %[1]s -o jsonpath='{.data.istiod\\.yaml}' | helm upgrade --install %[4]s istiod --repo %[3]s --version '%[2]s' -n %[1]s --wait -f -", m.Namespace, p.Target.Version, mesh.Charts, release),
		})
	}
	var waiting []string
	if !p.Target.BuiltInGateways {
		if p.Scenario.egress {
			waiting = append(waiting, fmt.Sprintf("%s rollout restart deployment %s -n %s", p.CLI(), s.Egress.Service, s.Egress.Namespace))
		}
		if p.Scenario.ingress || p.exposesOther(has) {
			waiting = append(waiting, fmt.Sprintf("%s rollout restart deployment %s -n %s", p.CLI(), s.Expose.Gateway.Service, s.Expose.Gateway.Namespace))
		}
	}
	if has(Workload) && p.Scenario.uses("client") {
		for _, c := range p.Clients {
			waiting = append(waiting, fmt.Sprintf("%s rollout restart deployment %s -n %s", p.CLI(), c.Name, c.Namespace))
		}
	}
	if has(Workload) && !p.Scenario.uses("client") || p.exposesOther(has) {
		waiting = append(waiting, fmt.Sprintf("%s rollout restart deployment %s -n %s", p.CLI(), s.Expose.Name, s.Expose.Namespace))
	}
	waiting = append(waiting, p.federatedPods(has)...)
	if len(waiting) > 0 {
		needs = append(needs, Need{restart: true, Text: "a restart of the pods that started before the control plane was ready, for they have no proxy", Command: strings.Join(waiting, "; ")})
	}
	return needs
}
