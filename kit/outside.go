package kit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/scenarios"
)

// fromOutside calls the service from where the script runs: what is exposed, by its gateway, and else the outside host
// itself, which shows whether it takes the certificates, before any mesh is between.
func (k Kit) fromOutside(s *script, p *scenarios.Plan) {
	v, x, e := p.Spec.Service, p.Spec.Expose, p.Spec.Encryption
	exposed := k.exposes(p)
	switch {
	case !exposed && (!p.Outbound() || v.Protocol == "tcp" || p.ServiceInCluster() || strings.HasPrefix(v.Host, "*.")):
		return
	case !exposed && e == scenarios.Passthrough && !k.has(p, scenarios.Workload):
		return // what verifies the server is the application's own
	}
	byRouter := p.Target.Routes && (x.Route.Termination == "edge" || x.Route.Termination == "reencrypt")
	scheme, port := "https", 443
	if e == scenarios.None && !byRouter {
		scheme, port = "http", 80
	}
	var where []string
	switch {
	case !exposed:
		port = v.Port
	case p.Target.Routes:
		where = []string{"router", x.Gateway.Namespace, k.routeName(p)}
	default:
		where = []string{"balancer", x.Gateway.Namespace, x.Gateway.Service}
	}
	s.call("reach", append([]string{v.Host, strconv.Itoa(port)}, where...)...)
	url := fmt.Sprintf("%s://%s:%d%s", scheme, v.Host, port, k.path(p))
	answered, refused := "answers "+Quote(v.Host+" answers from outside")+" "+k.want(p)+" outside", func(what, statuses string) string {
		return "refuses " + Quote(v.Host+" called from outside "+what) + " " + Quote(statuses) + " outside"
	}
	switch {
	case scheme == "http":
		s.call(answered, url)
		return
	case byRouter || e == scenarios.Simple && p.Spec.Credentials.CA == "system" && !exposed:
		// The router's certificate, or a public one: CACERT names a CA that the system does not trust.
		s.raw(`set --; [ -z "${CACERT:-}" ] || set -- --capath /dev/null --cacert "$CACERT"`)
		s.raw(answered + ` "$@" ` + Quote(url))
		s.raw(refused("by who trusts another CA", unverified) + ` --capath /dev/null --cacert "$here/wrong-ca.crt" ` + Quote(url))
		return
	}
	s.raw("trusts")
	pair := ""
	if leaf := k.caller(p); leaf != nil {
		s.call("shows", leaf.Name)
		pair = ` --cert "$cert" --key "$key"`
	}
	s.raw(answered + ` --capath /dev/null --cacert "$CACERT"` + pair + " " + Quote(url))
	if pair != "" {
		s.raw(refused("without a certificate", turnedAway) + ` --capath /dev/null --cacert "$CACERT" ` + Quote(url))
	}
	s.raw(refused("by who trusts another CA", unverified) + ` --capath /dev/null --cacert "$here/wrong-ca.crt"` + pair + " " + Quote(url))
	if exposed {
		s.call(refused("without TLS", turnedAway), fmt.Sprintf("http://%s:%d%s", v.Host, port, k.path(p)))
	}
}

// caller is the certificate that is shown from outside; nil where nobody asks for one.
func (k Kit) caller(p *scenarios.Plan) *scenarios.Leaf {
	if p.Spec.Encryption != scenarios.Mutual {
		return nil
	}
	if leaf := p.Caller(); leaf != nil {
		return leaf
	}
	for _, secret := range p.Secrets(k.PartsOf(p)) {
		if secret.Pair != nil && !secret.Pair.Server {
			return secret.Pair
		}
	}
	return nil
}

// routeName is that of the plan's Route (templates/lib/exposed.libsonnet).
func (k Kit) routeName(p *scenarios.Plan) string {
	for _, o := range k.Bundle.Objects {
		if o.Kind != "Route" || o.Namespace != p.Spec.Expose.Gateway.Namespace {
			continue
		}
		spec, _ := o.Tree()["spec"].(map[string]any)
		if host, _ := spec["host"].(string); host == p.Spec.Service.Host {
			return o.Name
		}
	}
	return p.Metadata.Name
}
