package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// systemBundle is the file of public CAs in the proxy's image.
const systemBundle = "/etc/ssl/certs/ca-certificates.crt"

// fieldValue is what an object has at a field, or nil.
func fieldValue(o *bundle.Object, field string) any {
	steps, _ := bundle.Steps(field)
	var v any = o.Tree()
	for _, s := range steps {
		switch at := v.(type) {
		case map[string]any:
			v = at[s.Key]
		case []any:
			if s.Index < 0 || s.Index >= len(at) {
				return nil
			}
			v = at[s.Index]
		default:
			return nil
		}
	}
	return v
}

// cleared takes a field of a spec away, with what would be empty around it: Istio refuses policies that say nothing.
func cleared(p *validate.Pass, o *bundle.Object, field string) []validate.Edit {
	for {
		up := field[:max(strings.LastIndexAny(field, ".["), 0)]
		empty := false
		switch v := fieldValue(o, up).(type) {
		case map[string]any:
			_, port := v["port"] // what is left of an entry of portLevelSettings
			empty = len(v) == 1 || len(v) == 2 && port && strings.HasSuffix(up, "]")
		case []any:
			empty = len(v) == 1
		}
		if !empty || !strings.Contains(up, ".") {
			return []validate.Edit{{Object: p.At(o, "").Object, Field: field}}
		}
		field = up
	}
}

// simpleTLS are the settings by which a proxy makes TLS to a host outside and verifies it against the public CAs; nil
// where these cannot know it, or its name is open.
func simpleTLS(p *validate.Pass, host string) map[string]any {
	if wildcard(host) || local(host) {
		return nil
	}
	tls := map[string]any{"mode": "SIMPLE", "sni": host, "subjectAltNames": []any{host}}
	if !p.Target.Has(mesh.VerifyByDefault) {
		tls["caCertificates"] = systemBundle
	}
	return tls
}

// onPort is a traffic policy that sets tls for one port alone.
func onPort(port int, tls map[string]any) map[string]any {
	return map[string]any{"portLevelSettings": []any{map[string]any{"port": map[string]any{"number": port}, "tls": tls}}}
}

// tlsFor makes a DestinationRule set tls for what a hop calls, and leaves other ports as they are. A new entry for the
// port takes the place of all that is set above it, so that it repeats what else is in force.
func tlsFor(p *validate.Pass, r traffic.Of[*networking.DestinationRule], c cluster, tls map[string]any) []validate.Edit {
	object := p.At(r.Object, "").Object
	policies := []string{"spec.trafficPolicy"}
	if i := slices.IndexFunc(r.Spec.Subsets, func(s *networking.Subset) bool { return s.Name == c.subset }); i >= 0 && c.subset != "" {
		policies = append(policies, fmt.Sprintf("spec.subsets[%d].trafficPolicy", i))
	}
	own := policies[len(policies)-1]
	inForce := entryField(r.Spec, c)
	if strings.HasPrefix(inForce, own) {
		return []validate.Edit{{Object: object, Field: inForce + ".tls", Value: tls}}
	}
	if inForce != "" {
		policies[0] = inForce
	}
	entry := map[string]any{}
	for _, policy := range policies {
		set, _ := fieldValue(r.Object, policy).(map[string]any)
		for _, key := range []string{"loadBalancer", "connectionPool", "outlierDetection"} {
			if v, ok := set[key]; ok {
				entry[key] = v
			}
		}
	}
	entry["port"], entry["tls"] = map[string]any{"number": c.port}, tls
	entries, _ := fieldValue(r.Object, own+".portLevelSettings").([]any)
	return []validate.Edit{{Object: object, Field: fmt.Sprintf("%s.portLevelSettings[%d]", own, len(entries)), Value: entry}}
}

// freshRule writes a DestinationRule for the host that a hop calls, where the proxies that call it look: beside its
// ServiceEntry or Service, or beside a gateway, for that alone. Where one for the host is there already, and does not
// count, it writes none.
func freshRule(p *validate.Pass, h *traffic.Hop, policy map[string]any) []validate.Edit {
	host := clusterOf(h).host
	namespace, name := "", strings.Split(strings.TrimLeft(host, "*."), ".")[0]
	if service, ok := strings.CutSuffix(host, ".svc.cluster.local"); ok {
		_, namespace, _ = strings.Cut(service, ".")
	}
	var beside *bundle.Object
	for _, kind := range []string{"ServiceEntry", "Service", "VirtualService"} {
		d, ok := validate.Decided(h, kind)
		if !ok {
			continue
		}
		if beside == nil {
			beside = p.Object(d)
		}
		if kind == "ServiceEntry" {
			namespace, name = d.Namespace, d.Name
		}
	}
	spec := map[string]any{"host": host, "trafficPolicy": policy}
	if h.Proxy == traffic.Gateway {
		namespace, spec["exportTo"] = clientOf(h), []any{"."}
	}
	if beside == nil || namespace == "" {
		return nil
	}
	taken := func(of func(traffic.Of[*networking.DestinationRule]) bool) bool {
		return slices.ContainsFunc(p.Objects.DestinationRules, func(r traffic.Of[*networking.DestinationRule]) bool {
			return r.ID.Namespace == namespace && of(r)
		})
	}
	if taken(func(r traffic.Of[*networking.DestinationRule]) bool { return fullName(r.Spec.Host, namespace) == host }) {
		return nil
	}
	for taken(func(r traffic.Of[*networking.DestinationRule]) bool { return r.ID.Name == name }) {
		name += "-tls"
	}
	return documentBeside(p, beside, "networking.istio.io/"+p.Target.IstioAPI(), validate.Object{Kind: "DestinationRule", Namespace: namespace, Name: name}, spec)
}

