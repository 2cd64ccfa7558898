package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// originating shows each hop of a path that arrives whose proxy makes SIMPLE or MUTUAL TLS, with the tls block that says
// so. i counts from 0.
func originating(p *validate.Pass, show func(path *traffic.Path, i int, h *traffic.Hop, tls block)) {
	encrypting(p, func(path *traffic.Path, i int, h *traffic.Hop, tls block) {
		if h.Wire.Mode != traffic.IstioMutual {
			show(path, i, h, tls)
		}
	})
}

// encrypting is as originating, and shows hops with the mesh's own mutual TLS too, where a tls block says so.
func encrypting(p *validate.Pass, show func(path *traffic.Path, i int, h *traffic.Hop, tls block)) {
	type found struct {
		path, hop int
		tls       block
	}
	for _, f := range validate.Once(p, encryptingKey{}, func() (all []found) {
		for n := range p.Paths {
			path := p.Paths[n]
			if path.Outcome.Code != traffic.Arrives {
				continue
			}
			for i := range path.Hops {
				d, ok := validate.Decided(&path.Hops[i], "DestinationRule")
				if !ok || !originates(path.Hops, i) {
					continue
				}
				if tls, ok := blockOf(p, d); ok {
					all = append(all, found{n, i, tls})
				}
			}
		}
		return all
	}) {
		path := p.Paths[f.path]
		show(path, f.hop, &path.Hops[f.hop], f.tls)
	}
}

type encryptingKey struct{}

// A block is a tls block of a DestinationRule that had a say in a hop, be it to make none.
type block struct {
	by traffic.Decision
	of traffic.Of[*networking.DestinationRule]
	*networking.ClientTLSSettings
}

func blockOf(p *validate.Pass, d traffic.Decision) (block, bool) {
	type at struct{ namespace, name, field string }
	found, ok := validate.Once(p, blocksKey{}, func() map[at]block {
		all := map[at]block{}
		for _, r := range p.Objects.DestinationRules {
			for _, s := range settingsWhere(r, func(t *networking.ClientTLSSettings) bool { return t != nil }) {
				if key := (at{r.ID.Namespace, r.ID.Name, s.field}); all[key].of.Object == nil {
					all[key] = block{of: r, ClientTLSSettings: s.tls}
				}
			}
		}
		return all
	})[at{d.Namespace, d.Name, d.Field}]
	found.by = d
	return found, ok
}

type blocksKey struct{}

// clientTLS is the tls block that decided a hop.
func clientTLS(p *validate.Pass, d traffic.Decision) *networking.ClientTLSSettings {
	tls, _ := blockOf(p, d)
	return tls.ClientTLSSettings
}

type rulesNamedKey struct{}

// ruleNamed is the DestinationRule of a NAMESPACE/NAME.
func ruleNamed(p *validate.Pass, name string) (traffic.Of[*networking.DestinationRule], bool) {
	r, ok := validate.Once(p, rulesNamedKey{}, func() map[string]traffic.Of[*networking.DestinationRule] {
		return byFullName(p.Objects.DestinationRules)
	})[name]
	return r, ok
}

// entryBehind is the ServiceEntry that a hop sends to.
func entryBehind(p *validate.Pass, h *traffic.Hop) (traffic.Of[*networking.ServiceEntry], bool) {
	d, ok := validate.Decided(h, "ServiceEntry")
	if !ok {
		return traffic.Of[*networking.ServiceEntry]{}, false
	}
	for _, e := range entriesFor(p, h.Destination.Host) {
		if e.ID.Namespace == d.Namespace && e.ID.Name == d.Name {
			return e, true
		}
	}
	return traffic.Of[*networking.ServiceEntry]{}, false
}

// inBand are the ports of protocols that begin in plaintext, and turn to TLS in the middle of the talk.
var inBand = map[int]string{
	21: "FTP", 25: "SMTP", 110: "POP3", 143: "IMAP", 389: "LDAP", 587: "SMTP", 3306: "MySQL", 5432: "PostgreSQL",
}

// inBandAt is the protocol of the port that a hop sends to, where that begins in plaintext.
func inBandAt(p *validate.Pass, h *traffic.Hop) string {
	entry, at, ok := declared(p, h.Destination.Host, clusterOf(h).port)
	if !ok || isHTTP(entry.Spec.Ports[atIndex(at)].Protocol) {
		return ""
	}
	return inBand[h.Destination.Port]
}

// local tells whether a name is one that only a cluster or a local network resolves, which no public CA vouches for.
func local(host string) bool {
	return !strings.Contains(host, ".") || slices.ContainsFunc([]string{".local", ".svc", ".internal", ".localdomain"}, func(end string) bool {
		return strings.HasSuffix(host, end)
	})
}

// wrongNameSent says what follows where a server gets a name that is not its own.
func wrongNameSent(h *traffic.Hop) string {
	text := fmt.Sprintf("the server has no site of that name: it resets the handshake, or shows another certificate than the one for %s", h.Destination.Host)
	if len(h.Verify.Server.Names) > 0 {
		text += fmt.Sprintf(", and the proxy accepts %s only: 503 UF, CERTIFICATE_VERIFY_FAILED", strings.Join(h.Verify.Server.Names, " or "))
	}
	return text
}
