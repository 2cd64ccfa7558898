package scenarios

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/mesh"
)

const directID = "1a"

// direct: the sidecar itself calls the outside.
var direct = Scenario{
	ID:         directID,
	Title:      "call an outside host directly from the sidecar",
	Encryption: Simple,
	Parts:      []Part{Namespaces, ControlPlane, Members, Workload, ServiceSide, Traffic},
	Default:    []Part{Traffic},
	Uses:       []string{"client", "service", "credentials", "expose"},
	check: func(p *Plan, r *report) {
		checkService(p, r)
		checkCredentials(p, r)
		s := p.Spec
		if isWildcard(s.Service.Host) {
			if s.Encryption == Simple || s.Encryption == Mutual {
				r.problem("spec.service.host", "let the application do the TLS: encryption passthrough carries wildcards", "a sidecar that originates TLS cannot tell the hosts behind %s apart", s.Service.Host)
			} else if s.Service.AppPort != s.Service.Port {
				r.problem("spec.service.appPort", "make appPort and port the same", "a wildcard has no address of its own, so the port that is dialled is the one on the wire")
			}
		}
		if s.Service.Protocol == "tcp" && len(s.Service.Addresses) == 0 {
			r.problem("spec.service.protocol", "give the addresses that the application dials in service.addresses, or use protocol tls if it begins with TLS and sends the name", "plain tcp has no host name on the wire, so the port would take the traffic of every other host")
		}
		p.checkClusterHost(r)
	},
	names: func(p *Plan) []string { return []string{p.Spec.Client.Namespace} },
	claims: func(p *Plan) []claim {
		s := p.Spec
		claims := []claim{{place: "in namespace " + s.Client.Namespace, what: s.Service.Host, path: "spec.service.host", mergeable: true}}
		for i, address := range s.Service.Addresses {
			claims = append(claims, claim{place: "in namespace " + s.Client.Namespace, what: fmt.Sprintf("%s:%d", address, s.Service.AppPort), path: fmt.Sprintf("spec.service.addresses[%d]", i), mergeable: true})
		}
		return append(claims, p.mountClaims()...)
	},
	needs: func(p *Plan, has func(Part) bool) []Need {
		needs := append(p.meshNeeds(has), p.clusterHostNeeds()...)
		needs = append(needs, p.appTLSNeeds()...)
		needs = append(needs, p.sidecarNeeds(has, p.Spec.Service.Host)...)
		needs = append(needs, p.failoverNeeds()...)
		return append(needs, p.otherSideNeeds(has)...)
	},
}

// checkService holds encryption, protocol and addresses of the outside service against each other.
func checkService(p *Plan, r *report) {
	v, e := p.Spec.Service, p.Spec.Encryption
	proxied := e == Simple || e == Mutual
	switch {
	case e == Passthrough && v.Protocol != "tls":
		r.problem("spec.service.protocol", "leave protocol out", "with encryption passthrough the application sends TLS, so the mesh sees protocol tls, not %s", v.Protocol)
	case proxied && v.Protocol == "tls":
		r.problem("spec.service.protocol", "encryption passthrough leaves the TLS to the application; or let it speak http and the proxy add the TLS", "the application's TLS inside the TLS that encryption %s adds would be TLS inside TLS", e)
	case e == None && v.Protocol == "tls":
		r.problem("spec.service.protocol", "use encryption passthrough", "an application that sends TLS is not unencrypted")
	}
	if isWildcard(v.Host) && len(v.Endpoints) > 0 {
		r.problem("spec.service.endpoints", "leave endpoints out, or name one host", "many hosts behind %s cannot all be at these endpoints", v.Host)
	}
	if len(v.Addresses) > 0 && v.Protocol != "tcp" {
		r.problem("spec.service.addresses", "leave addresses out", "protocol %s is told apart by name, not by address", v.Protocol)
	}
	if !proxied {
		for _, field := range []string{"sni", "subjectAltNames"} {
			if path := "spec.service." + field; p.draft.Written(path) {
				r.problem(path, "leave it out", "with encryption %s no proxy verifies the server", e)
			}
		}
	}
	for i, endpoint := range v.Endpoints {
		if endpoint.Address == "" {
			r.problem(fmt.Sprintf("spec.service.endpoints[%d].address", i), "", "missing")
		}
	}
}

