package migrate

import (
	"fmt"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// meanings tells of objects that stay as they are and mean something else in the newer Istio.
func (m *migration) meanings() {
	opens := func(g mesh.Gate) bool { return !m.from.Has(g) && m.to.Has(g) }
	for _, o := range m.in {
		switch t := o.Tree(); {
		case is(o, "networking.istio.io", "DestinationRule"):
			m.rule(o, t, opens)
		case o.Kind == "Service" && getText(t, "spec", "type") == "ExternalName" && opens(mesh.ExternalNameAlias):
			m.tell(Entry{
				Class: Changed, aspect: aliases, Says: "it is an alias of the name that it gives, and rules and routes for the Service itself are not heeded",
				Do: "write rules and routes for the outside name, with a ServiceEntry",
			}, o, "spec.type")
		}
	}
	for _, p := range m.planes {
		// What the control plane's own settings would have said is told with them.
		if p.object != nil && opens(mesh.SniffOutbound) && get(p.spec, "proxy", "networking", "protocol", "autoDetect", "outbound") == nil {
			sniffs(m, p, field{[]string{"proxy", "networking", "protocol", "autoDetect", "outbound"}, false})
		}
	}
}

// rule tells what is new about TLS that a DestinationRule makes.
func (m *migration) rule(o *bundle.Object, t tree, opens func(mesh.Gate) bool) {
	eachTLS(t, func(tls tree, at string) {
		mode := getText(tls, "mode")
		if mode != "SIMPLE" && mode != "MUTUAL" {
			return
		}
		named := tls["sni"] != nil
		sans := len(texts(tls["subjectAltNames"])) > 0
		ca := getText(tls, "caCertificates") != "" || getText(tls, "credentialName") != ""
		if opens(mesh.VerifyByDefault) && !ca {
			m.tell(Entry{
				Class: Changed, aspect: verification,
				Says: "it names no CA, so nothing of the server was verified; from Istio 1.21 on it is, by the CA bundle in the proxy's image, and a server with a certificate of another CA is refused",
				Do:   "name the server's CA (caCertificates or credentialName); insecureSkipVerify: true is the old way",
			}, o, at)
		}
		if opens(mesh.AutoSNI) && !named {
			m.tell(Entry{
				Class: Changed, aspect: serverName,
				Says: "it sets no sni: calls that are routed as HTTP went without a server name, and go with the name of the Host header from Istio 1.21 on" +
					map[bool]string{true: ", which is also what the certificate is checked for"}[opens(mesh.AutoSAN) && !sans],
				Do: "set sni, and subjectAltNames, to the name that the server has in its certificate",
			}, o, at)
		}
	})
}

// eachTLS visits the TLS settings of a DestinationRule, of all ports and subsets.
func eachTLS(t tree, visit func(tls tree, at string)) {
	policy := func(policy tree, at string) {
		if tls := getMap(policy, "tls"); tls != nil {
			visit(tls, at+".tls")
		}
		ports, _ := policy["portLevelSettings"].([]any)
		for i, item := range ports {
			if port, ok := item.(tree); ok && getMap(port, "tls") != nil {
				visit(getMap(port, "tls"), fmt.Sprintf("%s.portLevelSettings[%d].tls", at, i))
			}
		}
	}
	if p := getMap(t, "spec", "trafficPolicy"); p != nil {
		policy(p, "spec.trafficPolicy")
	}
	subsets, _ := get(t, "spec", "subsets").([]any)
	for i, item := range subsets {
		if subset, ok := item.(tree); ok && getMap(subset, "trafficPolicy") != nil {
			policy(getMap(subset, "trafficPolicy"), fmt.Sprintf("spec.subsets[%d].trafficPolicy", i))
		}
	}
}
