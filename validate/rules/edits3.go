package rules

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// protocolOf is what a ServiceEntry calls that which an application sends to a URL.
func protocolOf(url string) string {
	scheme, _, _ := strings.Cut(url, "://")
	return map[string]string{"http": "HTTP", "h2c": "HTTP2", "https": "HTTPS", "tls": "TLS", "tcp": "TCP"}[scheme]
}

// A declaration is a port of a host that a ServiceEntry is to have, for what a client sends there.
type declaration struct {
	client, owner string // namespaces: of the client, and of the ServiceEntry
	host          string
	port          int
	protocol      string
}

// spoken is what a fix says of the port's protocol.
func (d declaration) spoken() string {
	if d.protocol == "" {
		return ""
	}
	return " (" + d.protocol + ")"
}

// item is the port as an entry of spec.ports. It is nil where another mistake would come of it, for which the user has to
// decide something.
func (d declaration) item(p *validate.Pass, taken []string) map[string]any {
	item := map[string]any{"number": d.port, "name": strings.ToLower(d.protocol), "protocol": d.protocol}
	if slices.Contains(taken, strings.ToLower(d.protocol)) {
		item["name"] = fmt.Sprintf("%s-%d", strings.ToLower(d.protocol), d.port)
	}
	mode, made := d.tls(p)
	switch {
	case d.protocol == "", d.port == 0:
		return nil
	case made && (mode == networking.ClientTLSSettings_ISTIO_MUTUAL || !isHTTP(d.protocol)):
		return nil // a rule that would count then makes TLS of its own
	case isHTTP(d.protocol) && d.port == 443 && !p.Target.Has(mesh.SniffOutbound):
		return nil // MSH313
	case isBytes(d.protocol) && !d.apart(p, ""):
		return nil // MSH311, MSH312
	case made && d.port == 80:
		item["targetPort"] = 443
	}
	return item
}

// tls is the mode of the TLS that the client's sidecar would make, if the port were declared.
func (d declaration) tls(p *validate.Pass) (networking.ClientTLSSettings_TLSmode, bool) {
	root, _, _ := p.Index.Mesh()
	for _, r := range rulesFor(p, d.host) {
		if !slices.Contains([]string{d.client, d.owner, root}, r.ID.Namespace) ||
			!p.Index.Exported("DestinationRule", r.Spec.ExportTo, r.ID.Namespace, d.client) {
			continue
		}
		for _, s := range settings(r) {
			if s.subset == "" && (s.port == 0 || s.port == d.port) {
				return s.tls.Mode, true
			}
		}
	}
	return 0, false
}

// apart tells whether bytes for a port without an address are told from what else the client sends to that port, but for
// what one object declares.
func (d declaration) apart(p *validate.Pass, but string) bool {
	if answersDNS(p, d.client) {
		return true
	}
	_, http := httpOn(p, d.client, d.port, but)
	return http == "" && d.port != 80 && d.port != 443 && !slices.ContainsFunc(p.Objects.ServiceEntries, func(e entryOf) bool {
		_, at, ok := declaredIn([]entryOf{e}, d.port)
		return ok && takesAll(e) && isBytes(e.Spec.Ports[atIndex(at)].Protocol) && seen(p, e, d.client)
	})
}

// portEdit adds the port to a ServiceEntry.
func (d declaration) portEdit(p *validate.Pass, e entryOf) []validate.Edit {
	var taken []string
	for _, one := range e.Spec.Ports {
		taken = append(taken, one.Name)
	}
	d.owner = e.ID.Namespace
	item := d.item(p, taken)
	if item == nil {
		return nil
	}
	return []validate.Edit{{Object: p.At(e.Object, "").Object, Field: fmt.Sprintf("spec.ports[%d]", len(e.Spec.Ports)), Value: item}}
}

// entryEdit writes a ServiceEntry for the port, into the file of another object. Of an address there is no name to give
// it, and a Service of the cluster is not for us to declare.
func (d declaration) entryEdit(p *validate.Pass, beside validate.Object) []validate.Edit {
	if _, err := netip.ParseAddr(d.host); err == nil || beside.Kind == "" || !strings.Contains(d.host, ".") ||
		strings.HasSuffix(serviceName(d.host, d.client), ".svc.cluster.local") && elsewhere(p, d.host, d.client) {
		return nil
	}
	item := d.item(p, nil)
	name := strings.ReplaceAll(strings.ToLower(d.host), ".", "-")
	if item == nil || len(name) > 63 || slices.ContainsFunc(p.Objects.ServiceEntries, func(e entryOf) bool {
		return e.ID.Namespace == d.owner && e.ID.Name == name
	}) {
		return nil
	}
	exportTo := []any{"."}
	if d.owner != d.client {
		exportTo = append(exportTo, d.client)
	}
	metadata := map[string]any{"name": name}
	object := validate.Object{Kind: "ServiceEntry", Name: name}
	if d.owner != "default" || beside.Namespace != "" { // whoever leaves it out has something else write it
		object.Namespace, metadata["namespace"] = d.owner, d.owner
	}
	return []validate.Edit{{Object: object, Beside: &beside, Value: map[string]any{
		"apiVersion": "networking.istio.io/" + p.Target.IstioAPI(), "kind": "ServiceEntry", "metadata": metadata,
		"spec": map[string]any{"hosts": []any{d.host}, "exportTo": exportTo, "resolution": "DNS", "ports": []any{item}},
	}}}
}

