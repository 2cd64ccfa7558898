package kit

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/scenarios"
)

const aboutTest = `# Tries what apply.sh has made: calls that must be answered, and calls that must fail. Each line says ok or FAILED; the
# exit status is 1 if anything failed.
#
#   CLI=kubectl  PKI=DIR  CACERT=F CERT=F KEY=F  ADDRESS=A PORT=P  CONTAINER=C  ./test.sh`

// What curl ends with when a server turns a client away: in the handshake, or after it (TLS 1.3 reads the certificate
// last), or by HTTP, as nginx does.
const turnedAway = "16|35|52|55|56|92|http400|http401|http403|http495|http496"

// What a proxy does to a call to a host that nothing declares: it answers 502 to HTTP, and closes anything else.
const notLetOut = "35|52|56|http502"

// unverified is what curl ends with when a server's certificate is not to be trusted.
const unverified = "60"

// test is test.sh.
func (k Kit) test(manifests []manifest) []byte {
	s := k.begin("test.sh", aboutTest)
	if k.samples() {
		s.raw("CONTAINER=${CONTAINER-client}")
	} else {
		s.raw("CONTAINER=${CONTAINER:-}")
	}
	for _, m := range manifests {
		k.stands(s, m)
	}
	for _, p := range k.Plans {
		s.raw("\nsay " + Quote(p.Metadata.Name+" ("+p.Scenario.ID+", "+p.Spec.Encryption+")"))
		s.raw(map[bool]string{true: "mutual=yes", false: "mutual=no"}[p.Spec.Encryption == scenarios.Mutual])
		k.pods(s, p)
		k.fromOutside(s, p)
		k.fromClients(s, p)
	}
	s.raw("\n" + `[ "$failed" = 0 ] || die "$KIT: $failed of $checks checks failed"` + "\n" + `say "done: $KIT: $checks checks, all as they must be"`)
	return []byte(s.text.String())
}

// stands checks what others make of an object: a control plane, a member, the pods of a gateway.
func (k Kit) stands(s *script, m manifest) {
	switch {
	case m.Kind == "Deployment":
		s.call("available", m.Namespace, m.Name)
	case m.Kind == "ConfigMap" && m.Name == helmValues:
		istiod, _ := k.istiod(m.Namespace)
		s.call("available", m.Namespace, istiod)
	case hasReady(m):
		s.call("stands", m.Namespace, resource(m), m.Name)
	}
}

// samples tells whether the clients are the sample, whose container is known.
func (k Kit) samples() bool {
	for _, p := range k.Plans {
		if !k.has(p, scenarios.Workload) {
			return false
		}
	}
	return true
}

// pods checks that the workloads have proxies, without which nothing else says anything. A mesh that was made without
// workloads has no pods yet.
func (k Kit) pods(s *script, p *scenarios.Plan) {
	if p.HasClients() && (k.has(p, scenarios.Workload) || !k.has(p, scenarios.ControlPlane)) {
		for _, c := range p.Clients {
			s.call("sidecars", c.Namespace, pairs(c.Labels))
		}
	}
	if k.exposes(p) && k.sample(p) {
		s.call("sidecars", p.Spec.Expose.Namespace, "app="+p.Spec.Expose.Name)
	}
}

// exposes tells whether the plan makes something that is called from outside.
func (k Kit) exposes(p *scenarios.Plan) bool {
	return p.Exposes() || p.Outbound() && k.has(p, scenarios.ServiceSide) && !p.ServiceInCluster()
}

// fromClients calls from the pods of the clients what the scenario lets them call, and what it does not.
func (k Kit) fromClients(s *script, p *scenarios.Plan) {
	if !p.Outbound() {
		return
	}
	v := p.Spec.Service
	for _, c := range p.Clients {
		s.call("from", c.Namespace, c.Name)
		url, options := k.appURL(p)
		if v.Protocol == "tcp" {
			s.call("say", "not tried: "+v.Host+" speaks neither HTTP nor TLS")
		} else {
			s.call("answers "+Quote(c.Name+" calls "+url)+" "+k.want(p)+" client", append(options, url)...)
		}
		if p.Spec.Mesh.Outbound != "registry-only" {
			continue
		}
		const nobody = "undeclared.scenario.test" // no DNS has it (RFC 6761), and the address is nobody's (RFC 5737)
		s.call("refuses "+Quote(c.Name+" calling a host that nothing declares")+" "+Quote(notLetOut)+" client", "--resolve", nobody+":80:192.0.2.1", "http://"+nobody+"/")
		if p.ByGateway() && v.AppPort != v.Port {
			s.call("refuses "+Quote(c.Name+" calling "+v.Host+" past the gateway")+" "+Quote(notLetOut)+" client", fmt.Sprintf("https://%s:%d/", v.Host, v.Port))
		}
	}
}

// appURL is what the application calls, and how curl has to.
func (k Kit) appURL(p *scenarios.Plan) (string, []string) {
	v := p.Spec.Service
	host := strings.Replace(v.Host, "*.", "www.", 1)
	switch {
	case p.Redirects():
		return fmt.Sprintf("http://%s:%d%s", p.Spec.Redirect.Host, p.Spec.Redirect.Port, within(p.Spec.Redirect.Prefix, k.path(p))), nil
	case v.Protocol == "tls":
		url := fmt.Sprintf("https://%s:%d%s", host, v.AppPort, k.path(p))
		if k.has(p, scenarios.Workload) {
			return url, []string{"--cacert", "/etc/app-certs/ca.crt"}
		}
		return url, nil
	case v.Protocol == "http2" || v.Protocol == "grpc":
		return fmt.Sprintf("http://%s:%d%s", host, v.AppPort, k.path(p)), []string{"--http2-prior-knowledge"}
	}
	return fmt.Sprintf("http://%s:%d%s", host, v.AppPort, k.path(p)), nil
}

// path is what is called: what the sample answers, or the root of a service that nobody knows here.
func (k Kit) path(p *scenarios.Plan) string {
	if k.sample(p) && p.Spec.Encryption != scenarios.Passthrough {
		return within(p.Spec.Expose.PathPrefix, "/hello")
	}
	return "/"
}

// within is the usual path where the prefix lets it through, and else the prefix.
func within(prefix, usual string) string {
	if strings.HasPrefix(usual, prefix) {
		return usual
	}
	return prefix
}

// sample tells whether the service that answers is the kit's own.
func (k Kit) sample(p *scenarios.Plan) bool {
	return p.Exposes() && k.has(p, scenarios.Workload) || p.Outbound() && k.has(p, scenarios.ServiceSide)
}

// want is the HTTP status that says that the service answered: that of the sample is known, and of another any but an
// error of a server or a gateway.
func (k Kit) want(p *scenarios.Plan) string {
	if k.sample(p) && within(p.Spec.Expose.PathPrefix, "/hello") == "/hello" {
		return "200"
	}
	return "'[1-4]??'"
}
