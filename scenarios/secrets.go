package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/mesh"
)

// A Consumer is how a Secret reaches whoever reads it.
type Consumer string

// The consumers.
const (
	GatewaySDS  Consumer = "gateway"     // istiod gives it to the pods of a gateway, by credentialName
	SidecarSDS  Consumer = "sidecar"     // istiod gives it to a sidecar, by credentialName
	Mounted     Consumer = "files"       // mounted into a sidecar; the keys are the names of the files
	Application Consumer = "application" // mounted into the application itself
)

// A Secret is one that something of a plan reads, and what must be in it.
type Secret struct {
	Namespace, Name string
	Consumer        Consumer
	Reader          string // who reads it, for people: "the sidecar of rest-client-greeting"
	// Pair is the certificate that is shown, with its key (tls.crt and tls.key); nil where the Secret holds a CA alone.
	Pair *Leaf
	// CA says that ca.crt must be there: what verifies the other side.
	CA bool
}

// A Leaf is a certificate that somebody shows.
type Leaf struct {
	Name       string // its own, unlike that of any other: what stores call it
	Server     bool   // shown by a server; else by a client
	CommonName string // for people; at most 64 characters, and empty where a longer one would be needed
	DNS        []string
	IPs        []string
	URIs       []string
}

// Secrets are those that the plans read, given the parts of each that are rendered: each once, with all that any of them
// needs.
func Secrets(plans []*Plan, partsOf func(*Plan) []Part) []Secret {
	var all []Secret
	at := map[string]int{}
	for _, p := range plans {
		for _, s := range p.Secrets(partsOf(p)) {
			i, known := at[s.Namespace+"/"+s.Name]
			if !known {
				at[s.Namespace+"/"+s.Name] = len(all)
				all = append(all, s)
				continue
			}
			if all[i].Pair == nil {
				all[i].Pair = s.Pair
			}
			all[i].CA = all[i].CA || s.CA
		}
	}
	return all
}

// Secrets are those that the plan reads, given the parts that are rendered.
func (p *Plan) Secrets(parts []Part) []Secret {
	has := func(part Part) bool { return slices.Contains(parts, part) }
	if p.Scenario.Family == mesh.TykFamily {
		return p.tykSecrets(has)
	}
	s := p.Spec
	proxied := (s.Encryption == Simple || s.Encryption == Mutual) && !p.systemCA()
	var all []Secret
	switch {
	case proxied && p.Scenario.egress:
		all = append(all, p.clientSecret(s.Egress.Namespace, s.Credentials.Secret, GatewaySDS, "the egress gateway", s.Egress.Service, p.egressAccount()))
	case proxied && p.Scenario.uses("credentials"):
		for _, c := range p.Clients {
			consumer := SidecarSDS
			if c.Credentials.Delivery == "mount" {
				consumer = Mounted
			}
			all = append(all, p.clientSecret(c.Namespace, c.Credentials.Secret, consumer, "the sidecar of "+c.Name, c.Name, c.ServiceAccount))
		}
	case s.Encryption == Passthrough && has(Workload) && p.Scenario.uses("credentials"):
		for _, c := range p.Clients {
			all = append(all, Secret{Namespace: c.Namespace, Name: c.Credentials.Secret, Consumer: Application, Reader: "the sample client", CA: true})
		}
	}
	if p.Scenario.ingress {
		return append(all, p.serverSecrets(has(Workload))...)
	}
	if p.exposesOther(has) {
		all = append(all, p.serverSecrets(true)...)
	}
	return all
}

// clientSecret is what a proxy needs that originates TLS.
func (p *Plan) clientSecret(namespace, name string, consumer Consumer, reader, workload, account string) Secret {
	s := Secret{Namespace: namespace, Name: name, Consumer: consumer, Reader: reader, CA: true}
	if p.Spec.Encryption == Mutual {
		s.Pair = &Leaf{
			Name:       leafName(namespace, name),
			CommonName: commonName(workload + "." + namespace),
			URIs:       []string{fmt.Sprintf("spiffe://%s/ns/%s/sa/%s", trustDomain, namespace, account)},
		}
	}
	return s
}

// trustDomain is that of meshes where nobody sets another.
const trustDomain = "cluster.local"

// egressAccount is the ServiceAccount of the egress gateway's pods: Maistra's operator and Istio's charts name it apart.
func (p *Plan) egressAccount() string {
	if p.Target.BuiltInGateways {
		return p.Spec.Egress.Service + "-service-account"
	}
	return p.Spec.Egress.Service
}