// wanted is what a way that does not arrive asks of a ServiceEntry of the client's namespace.
func wanted(b *validate.Break) declaration {
	dialled, client := b.Hops[0].Destination, clientOf(&b.Hops[0])
	return declaration{client, client, dialled.Host, dialled.Port, protocolOf(b.Request.To)}
}

// clientObject is what starts a client, or else another object.
func clientObject(p *validate.Pass, h *traffic.Hop, other validate.Object) validate.Object {
	if t, ok := templateOf(p, h.Workload); ok {
		return p.At(t.object, "").Object
	}
	return other
}

// importOf is what a Sidecar lists to import a host from a ServiceEntry.
func importOf(e entryOf, host string) string {
	i := slices.IndexFunc(e.Spec.Hosts, func(h string) bool { return covers(h, host) })
	switch {
	case i >= 0:
		host = e.Spec.Hosts[i]
	case len(e.Spec.Hosts) > 0: // called by its address
		host = e.Spec.Hosts[0]
	}
	return e.ID.Namespace + "/" + host
}

// importEdit adds a host to the listener of a Sidecar that takes what goes to a port, or gives it a listener for all ports.
func importEdit(p *validate.Pass, s traffic.Of[*networking.Sidecar], port int, host string) []validate.Edit {
	edit := validate.Edit{Object: p.At(s.Object, "").Object, Field: fmt.Sprintf("spec.egress[%d]", len(s.Spec.Egress)), Value: map[string]any{"hosts": []any{host}}}
	for i, l := range s.Spec.Egress {
		n := int(l.GetPort().GetNumber())
		if l.Bind != "" || l.CaptureMode == networking.CaptureMode_NONE || n != 0 && n != port {
			continue
		}
		edit.Field, edit.Value = fmt.Sprintf("spec.egress[%d].hosts[%d]", i, len(l.Hosts)), host
		if n == port {
			break // it is asked before the one without a port
		}
	}
	return []validate.Edit{edit}
}

// repeated writes a tls block into the rule that counts in place of its own, for a cluster.
func repeated(p *validate.Pass, m miss, winner traffic.Decision, c cluster) []validate.Edit {
	tls, ok := valueAt(m.rule.Object, m.field)
	own := rulesNamed(p)[winner.Namespace+"/"+winner.Name]
	if !ok || len(own) != 1 || m.subset != "" && m.subset != c.subset {
		return nil
	}
	field := "spec.trafficPolicy"
	if i := slices.IndexFunc(own[0].Spec.Subsets, func(s *networking.Subset) bool { return s.Name == c.subset }); m.subset != "" {
		if i < 0 {
			return nil
		}
		field = fmt.Sprintf("spec.subsets[%d].trafficPolicy", i)
	}
	at := p.At(own[0].Object, "").Object
	if entry := entryField(own[0].Spec, c); entry != "" {
		return []validate.Edit{{Object: at, Field: entry + ".tls", Value: tls}}
	}
	if m.port == 0 {
		return []validate.Edit{{Object: at, Field: field + ".tls", Value: tls}}
	}
	levels := own[0].Spec.TrafficPolicy.GetPortLevelSettings()
	if m.subset != "" {
		levels = own[0].Spec.Subsets[atIndex(field)].TrafficPolicy.GetPortLevelSettings()
	}
	return []validate.Edit{{Object: at, Field: fmt.Sprintf("%s.portLevelSettings[%d]", field, len(levels)), Value: map[string]any{
		"port": map[string]any{"number": m.port}, "tls": tls,
	}}}
}

// valueAt is what an object has written at a field.
func valueAt(o *bundle.Object, field string) (any, bool) {
	steps, ok := bundle.Steps(field)
	var at any = o.Tree()
	for _, step := range steps {
		if items, _ := at.([]any); step.Index >= 0 {
			if step.Index >= len(items) {
				return nil, false
			}
			at = items[step.Index]
			continue
		}
		fields, _ := at.(map[string]any)
		if at, ok = fields[step.Key]; !ok {
			return nil, false
		}
	}
	return at, ok
}

// subsetEdit writes a subset of a rule into the one that counts in its place, with what the subset has from above it.
func subsetEdit(p *validate.Pass, of, winner traffic.Of[*networking.DestinationRule], i int) []validate.Edit {
	item, ok := valueAt(of.Object, fmt.Sprintf("spec.subsets[%d]", i))
	if !ok {
		return nil
	}
	subset, _ := item.(map[string]any)
	above, _ := valueAt(of.Object, "spec.trafficPolicy")
	if policy, ok := above.(map[string]any); ok {
		own, _ := subset["trafficPolicy"].(map[string]any)
		maps.Copy(policy, own)
		subset["trafficPolicy"] = policy
	}
	return []validate.Edit{{Object: p.At(winner.Object, "").Object, Field: fmt.Sprintf("spec.subsets[%d]", len(winner.Spec.Subsets)), Value: subset}}
}

func list(texts []string) []any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = text
	}
	return all
}
