package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh711 = validate.Rule{
	ID: "MSH711", Name: "imported-host-path", Category: validate.Peer, Severity: validate.Error, Special: true,
	Title: "an imported service is called by another name than it has here, or without the mesh's TLS",
	Of:    []traffic.Cause{traffic.UnknownService, traffic.Unregistered},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		if len(federated(p)) == 0 {
			return false
		}
		last, n := b.Last()
		host := hostIn(b.Request.To)
		if b.Outcome.Cause == traffic.UnknownService {
			host = last.Cluster[strings.LastIndexByte(last.Cluster, '|')+1:]
		}
		i, ok := importMeant(p, host)
		if !ok {
			return false
		}
		at := callers(p, b.Path)
		for _, v := range p.Objects.VirtualServices {
			for _, d := range routeHosts(v) {
				if d.host == host {
					at = p.At(v.Object, d.field)
				}
			}
		}
		return p.Broken(b, n, misnamed(host, i, at))
	},
	Check: func(p *validate.Pass) {
		if len(federated(p)) == 0 {
			return
		}
		for _, path := range p.Paths {
			// By the name of a Service of this cluster, which the files need not hold: it is called, and imported by another.
			host := hostIn(path.Request.To)
			if i, ok := importMeant(p, host); ok && path.Outcome.Code == traffic.Unknown && !path.Request.Guess {
				f := misnamed(host, i, callers(p, path))
				f.Severity = validate.Warning
				p.Report(validate.Shown(path, 1, f))
			}
		}
		uncovered(p, importedHosts(p))
	},
}

// importMeant is the imported service that has a host by another suffix, and no Service of the files has it.
func importMeant(p *validate.Pass, host string) (traffic.Import, bool) {
	all := importedHosts(p)
	i := slices.IndexFunc(all, func(i traffic.Import) bool { return calledAs(host, i) })
	if _, held := serviceNamed(p, host); i < 0 || held {
		return traffic.Import{}, false
	}
	return all[i], true
}

// calledAs tells whether a host is that of an imported service by another suffix.
func calledAs(host string, i traffic.Import) bool {
	name, suffix, ok := strings.Cut(host, ".svc.")
	own, is, _ := strings.Cut(i.Host, ".svc.")
	return ok && name == own && suffix != is && (suffix == "cluster.local" || strings.HasSuffix(suffix, "-imports.local") || strings.HasSuffix(suffix, "-exports.local"))
}

func misnamed(host string, i traffic.Import, at validate.Place) validate.Finding {
	f := validate.Finding{
		Place:       at,
		Message:     fmt.Sprintf("%s is called, and %s makes it known as %s", host, i.Set, i.Host),
		Consequence: "no service has the name that is called: nobody is there, or somebody else",
		Fix:         "call " + i.Host + "; or import it with importAsLocal and an alias",
	}
	if strings.HasSuffix(at.Field, ".host") {
		f.Edits = []validate.Edit{{Object: at.Object, Field: at.Field, Value: i.Host}}
	}
	return f
}

// callers is where the files call a host: the workload of a request.
func callers(p *validate.Pass, path *traffic.Path) validate.Place {
	namespace, name, _ := strings.Cut(path.Request.From, "/")
	for _, o := range p.Objects.All {
		if o.Name == name && namespaceOf(o) == namespace && o.Has("spec.template") {
			return p.At(o, "spec.template")
		}
	}
	return validate.Place{Object: validate.Object{Kind: "Deployment", Namespace: namespace, Name: name}}
}

// A destinationAt is one of a VirtualService's.
type destinationAt struct{ host, field string }

// routeHosts are those of a VirtualService's routes, with names in full.
func routeHosts(v routesOf) []destinationAt {
	var all []destinationAt
	add := func(d *networking.Destination, field string) {
		if d != nil {
			all = append(all, destinationAt{strings.ToLower(d.Host), field + ".destination.host"})
		}
	}
	for i, r := range v.Spec.Http {
		for j, d := range r.Route {
			add(d.Destination, fmt.Sprintf("spec.http[%d].route[%d]", i, j))
		}
	}
	for i, r := range v.Spec.Tcp {
		for j, d := range r.Route {
			add(d.Destination, fmt.Sprintf("spec.tcp[%d].route[%d]", i, j))
		}
	}
	for i, r := range v.Spec.Tls {
		for j, d := range r.Route {
			add(d.Destination, fmt.Sprintf("spec.tls[%d].route[%d]", i, j))
		}
	}
	return all
}

// uncovered reports imports that nothing gives the mesh's TLS, where it is not automatic: the egress gateway takes no other.
func uncovered(p *validate.Pass, hosts []traffic.Import) {
	if _, _, automatic := p.Index.Mesh(); automatic {
		return
	}
	told := map[string]bool{}
	for _, i := range hosts {
		suffix := i.Host[strings.Index(i.Host, ".svc.")+1:]
		if told[suffix] || suffix == "svc.cluster.local" || slices.ContainsFunc(p.Objects.DestinationRules, func(d traffic.Of[*networking.DestinationRule]) bool {
			return takes(d.Spec.Host, i.Host) && d.Spec.GetTrafficPolicy().GetTls().GetMode() == networking.ClientTLSSettings_ISTIO_MUTUAL
		}) {
			continue
		}
		told[suffix] = true
		set := p.Object(traffic.Decision{Kind: i.Set.Kind, Namespace: i.Set.Namespace, Name: i.Set.Name})
		if set == nil {
			continue
		}
		root, _, _ := p.Index.Mesh()
		p.Report(validate.Finding{
			Place:       p.At(set, i.Field),
			Message:     fmt.Sprintf("the mesh does not choose TLS by itself (automtls), and no DestinationRule says it for *.%s", suffix),
			Consequence: "sidecars send plaintext to the egress gateway, which takes the mesh's mutual TLS only: 503 (UC)",
			Fix:         fmt.Sprintf("write a DestinationRule for *.%s with tls mode ISTIO_MUTUAL; or set automtls: true", suffix),
			Edits: documentBeside(p, set, "networking.istio.io/v1beta1", validate.Object{Kind: "DestinationRule", Namespace: root, Name: i.Peer + "-imports"}, map[string]any{
				"host": "*." + suffix, "trafficPolicy": map[string]any{"tls": map[string]any{"mode": "ISTIO_MUTUAL"}},
			}),
		})
	}
}

// takes tells whether a rule's host is for a host.
func takes(rule, host string) bool {
	rest, open := strings.CutPrefix(rule, "*")
	return rule == host || open && strings.HasSuffix(host, rest)
}
