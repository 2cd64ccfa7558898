package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// pass takes over an object that is not of OpenShift Service Mesh 2 alone, with what must be other about it.
func (m *migration) pass(o *bundle.Object) {
	group, _, _ := strings.Cut(o.APIVersion, "/")
	switch {
	case group == "maistra.io" && (o.Kind == "ServiceMeshControlPlane" || o.Kind == "ServiceMeshMemberRoll" || o.Kind == "ServiceMeshMember"):
		return // told already
	case group == "federation.maistra.io":
		m.federation(o)
		return
	case strings.HasSuffix(group, "maistra.io"):
		m.tell(Entry{
			Class: Decide, Says: o.APIVersion + " " + o.Kind + " is of OpenShift Service Mesh 2 alone, and left out",
			Do: map[string]string{"ServiceMeshExtension": "write a WasmPlugin (extensions.istio.io/v1alpha1)"}[o.Kind],
		}, o, "")
		return
	case m.operatorsOwn(o):
		return
	case o.Kind == "Secret" && o.APIVersion == "v1":
		m.kept = append(m.kept, o)
		m.tell(Entry{Class: Mapped, Became: "the same " + o.ID.String(), Says: "it stays as it is, where it is; it is not written again, for keys are not to lie in more files"}, o, "")
		return
	}
	t := o.Tree()
	change := m.version(o, t)
	switch {
	case is(o, "networking.istio.io", "Gateway"):
		change = m.manageRoute(o, t) || change
	case is(o, "networking.istio.io", "VirtualService") || is(o, "networking.istio.io", "DestinationRule"):
		change = m.renamed(o, t) || change
	case o.Kind == "Namespace":
		change = m.namespace(o, t) || change
	case o.Kind == "Route":
		change = m.ownedRoute(o, t) || change
	case o.Kind == "NetworkPolicy":
		change = m.networkPolicy(o, t) || change
	case is(o, "operators.coreos.com", "Subscription") && getText(t, "spec", "name") == "servicemeshoperator":
		m.tell(Entry{Class: Decide, Says: "it installs the operator of OpenShift Service Mesh 2, and is left as it is: both operators run side by side while workloads move",
			Do: "add a Subscription for servicemeshoperator3 (channel stable), and delete this one when nothing of the old mesh is left"}, o, "spec.name")
	case o.Kind == "EnvoyFilter":
		m.tell(Entry{Class: Decide, aspect: anyPath, Says: fmt.Sprintf("it patches Envoy's configuration, which is another from Istio 1.%d to 1.%d", m.from.IstioMinor(), m.to.IstioMinor()),
			Do: "look at what it changes in the configuration of a proxy of the new mesh (istioctl proxy-config), or replace it by Telemetry, WasmPlugin or a DestinationRule"}, o, "spec")
	}
	change = m.injection(o, t) || change
	if change {
		o = rewritten(o, t)
	}
	m.out = append(m.out, o)
}

// version brings the apiVersion up to what the target's documentation has, where it serves that.
func (m *migration) version(o *bundle.Object, t tree) bool {
	group, version, _ := strings.Cut(o.APIVersion, "/")
	switch group {
	case "networking.istio.io", "security.istio.io", "telemetry.istio.io":
	default:
		return false
	}
	if version == m.to.IstioAPI() || o.Kind == "EnvoyFilter" || o.Kind == "ProxyConfig" {
		return false
	}
	t["apiVersion"] = group + "/" + m.to.IstioAPI()
	m.tell(Entry{Class: Mapped, Became: group + "/" + m.to.IstioAPI(), Says: "the same schema, under the version that is stable"}, o, "apiVersion")
	return true
}

func (m *migration) manageRoute(o *bundle.Object, t tree) bool {
	if get(t, "metadata", "annotations", manageRoute) == nil {
		return false
	}
	remove(t, "metadata", "annotations", manageRoute)
	m.tell(Entry{Class: Dropped, Says: "nobody makes Routes of Gateways, so nobody reads it"}, o, fieldOf([]string{"metadata", "annotations", manageRoute}))
	return true
}

// namespace takes labels off that the old operator gave, and those that it did not heed but the new one does.
func (m *migration) namespace(o *bundle.Object, t tree) bool {
	change := false
	labels := getMap(t, "metadata", "labels")
	for _, key := range sorted(labels) {
		at := fieldOf([]string{"metadata", "labels", key})
		switch {
		case key == "maistra.io/member-of" || key == "kiali.io/member-of" || key == "maistra.io/ignore-namespace":
			m.tell(Entry{Class: Dropped, Says: "the old operator gave or read it"}, o, at)
		case (key == "istio-injection" || key == "istio.io/rev") && m.belongsTo(o.Name) != nil:
			m.tell(Entry{
				Class: Changed, Says: "it had no effect, for pods ask for their sidecars one by one; here it would give all pods of the namespace one, so it is taken off",
				Do: "put it back (istio-injection: enabled) if all pods of the namespace are to have a sidecar",
			}, o, at)
		default:
			continue
		}
		remove(t, "metadata", "labels", key)
		change = true
	}
	return change
}

