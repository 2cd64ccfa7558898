package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

const (
	refusedByClient = "the sender ends the handshake: 503 UF, TLS error CERTIFICATE_VERIFY_FAILED"
	refusedByServer = "the gateway ends the handshake: 503 UF at the sender, certificate unknown or a reset"
)

// refusedServer says why who sends refuses the certificate of who takes the TLS off.
func (m meeting) refusedServer(p *validate.Pass, f *pki.Fault, found map[string]validate.Finding) {
	chain := m.server.value(p, m.server.material.Served.Cert)
	report := validate.Finding{
		Place:       chain,
		Message:     fmt.Sprintf("%s refuses the certificate that %s shows, of %s: %s", m.by(), m.taker.Workload, m.server.id, f.Message),
		Consequence: refusedByClient,
		Fix:         Sentence(f.Fix),
		Related:     m.takenBy(p),
	}
	rule := f.Rule
	switch {
	case rule == "MSH226":
		trusted := m.serverCA.value(p, m.serverCA.material.Served.CA)
		report.Place, report.Related = m.place(p, "caCertificates"), append([]validate.Place{trusted, chain}, report.Related...)
		report.Fix = fmt.Sprintf("put the CA that signed the certificate of %s into %s of %s", m.server.id, m.serverCA.material.Served.CA, m.serverCA.id)
		if m.trustsItself(p) {
			rule = "MSH520"
			report.Message = fmt.Sprintf("%s of %s is the CA of the client's own certificate, and is there to verify the server: %s", m.serverCA.material.Served.CA, m.serverCA.id, f.Message)
			report.Fix += "; the client's own CA is for the server to hold"
		}
	case rule == "MSH227":
		m.asked(p, &report)
	case rule == "MSH509":
		report.Message = fmt.Sprintf("%s, which %s shows, is not for %s: %s", m.server.id, m.taker.Workload, m.calledBy(), m.server.material.Names().Why(m.calledBy()))
		report.Consequence = "browsers and other clients that look at the name refuse it: certificate is not valid for the name"
		report.Fix = fmt.Sprintf("have it issued anew with %s among its subject alternative names", m.calledBy())
		if m.sender.Wire.Mode != traffic.Own {
			report.Message = fmt.Sprintf("%s refuses the certificate that %s shows, of %s: it has no subject alternative name", m.by(), m.taker.Workload, m.server.id)
			report.Consequence = refusedByClient
			report.Fix = fmt.Sprintf("have it issued anew with %s among its subject alternative names", strings.Join(m.sender.Verify.Server.Names, ", "))
		}
	case f.Kind == pki.CRLMissing, f.Kind == pki.CRLExpired, f.Kind == pki.BadSignatureCRL:
		report.Place, report.Related = m.serverCA.value(p, m.serverCA.material.Served.CRL), append([]validate.Place{chain}, report.Related...)
	}
	found[rule] = m.shown(report)
}

// trustsItself tells whether the CA by which a client verifies the server is that of its own certificate.
func (m meeting) trustsItself(p *validate.Pass) bool {
	if m.client == nil || m.serverCA == nil {
		return false
	}
	f := m.ask(p, pki.Question{Chain: m.client.material.Chain, Purpose: pki.Client, CA: m.serverCA.material.CA})
	return f == nil
}

// asked places a name that the server does not have where it is asked for, and mends it where there is one of each.
func (m meeting) asked(p *validate.Pass, f *validate.Finding) {
	has := m.server.material.Names()
	f.Fix = fmt.Sprintf("ask for a name that the certificate has (%s), or have it issued anew with the name", orNone(has.All()))
	rule, ok := validate.Decided(m.sender, "DestinationRule")
	if !ok {
		return
	}
	chain := f.Place
	f.Place = p.Of(rule)
	f.Related = append([]validate.Place{chain}, f.Related...)
	if object := p.Object(rule); object != nil && object.Has(rule.Field+".subjectAltNames") {
		f.Place = p.At(object, rule.Field+".subjectAltNames")
	} else {
		f.Fix = fmt.Sprintf("set subjectAltNames of %s to a name that the certificate has (%s), or have it issued anew with the name", rule, orNone(has.All()))
	}
	if all := has.All(); len(all) == 1 && len(m.sender.Verify.Server.Names) == 1 && !strings.Contains(all[0], "*") {
		f.Edits = []validate.Edit{{Object: f.Object, Field: rule.Field + ".subjectAltNames", Value: []any{all[0]}}}
	}
}

// refusedClient says why who takes the TLS off refuses the certificate of who sends.
func (m meeting) refusedClient(p *validate.Pass, f *pki.Fault, found map[string]validate.Finding) {
	chain := m.client.value(p, m.client.material.Served.Cert)
	trusted := m.clientCA.value(p, m.clientCA.material.Served.CA)
	report := validate.Finding{
		Place:       chain,
		Message:     fmt.Sprintf("gateway %s refuses the certificate that %s shows, of %s: %s", m.taker.Workload, m.by(), m.client.id, f.Message),
		Consequence: refusedByServer,
		Fix:         Sentence(f.Fix),
		Related:     append([]validate.Place{trusted}, m.takenBy(p)...),
	}
	switch {
	case f.Rule == "MSH225":
		report.Place, report.Related = m.place(p, "clientCertificate"), append([]validate.Place{chain}, report.Related...)
		report.Fix = fmt.Sprintf("put the CA that signed the certificate of %s into %s of %s, or have the certificate issued by a CA that is there", m.client.id, m.clientCA.material.Served.CA, m.clientCA.id)
	case f.Rule == "MSH227", f.Rule == "MSH509":
		server, at := serverFor(p, m.taker)
		if server.Object != nil {
			report.Place = p.At(server.Object, at+".tls.subjectAltNames")
			report.Related = []validate.Place{chain}
			report.Fix = fmt.Sprintf("add a name of the certificate (%s) to subjectAltNames of %s, or have it issued anew", orNone(m.client.material.Names().All()), server.ID)
		}
	case f.Kind == pki.CRLMissing, f.Kind == pki.CRLExpired, f.Kind == pki.BadSignatureCRL:
		report.Place, report.Related = m.clientCA.value(p, m.clientCA.material.Served.CRL), []validate.Place{chain}
	}
	found[f.Rule] = m.shown(report)
}

func (m meeting) shown(f validate.Finding) validate.Finding {
	f.Severity = validate.Error
	return validate.Shown(m.path, m.hop, f)
}