// serverSecrets are those of the exposed side. An application that ends TLS by itself is only known if it is the sample.
func (p *Plan) serverSecrets(sample bool) []Secret {
	x := p.Spec.Expose
	server := p.serverLeaf()
	switch p.Spec.Encryption {
	case Simple, Mutual:
		server.Name = leafName(x.Gateway.Namespace, x.Secret)
		return []Secret{{Namespace: x.Gateway.Namespace, Name: x.Secret, Consumer: GatewaySDS, Reader: "the ingress gateway", Pair: server, CA: p.Spec.Encryption == Mutual}}
	case Passthrough:
		if sample {
			server.Name = leafName(x.Namespace, x.Secret)
			return []Secret{{Namespace: x.Namespace, Name: x.Secret, Consumer: Application, Reader: "the sample service", Pair: server}}
		}
	}
	return nil
}

// serverLeaf is the certificate of the outside service: it has every name that a client of the plan may ask for.
func (p *Plan) serverLeaf() *Leaf {
	v := p.Spec.Service
	leaf := &Leaf{Server: true, CommonName: commonName(v.Host)}
	for _, name := range slices.Concat([]string{v.Host}, v.SubjectAltNames, []string{v.SNI}) {
		leaf.name(name)
	}
	return leaf
}

// name adds a subject alternative name, once, to those of its kind.
func (l *Leaf) name(name string) {
	list := &l.DNS
	if _, err := netip.ParseAddr(name); err == nil {
		list = &l.IPs
	} else if strings.Contains(name, "://") {
		list = &l.URIs
	}
	wild := "*." + name[strings.Index(name, ".")+1:]
	if name != "" && !slices.Contains(*list, name) && !(slices.Contains(*list, wild) && list == &l.DNS) {
		*list = append(*list, name)
	}
}

// Caller is the certificate of somebody outside who calls what the plan exposes with mutual TLS; nil where nobody is asked
// for one. It is for trying the scenario: no Secret holds it.
func (p *Plan) Caller() *Leaf {
	if !p.Scenario.ingress || p.Spec.Encryption != Mutual {
		return nil
	}
	leaf := &Leaf{Name: p.Metadata.Name + "-caller", CommonName: commonName(p.Metadata.Name + "-caller")}
	for _, name := range p.Spec.Expose.ClientNames {
		leaf.name(name)
	}
	if len(p.Spec.Expose.ClientNames) == 0 {
		leaf.name(leaf.Name)
	}
	return leaf
}

// leafName names a certificate after the Secret it is for. No namespace has a dot, so no two Secrets have one name; one that
// is too long for a file is cut, and told apart by a hash.
func leafName(namespace, secret string) string {
	const most = 150
	name := namespace + "." + secret
	if len(name) <= most {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return strings.TrimRight(name[:most-9], "-.") + "-" + hex.EncodeToString(sum[:4])
}

// commonName: X.520 allows 64 characters (RFC 5280, appendix A.1, ub-common-name), and nobody has to have one.
func commonName(name string) string {
	if len(name) > 64 {
		return ""
	}
	return name
}

// need is what must be done about a Secret, for whoever makes it by hand.
func (s Secret) need(cli string) Need {
	var what, files []string
	generic := fmt.Sprintf("%s create secret generic %s -n %s", cli, s.Name, s.Namespace)
	if s.Pair != nil {
		crt := "tls.crt"
		if s.Pair.Server {
			crt += " (for " + strings.Join(slices.Concat(s.Pair.DNS, s.Pair.IPs, s.Pair.URIs), ", ") + ")"
		}
		what, files = []string{crt, "tls.key"}, []string{"--from-file=tls.crt", "--from-file=tls.key"}
	}
	if s.CA {
		ca := "ca.crt"
		if s.Pair != nil && s.Pair.Server {
			ca += " (that signs the callers)"
		}
		what, files = append(what, ca), append(files, "--from-file=ca.crt")
	} else {
		generic, files = fmt.Sprintf("%s create secret tls %s -n %s", cli, s.Name, s.Namespace), []string{"--cert=tls.crt", "--key=tls.key"}
	}
	list := what[len(what)-1]
	if rest := what[:len(what)-1]; len(rest) > 0 {
		list = strings.Join(rest, ", ") + " and " + list
	}
	return Need{
		Secret:  s.Namespace + "/" + s.Name,
		keys:    len(what),
		Text:    fmt.Sprintf("Secret %s/%s with %s: %s reads it there", s.Namespace, s.Name, list, s.Reader),
		Command: generic + " " + strings.Join(files, " "),
	}
}