// ruleBehind is the DestinationRule that a hop follows.
func ruleBehind(p *validate.Pass, h *traffic.Hop) (traffic.Of[*networking.DestinationRule], bool) {
	d, ok := validate.Decided(h, "DestinationRule")
	if !ok {
		return traffic.Of[*networking.DestinationRule]{}, false
	}
	return ruleNamed(p, d.Namespace+"/"+d.Name)
}

// A tlsUse is a hop that a tls block counts for.
type tlsUse struct {
	proxy   string // its namespace
	cluster cluster
	arrives bool
}

type tlsUsesKey struct{}

// tlsUses are the hops of all paths that a decision of a DestinationRule counts for.
func tlsUses(p *validate.Pass, d traffic.Decision) []tlsUse {
	key := func(d traffic.Decision) string { return d.Namespace + "/" + d.Name + " " + d.Field }
	return validate.Once(p, tlsUsesKey{}, func() map[string][]tlsUse {
		all := map[string][]tlsUse{}
		for _, path := range p.Paths {
			for i := range path.Hops {
				h := &path.Hops[i]
				if d, ok := validate.Decided(h, "DestinationRule"); ok {
					use := tlsUse{clientOf(h), clusterOf(h), path.Outcome.Code == traffic.Arrives}
					if !slices.Contains(all[key(d)], use) {
						all[key(d)] = append(all[key(d)], use)
					}
				}
			}
		}
		return all
	})[key(d)]
}

type passedKey struct{}

// passesTLS tells whether the proxies of a hop's namespace bring the TLS of applications to what it calls.
func passesTLS(p *validate.Pass, h *traffic.Hop) bool {
	return validate.Once(p, passedKey{}, func() map[tlsUse]bool {
		all := map[tlsUse]bool{}
		for _, path := range p.Paths {
			for i := range path.Hops {
				if h := &path.Hops[i]; path.Outcome.Code == traffic.Arrives && h.Wire.Layers > 0 && !originates(path.Hops, i) {
					all[tlsUse{clientOf(h), clusterOf(h), true}] = true
				}
			}
		}
		return all
	})[tlsUse{clientOf(h), clusterOf(h), true}]
}

// leftAlone are the edits by which a proxy passes on what a hop sends as the application made it, and what they do, in
// words. There are none where others send plaintext to the same port, and need the rule.
func leftAlone(p *validate.Pass, h *traffic.Hop) (edits []validate.Edit, how string) {
	rule, _ := validate.Decided(h, "DestinationRule")
	how = fmt.Sprintf("take tls out of %s", rule)
	tls, ok := blockOf(p, rule)
	if !ok {
		return nil, how
	}
	c, shared := clusterOf(h), false
	for _, use := range tlsUses(p, rule) {
		if use.cluster == c && use.arrives {
			return nil, how
		}
		shared = shared || use.cluster != c
	}
	for _, e := range entriesFor(p, c.host) {
		shared = shared || slices.ContainsFunc(e.Spec.Ports, func(one *networking.ServicePort) bool {
			return int(one.Number) != c.port && isHTTP(one.Protocol)
		})
	}
	off := map[string]any{"mode": "DISABLE"}
	beneath := slices.ContainsFunc(settings(tls.of), func(s setting) bool {
		return s.field != rule.Field && (s.port == 0 || s.port == c.port) && (s.subset == "" || s.subset == c.subset)
	})
	switch forPort := strings.Contains(rule.Field, "portLevelSettings"); {
	case wildcard(tls.of.Spec.Host) && !wildcard(c.host):
		return freshRule(p, h, map[string]any{"tls": off}), fmt.Sprintf("write a DestinationRule for exactly %s with trafficPolicy.tls.mode DISABLE", c.host)
	case forPort && beneath:
		return []validate.Edit{{Object: p.Of(rule).Object, Field: rule.Field, Value: off}}, fmt.Sprintf("set tls.mode DISABLE in %s for port %d", rule, c.port)
	case !forPort && (shared || beneath):
		return tlsFor(p, tls.of, c, off), fmt.Sprintf("set tls.mode DISABLE in %s for port %d alone", rule, c.port)
	}
	return cleared(p, tls.of.Object, rule.Field), how
}

// inPlace writes other settings in the place of a tls block, or for what a hop calls alone, where others call by the
// block too.
func inPlace(p *validate.Pass, tls block, c cluster, settings map[string]any) []validate.Edit {
	shared := slices.ContainsFunc(tlsUses(p, tls.by), func(use tlsUse) bool { return use.cluster != c })
	if shared && !strings.Contains(tls.by.Field, "portLevelSettings") {
		return tlsFor(p, tls.of, c, settings)
	}
	return []validate.Edit{{Object: p.Of(tls.by).Object, Field: tls.by.Field, Value: settings}}
}

// asksTLS tells whether the port that a hop sends to is known to take TLS.
func asksTLS(p *validate.Pass, h *traffic.Hop) bool {
	entry, at, ok := declared(p, h.Destination.Host, clusterOf(h).port)
	return h.Destination.Port == 443 || ok && isTLS(entry.Spec.Ports[atIndex(at)].Protocol)
}