// checkCredentials holds credentials against what the target can deliver.
func checkCredentials(p *Plan, r *report) {
	k, e := p.Spec.Credentials, p.Spec.Encryption
	useless := func(reason string, fields ...string) {
		for _, field := range fields {
			if path := "spec.credentials." + field; p.draft.Written(path) {
				r.problem(path, "leave it out", "%s", reason)
			}
		}
	}
	switch e {
	case None:
		useless("with encryption none no proxy needs credentials", "secret", "delivery", "ca", "mountPath")
		return
	case Passthrough:
		// The Secret is the sample client's.
		useless("with encryption passthrough no proxy needs credentials", "delivery", "ca", "mountPath")
		return
	}
	if k.CA == "system" {
		switch {
		case e == Mutual:
			r.refuse("with mutual TLS the CA comes from the same Secret as the client's certificate", "put the public CA into ca.crt of the Secret and leave credentials.ca out")
		case !p.Target.Has(mesh.SystemCA):
			r.refuse(fmt.Sprintf("%s knows no CA bundle of its own, and without a CA it verifies no server", p.Target.Product), "put the public CA into ca.crt of the Secret and leave credentials.ca out")
		}
		useless("with ca system no Secret is needed", "secret", "delivery", "mountPath")
		return
	}
	if p.Scenario.egress {
		if p.draft.Written("spec.credentials.delivery") && k.Delivery != "sds" {
			r.problem("spec.credentials.delivery", "leave it out: a gateway reads its Secret by SDS on every target", "a gateway is given no mounted files")
		}
		useless("a gateway is given no mounted files", "mountPath")
		return
	}
	if k.Delivery == "sds" {
		if !p.Target.Has(mesh.DRCredentialOnSidecar) {
			r.refuse(fmt.Sprintf("%s cannot deliver a Secret to a sidecar by SDS: credentialName there would leave the traffic in plaintext", p.Target.Product), "use --credentials mount, or 1b, where the gateway holds the credentials")
		}
		useless("with delivery sds nothing is mounted", "mountPath")
	}
}

// mountClaims: the annotations of a Deployment mount one Secret into its sidecar.
func (p *Plan) mountClaims() []claim {
	s := p.Spec
	if s.Encryption != Simple && s.Encryption != Mutual || s.Credentials.Delivery != "mount" || p.systemCA() {
		return nil
	}
	return []claim{{
		place: fmt.Sprintf("of Deployment %s/%s", s.Client.Namespace, s.Client.Name), what: "the Secret mounted into the sidecar",
		path: "spec.credentials", value: s.Credentials.Secret + " at " + s.Credentials.MountPath,
		hint: "put both certificates into the files of one Secret, or deliver them by sds where the target can",
	}}
}

// systemCA tells that no Secret is needed: the server alone is verified, with the CA bundle of the image.
func (p *Plan) systemCA() bool {
	return p.Spec.Encryption == Simple && p.Spec.Credentials.CA == "system"
}

// clusterNamespace is the namespace of a Service of this cluster, by its host, or "".
func clusterNamespace(host string) string {
	name, isService := strings.CutSuffix(host, clusterSuffix)
	if !isService {
		return ""
	}
	return name[strings.LastIndex(name, ".")+1:]
}

// checkClusterHost refuses to declare a mesh's own Service as an outside host.
func (p *Plan) checkClusterHost(r *report) {
	if ns := clusterNamespace(p.Spec.Service.Host); ns != "" && ns == p.Spec.Client.Namespace {
		r.problem("spec.service.host", "call it by its name without any of this, or lead it outside with scenario redirect", "%s is in the client's own namespace, so it is a Service of the mesh, not outside of it", p.Spec.Service.Host)
	}
}
