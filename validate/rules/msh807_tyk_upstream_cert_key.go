package rules

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// https://github.com/TykTechnologies/tyk/blob/v2.8.4/cert.go, getUpstreamCertificate; since v5.11.0
// getCertificateIDForHost.
var msh807 = validate.Rule{
	ID: "MSH807", Name: "tyk-upstream-cert-key", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "Tyk shows no client certificate, as no host has the name that it is for",
	Check: func(p *validate.Pass) {
		for _, a := range tykAPIs(p) {
			for _, field := range []string{"upstream_certificates", "upstream_certificate_refs"} {
				upstreamKeys(p, a, field, below(a.tree, field))
			}
		}
	},
}

// upstreamKeys holds the hosts that certificates are for against what a gateway compares them with.
func upstreamKeys(p *validate.Pass, a tykAPI, field string, certificates map[string]any) {
	const then = "the gateway calls without a client certificate, and the server refuses the handshake: bad certificate, or certificate required"
	target, err := url.Parse(text(below(a.tree, "proxy")["target_url"]))
	fits, useless := false, false
	for _, key := range slices.Sorted(maps.Keys(certificates)) {
		place := a.at(p, fmt.Sprintf("%s[%q]", field, key))
		host, why := upstreamKey(key)
		if why != "" {
			useless = true
			f := validate.Finding{
				Place: place, Message: fmt.Sprintf("%s has a client certificate for %q, which is no host: %s", a.name(), withoutUser(key), why),
				Consequence: then,
				Fix:         "write the host as target_url has it, with its port where that has one; or *.DOMAIN, for one label before the domain; or *",
			}
			if host != "" && a.object != nil {
				f.Fix = "write " + host
				f.Edits = []validate.Edit{{Object: place.Object, Field: place.Field}, {Object: place.Object, Field: fmt.Sprintf("spec.%s[%q]", field, host), Value: certificates[key]}}
			}
			p.Report(f)
			continue
		}
		fits = fits || err != nil || matchesHost(key, target.Host)
	}
	if fits && text(below(a.tree, "proxy")["target_url"]) != "" && below(a.tree, "proxy")["preserve_host_header"] == true && certificates["*"] == nil {
		place := a.at(p, "proxy.preserve_host_header")
		p.Report(validate.Finding{
			Place: place, Severity: validate.Warning,
			Message:     fmt.Sprintf("%s has preserve_host_header, and its client certificate for the host of target_url", a.name()),
			Consequence: "gateways before 5.0 compare with the Host of the caller's request, and call without the certificate; later ones take that of target_url",
			Fix:         "leave preserve_host_header off; or name the certificate \"*\", where the API calls that host alone",
			Edits:       a.edits(place, nil),
		})
	}
	if len(certificates) == 0 || fits || useless || err != nil || target.Scheme != "https" && target.Scheme != "tls" {
		return
	}
	f := validate.Finding{
		Place: a.at(p, field), Message: fmt.Sprintf("%s calls %s, and has client certificates for other hosts alone: %s", a.name(), target.Host, strings.Join(slices.Sorted(maps.Keys(certificates)), ", ")),
		Consequence: then,
		Fix:         fmt.Sprintf("name it %q", target.Host),
	}
	if name := target.Hostname(); target.Port() != "" && slices.ContainsFunc(slices.Collect(maps.Keys(certificates)), func(k string) bool { return matchesHost(k, name) }) {
		f.Severity = validate.Warning
		f.Message = fmt.Sprintf("%s calls %s, and has its client certificate for the host without the port", a.name(), target.Host)
		f.Consequence = "gateways before 5.11 compare with the port, and call without the certificate; later ones with and without"
	}
	p.Report(f)
}

// upstreamKey says why no host is of a name, and which is meant where that is plain.
func upstreamKey(key string) (meant, why string) {
	if u, err := url.Parse(key); err == nil && u.Host != "" && strings.Contains(key, "://") {
		meant = u.Host
		if standard := map[string]string{"https": ":443", "http": ":80"}[u.Scheme]; standard != "" {
			meant = strings.TrimSuffix(meant, standard)
		}
		return meant, "a scheme is no part of one"
	}
	host, _, _ := strings.Cut(key, "/")
	switch {
	case host != key:
		return host, "a path is no part of one"
	case key == "*":
	case strings.Contains(strings.TrimPrefix(key, "*."), "*"):
		return "", "an asterisk stands for the first label alone"
	case strings.ContainsAny(key, " \t,;"):
		return "", "one key is one host"
	}
	return "", ""
}

// matchesHost tells whether a gateway takes a certificate for a host.
func matchesHost(key, host string) bool {
	if key == "*" || strings.EqualFold(key, host) {
		return true
	}
	_, rest, ok := strings.Cut(host, ".")
	if _, _, err := net.SplitHostPort(host); err != nil && strings.HasPrefix(host, "[") {
		ok = false
	}
	return ok && key == "*."+rest
}
