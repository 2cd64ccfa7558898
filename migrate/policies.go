package migrate

import "slices"

// networkPolicies were made by the old operator, in its own namespace and in those of members. They are written out where
// that is asked for.
func (m *migration) networkPolicies(p *plane) {
	const name = "spec.security.manageNetworkPolicy"
	if isFalse(get(p.spec, "security", "manageNetworkPolicy")) {
		m.tell(Entry{Class: Dropped, Says: "the old operator made no NetworkPolicies, and the new one makes none"}, p.object, name)
		return
	}
	if m.options.NetworkPolicies && !p.everybody && len(p.selectors) == 0 {
		key, value := p.label()
		for _, namespace := range append([]string{p.namespace}, p.members...) {
			m.closed(namespace, tree{key: value})
		}
		m.policy(p.namespace, "istiod", tree{"matchLabels": tree{"app": "istiod"}}, []any{tree{"ports": []any{tree{"port": 15017}}}}, "the API server reaches istiod's webhooks")
		m.tell(Entry{
			Class: Changed, Became: "NetworkPolicies istio-mesh and istio-expose-route in each namespace of the mesh",
			Says: "they are yours now, and written for the members that these files tell of: a namespace that joins later has none",
			Do:   "write them for namespaces that join later; delete them where they are not wanted",
		}, p.object, name)
		return
	}
	do := "write NetworkPolicies of your own for each namespace of the mesh, before the old control plane is deleted: allow namespaces labelled " +
		labelText(p) + ", and for pods that Routes lead to those labelled network.openshift.io/policy-group: ingress"
	if len(p.selectors) == 0 && !p.everybody {
		do += "; --network-policies writes them"
	}
	m.tell(Entry{
		Class: Changed,
		Says:  "NetworkPolicies are made no longer: members took connections from members of the mesh alone, and from the router to pods labelled maistra.io/expose-route; they take them from everywhere now",
		Do:    do,
	}, p.object, name)
}

// closed lets into a namespace what the old operator's charts did.
// https://github.com/maistra/istio-operator resources/helm/v2.5/mesh-config/templates/networkpolicy.yaml
func (m *migration) closed(namespace string, members tree) {
	from := func(labels tree) []any {
		return []any{tree{"from": []any{tree{"namespaceSelector": tree{"matchLabels": labels}}}}}
	}
	m.policy(namespace, "istio-mesh", tree{}, from(members), "pods take connections from namespaces of the mesh")
	m.policy(namespace, "istio-expose-route", tree{"matchLabels": tree{"maistra.io/expose-route": "true"}},
		from(tree{"network.openshift.io/policy-group": "ingress"}), "the router reaches pods that say so")
}

func (m *migration) policy(namespace, name string, pods tree, ingress []any, why string) {
	m.make(why, tree{
		"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": tree{"namespace": namespace, "name": name},
		"spec": tree{"podSelector": pods, "ingress": ingress, "policyTypes": []any{"Ingress"}},
	})
}

// reached lets everybody reach an ingress gateway, where its namespace is closed.
func (m *migration) reached(g *gateway) {
	p := g.plane
	manages := p.object != nil && !isFalse(get(p.spec, "security", "manageNetworkPolicy"))
	if m.options.NetworkPolicies && manages && g.which == "ingress" && (g.namespace == p.namespace || slices.Contains(p.members, g.namespace)) {
		m.policy(g.namespace, g.name, tree{"matchLabels": g.labels}, []any{tree{}}, "everybody reaches gateway "+g.name)
	}
}