// ownedRoute keeps a Route that the old operator made, and takes off what makes it the operator's.
func (m *migration) ownedRoute(o *bundle.Object, t tree) bool {
	if getText(t, "metadata", "labels", "maistra.io/generated-by") != "ior" {
		return false
	}
	for _, block := range []string{"labels", "annotations"} {
		for _, key := range sorted(getMap(t, "metadata", block)) {
			if strings.HasPrefix(key, "maistra.io/") {
				remove(t, "metadata", block, key)
			}
		}
	}
	m.tell(Entry{
		Class: Changed, Became: o.ID.String(), Says: "the old operator made it of a Gateway; it is kept, as a Route of your own",
		Do: fmt.Sprintf("take the label off before the old control plane goes, or it takes the Route along: oc label route %s -n %s maistra.io/generated-by-", o.Name, o.Namespace),
	}, o, "")
	return true
}

// networkPolicy chooses members by the label that they have now.
func (m *migration) networkPolicy(o *bundle.Object, t tree) bool {
	const old = "maistra.io/member-of"
	change := false
	var look func(v any, at string)
	look = func(v any, at string) {
		switch v := v.(type) {
		case tree:
			if labels := getMap(v, "namespaceSelector", "matchLabels"); labels[old] != nil {
				namespace, _ := labels[old].(string)
				field := at + `.namespaceSelector.matchLabels["` + old + `"]`
				p := m.planeOf(namespace)
				if p == nil {
					m.tell(Entry{Class: Decide, Says: "no namespace has that label any more, so it lets nobody in or out", Do: "choose the namespaces by a label that they have"}, o, field)
				} else {
					delete(labels, old)
					key, value := p.label()
					labels[key] = value
					change = true
					m.tell(Entry{Class: Mapped, Became: key + ": " + value, Says: "the label of members of that mesh"}, o, field)
				}
			}
			for _, key := range sorted(v) {
				if key != "namespaceSelector" {
					look(v[key], at+"."+key)
				}
			}
		case []any:
			for i, item := range v {
				look(item, fmt.Sprintf("%s[%d]", at, i))
			}
		}
	}
	look(t["spec"], "spec")
	return change
}

// podTemplates are where the pods of a kind are described.
var podTemplates = map[string][]string{
	"Pod": {}, "Deployment": {"spec", "template"}, "StatefulSet": {"spec", "template"}, "DaemonSet": {"spec", "template"},
	"ReplicaSet": {"spec", "template"}, "Job": {"spec", "template"}, "CronJob": {"spec", "jobTemplate", "spec", "template"},
	"DeploymentConfig": {"spec", "template"}, "Rollout": {"spec", "template"},
}

const inject = "sidecar.istio.io/inject"

// injection lets pods ask for their sidecars in the way that is read: by the label, and for one Istio of several by its
// name.
func (m *migration) injection(o *bundle.Object, t tree) bool {
	path, ok := podTemplates[o.Kind]
	if !ok {
		return false
	}
	template := t
	if len(path) > 0 {
		template = getMap(t, path...)
	}
	metadata := getMap(template, "metadata")
	label, annotation := getText(metadata, "labels", inject), getText(metadata, "annotations", inject)
	if label == "" && annotation == "" {
		return false
	}
	p := m.belongsTo(o.Namespace)
	at := func(keys ...string) string { return fieldOf(slices.Concat(path, []string{"metadata"}, keys)) }
	change := false
	if annotation != "" {
		remove(metadata, "annotations", inject)
		if label == "" {
			label = annotation
			set(metadata, "labels", with(orEmpty(getMap(metadata, "labels")), inject, label))
		}
		change = true
		m.tell(Entry{Class: Mapped, Became: "the label " + inject + ": " + label, Says: "the annotation does not bring a pod before the injector, the label does"}, o, at("annotations", inject))
	}
	switch {
	case label != "true":
	case p == nil:
		m.tell(Entry{
			Class: Decide, Says: "its namespace is no member, so it had no sidecar for all that it asks for one; now the injector heeds it",
			Do: "take the label out, or bring the namespace into the mesh",
		}, o, at("labels", inject))
	case p.istio != "default":
		getMap(metadata, "labels")["istio.io/rev"] = p.istio
		change = true
		m.tell(Entry{Class: Mapped, Became: "the label istio.io/rev: " + p.istio, Says: "of several meshes, the pod names its own"}, o, at("labels", inject))
	}
	return change
}

func orEmpty(t tree) tree {
	if t == nil {
		return tree{}
	}
	return t
}
