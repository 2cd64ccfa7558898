package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

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
	if item == nil || len(name) > 63 {
		return nil
	}
	exportTo := []any{"."}
	if d.owner != d.client {
		exportTo = append(exportTo, d.client)
	}
	return newObject(p, beside, validate.Object{Kind: "ServiceEntry", Namespace: d.owner, Name: name}, "networking.istio.io/"+p.Target.IstioAPI(), map[string]any{
		"spec": map[string]any{"hosts": []any{d.host}, "exportTo": exportTo, "resolution": "DNS", "ports": []any{item}},
	})
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
