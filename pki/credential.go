package pki

import (
	"fmt"
	"slices"
	"strings"
)

// suffix ends the name by which a proxy asks for the CA of a credential.
const suffix = "-cacert"

// A Use is what a credential is named for.
type Use string

// The uses, by the field that names the Secret and its mode.
const (
	GatewaySimple Use = "server of a Gateway, SIMPLE"
	GatewayMutual Use = "server of a Gateway, MUTUAL"
	ClientSimple  Use = "DestinationRule, SIMPLE"
	ClientMutual  Use = "DestinationRule, MUTUAL"
)

func (u Use) pair() bool { return u != ClientSimple }
func (u Use) ca() bool   { return u != GatewaySimple }

// Lacks says what a use needs and the material does not have.
func (m Material) Lacks(use Use) []Fault {
	var faults []Fault
	if use.pair() && m.Served.Cert == "" {
		faults = append(faults, Fault{
			Rule: "MSH519", Kind: NoPair, Breaks: true,
			Message:     fmt.Sprintf("there is no certificate and key for %s", use),
			Consequence: "istiod serves none: the listener or cluster waits for its certificate for ever",
			Fix:         "Add tls.crt and tls.key",
		})
	}
	if use.ca() && m.Served.CA == "" {
		faults = append(faults, Fault{
			Rule: "MSH504", Kind: NoCA, Breaks: true,
			Message:     fmt.Sprintf("there is no CA for %s", use),
			Consequence: "istiod serves none: the listener or cluster waits for it for ever, and no connection is made",
			Fix:         "Add ca.crt (or cacert) with the CA of the other side, or a Secret of that name with " + suffix + " at its end",
		})
	}
	return faults
}

// Credential reads what a proxy is given for a credentialName. It asks for the CA by the name with -cacert at its end;
// where that Secret exists it alone counts, even if it holds no CA, and otherwise the Secret of the name itself. Get
// looks into the namespace of the proxy.
func (r *Reader) Credential(name string, use Use, get func(name string) (Secret, bool)) (Material, []Fault) {
	var m Material
	var faults []Fault
	own, there := get(name)
	if use.pair() {
		switch {
		case strings.HasSuffix(name, suffix):
			faults = append(faults, Fault{
				Rule: "MSH512", Kind: SuffixName, Breaks: true,
				Message:     fmt.Sprintf("the name %s ends in %s, by which istiod takes it for a CA", name, suffix),
				Consequence: "The proxy is given a CA where it asked for a certificate and key", Fix: "Rename the Secret",
			})
		case !there:
			return m, []Fault{missing(name)}
		default:
			m, faults = r.Secret(own)
		}
	}
	if !use.ca() {
		m.CA, m.CRLs, m.Served.CA, m.Served.CRL = nil, nil, "", ""
		return m, sorted(append(without(faults, roots...), m.Lacks(use)...))
	}
	companion, apart := get(name + suffix)
	switch {
	case apart:
		own, m.CASecret = companion, name+suffix
	case !there:
		return m, append(faults, missing(name))
	}
	m.CA, m.CRLs, m.Served.CA, m.Served.CRL = nil, nil, "", ""
	shadowed := slices.DeleteFunc(clone(faults), func(f Fault) bool { return f.Kind != Shadowed || f.Key != "ca.crt" || apart })
	faults = append(without(faults, roots...), shadowed...)
	if keys, err := Root(own.Data); err == nil {
		faults = append(faults, r.root(&m, keys, own.Data)...)
	}
	if apart || !use.pair() {
		faults = append(faults, own.object()...)
	}
	return m, sorted(append(faults, m.Lacks(use)...))
}

func missing(name string) Fault {
	return Fault{
		Rule: "MSH501", Kind: Missing, Message: "there is no Secret " + name, Breaks: true,
		Consequence: "istiod serves nothing: the listener or cluster waits for its certificate for ever", Fix: "Create it, or correct the name",
	}
}

// without leaves out the faults of values that are not read.
func without(faults []Fault, keys ...Served) []Fault {
	return slices.DeleteFunc(faults, func(f Fault) bool {
		return slices.ContainsFunc(keys, func(s Served) bool { return f.Key != "" && (f.Key == s.CA || f.Key == s.CRL) })
	})
}
