package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// onlyWayOut is a NetworkPolicy that lets a client's pods reach those that paths lead them to, their own namespace, istiod
// and the name servers. There is none where a path leads straight out of the cluster, or where the pods' labels tell
// nothing of them.
func onlyWayOut(p *validate.Pass, client traffic.Pod, beside *bundle.Object) []validate.Edit {
	own := selectorOf(p, client)
	peers := map[string]any{}
	for _, path := range p.Paths {
		if len(path.Hops) == 0 || path.Hops[0].Workload != podName(client) || path.Outcome.Code != traffic.Arrives && path.Outcome.Code != traffic.Unknown {
			continue
		}
		i := slices.IndexFunc(path.Hops, func(h traffic.Hop) bool { return h.Workload != podName(client) })
		if i < 0 {
			return nil
		}
		to, ok := p.Index.Pod(path.Hops[i].Workload)
		if !ok {
			return nil
		}
		if to.Namespace != client.Namespace {
			peers[podName(to)] = policyPeer(to.Namespace, selectorOf(p, to))
		}
	}
	if len(own) == 0 {
		return nil
	}
	root, _, _ := p.Index.Mesh()
	port := func(number int, protocol string) map[string]any {
		return map[string]any{"port": number, "protocol": protocol}
	}
	rules := []any{
		map[string]any{
			"to":    []any{policyPeer(p.Target.DNS.Namespace, nil)},
			"ports": []any{port(p.Target.DNS.Port, "UDP"), port(p.Target.DNS.Port, "TCP")},
		},
		map[string]any{"to": []any{policyPeer(root, map[string]string{"app": "istiod"})}, "ports": []any{port(15012, "TCP")}},
		map[string]any{"to": []any{map[string]any{"podSelector": map[string]any{}}}},
	}
	for _, name := range slices.Sorted(maps.Keys(peers)) {
		rules = append(rules, map[string]any{"to": []any{peers[name]}})
	}
	policy := validate.Object{Kind: "NetworkPolicy", Namespace: client.Namespace, Name: client.Name + "-egress-only"}
	return documentBeside(p, beside, "networking.k8s.io/v1", policy, map[string]any{
		"podSelector": map[string]any{"matchLabels": labelTree(own)}, "policyTypes": []any{"Egress"}, "egress": rules,
	})
}

// policyPeer is pods of a namespace, as a NetworkPolicy means them; without labels, all of them.
func policyPeer(namespace string, labels map[string]string) map[string]any {
	to := map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{byName: namespace}}}
	if len(labels) > 0 {
		to["podSelector"] = map[string]any{"matchLabels": labelTree(labels)}
	}
	return to
}

// selectorOf are the labels by which one knows a pod: of a gateway those that Gateways select, of another those that are
// not the mesh's.
func selectorOf(p *validate.Pass, pod traffic.Pod) map[string]string {
	for _, g := range p.Objects.Gateways {
		if pod.Gateway && len(g.Spec.Selector) > 0 && within(g.Spec.Selector, pod.Labels) {
			return g.Spec.Selector
		}
	}
	own := map[string]string{}
	for k, v := range pod.Labels {
		if !strings.Contains(k, "istio.io/") && !strings.Contains(k, "maistra.io/") && k != "pod-template-hash" {
			own[k] = v
		}
	}
	return own
}

func labelTree(labels map[string]string) map[string]any {
	all := map[string]any{}
	for k, v := range labels {
		all[k] = v
	}
	return all
}

// onlyClients is an AuthorizationPolicy by which a gateway refuses a host to all but the clients of the files. It denies
// whom it does not name, for one that allows would refuse all other hosts to everybody. There is none where a client comes
// without a certificate of the mesh, or where the gateway does not read HTTP.
func onlyClients(p *validate.Pass, of *traffic.Path, beside *bundle.Object) []validate.Edit {
	gateway := egress(of)
	pod, ok := p.Index.Pod(gateway.Workload)
	if !ok {
		return nil
	}
	var clients, hosts []any
	add := func(list *[]any, one string) {
		if !slices.Contains(*list, any(one)) {
			*list = append(*list, one)
		}
	}
	for _, path := range p.Paths {
		h := egress(path)
		if h == nil || h.Workload != gateway.Workload || h.Destination.Host != gateway.Destination.Host {
			continue
		}
		client, ok := p.Index.Pod(path.Hops[0].Workload)
		if !ok || client.Assumed || h.Route == "" || h.Terminates == nil || path.Hops[1].Wire.Mode != traffic.IstioMutual {
			return nil
		}
		host := bareHost(path.Hops[1].Destination.Authority)
		add(&clients, fmt.Sprintf("cluster.local/ns/%s/sa/%s", client.Namespace, client.Account))
		add(&hosts, host)
		add(&hosts, host+":*")
	}
	policy := validate.Object{Kind: "AuthorizationPolicy", Namespace: pod.Namespace, Name: "only-clients-of-" + strings.ReplaceAll(strings.TrimPrefix(gateway.Destination.Host, "*."), ".", "-")}
	return documentBeside(p, beside, "security.istio.io/"+p.Target.IstioAPI(), policy, map[string]any{
		"selector": map[string]any{"matchLabels": labelTree(selectorOf(p, pod))},
		"action":   "DENY",
		"rules": []any{map[string]any{
			"from": []any{map[string]any{"source": map[string]any{"notPrincipals": clients}}},
			"to":   []any{map[string]any{"operation": map[string]any{"hosts": hosts}}},
		}},
	})
}

// copyFor is an object of the files once more, for another namespace and for that alone.
func copyFor(p *validate.Pass, o *bundle.Object, namespace string) []validate.Edit {
	var tree struct{ Spec map[string]any }
	if json.Unmarshal(o.JSON, &tree) != nil || tree.Spec == nil {
		return nil
	}
	tree.Spec["exportTo"] = []any{"."}
	return documentBeside(p, o, o.APIVersion, validate.Object{Kind: o.Kind, Namespace: namespace, Name: o.Name}, tree.Spec)
}
