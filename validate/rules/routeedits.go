package rules

import (
	"fmt"
	"slices"
	"strings"

	routev1 "github.com/openshift/api/route/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

func (route routeOf) object() validate.Object {
	return validate.Object{Kind: route.Object.Kind, Namespace: route.Object.Namespace, Name: route.Object.Name}
}

// toPort leads a Route to a port of its Service.
func (route routeOf) toPort(port any) []validate.Edit {
	return []validate.Edit{{Object: route.object(), Field: "spec.port.targetPort", Value: port}}
}

// withTermination gives a Route another termination and takes out what the API refuses beside it. A Route that looks into
// requests cannot pass TLS through. Clients that begin without TLS are sent on to https.
func (route routeOf) withTermination(to string, clientTLS bool) []validate.Edit {
	spec, through := route.Spec.Spec, to == string(routev1.TLSTerminationPassthrough)
	if through && (spec.Path != "" || spec.HTTPHeaders != nil) {
		return nil
	}
	if spec.TLS == nil {
		tls := map[string]any{"termination": to}
		if !clientTLS {
			tls["insecureEdgeTerminationPolicy"] = "Redirect"
		}
		return []validate.Edit{{Object: route.object(), Field: "spec.tls", Value: tls}}
	}
	edits := []validate.Edit{{Object: route.object(), Field: "spec.tls.termination", Value: to}}
	if insecure := spec.TLS.InsecureEdgeTerminationPolicy; through && insecure == routev1.InsecureEdgeTerminationPolicyAllow || !clientTLS && insecure != routev1.InsecureEdgeTerminationPolicyRedirect {
		edits = append(edits, validate.Edit{Object: route.object(), Field: "spec.tls.insecureEdgeTerminationPolicy", Value: "Redirect"})
	}
	unfit := []string{"destinationCACertificate"}
	if through {
		unfit = append(unfit, "certificate", "key", "caCertificate", "externalCertificate")
	}
	for _, name := range unfit {
		if field := "spec.tls." + name; route.Object.Has(field) {
			edits = append(edits, validate.Edit{Object: route.object(), Field: field})
		}
	}
	return edits
}

// anyHostIn lets the only server of a gateway's listener take what comes without SNI. Another server there would get
// nothing any more that is not its own by name.
func anyHostIn(p *validate.Pass, h *traffic.Hop) []validate.Edit {
	pod, ok := p.Index.Pod(h.Workload)
	if !ok {
		return nil
	}
	servers := serversAt(p, pod, h.Listener)
	if on, _ := automaticRoutes(p); len(servers) != 1 || on && routed(servers[0].of) {
		return nil // MSH606
	}
	return []validate.Edit{{Object: p.At(servers[0].of.Object, "").Object, Field: servers[0].field + ".hosts", Value: []any{"*"}}}
}

// oneName says how a Route, a gateway's server and a VirtualService come to speak of one host: the first is what clients
// call, so the others get it beside their own, where there is one of each.
func oneName(p *validate.Pass, f *validate.Finding, gateway *traffic.Hop, route routeOf) {
	host := route.Spec.Spec.Host
	f.Fix = "write the same host in the Route, in the Gateway and in the VirtualService"
	pod, ok := p.Index.Pod(gateway.Workload)
	if !ok {
		return
	}
	servers := serversAt(p, pod, gateway.Listener)
	if len(servers) != 1 {
		return
	}
	s := servers[0]
	if holds, _ := inSecret(p, pod.Namespace+"/"+s.GetTls().GetCredentialName()); len(holds.Chain) > 0 && !holds.Names().Cover(host) {
		f.Fix += ", the one that the certificate of the server is for"
		return
	}
	behind := boundTo(p, s.of.ID.Namespace+"/"+s.of.ID.Name)
	if len(behind) != 1 || len(behind[0].Spec.Tcp) > 0 {
		return
	}
	var edits []validate.Edit
	var where []string
	r := behind[0]
	if !s.takes(host) {
		namespace := ""
		if prefix, _, found := strings.Cut(s.Hosts[0], "/"); found {
			namespace = prefix + "/"
		}
		edits = append(edits, validate.Edit{Object: p.At(s.of.Object, "").Object, Field: fmt.Sprintf("%s.hosts[%d]", s.field, len(s.Hosts)), Value: namespace + host})
		where = append(where, s.of.ID.String())
	}
	if !slices.ContainsFunc(r.Spec.Hosts, func(h string) bool { return covers(h, host) }) {
		edits = append(edits, validate.Edit{Object: p.At(r.Object, "").Object, Field: fmt.Sprintf("spec.hosts[%d]", len(r.Spec.Hosts)), Value: host})
		where = append(where, r.ID.String())
	}
	for i, t := range r.Spec.Tls {
		for j, m := range t.Match {
			if !slices.ContainsFunc(m.SniHosts, func(h string) bool { return covers(h, host) }) {
				edits = append(edits, validate.Edit{Object: p.At(r.Object, "").Object, Field: fmt.Sprintf("spec.tls[%d].match[%d].sniHosts[%d]", i, j, len(m.SniHosts)), Value: host})
			}
		}
	}
	if len(where) == 0 {
		return
	}
	f.Fix = fmt.Sprintf("add %s to the hosts of %s; or correct spec.host of the Route, if that is the wrong one", host, strings.Join(where, " and of "))
	f.Edits = edits
}
