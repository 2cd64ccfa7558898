package rules

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

const skipVerify = "TYK_GW_PROXYSSLINSECURESKIPVERIFY"

var msh808 = validate.Rule{
	ID: "MSH808", Name: "tyk-skip-verify", Category: validate.Unverified, Severity: validate.Warning, Anywhere: true,
	Title: "Tyk does not verify whom it calls by TLS",
	Check: func(p *validate.Pass) {
		tell := func(place validate.Place, what, whom string, edits []validate.Edit) {
			p.Report(validate.Finding{
				Place:       place,
				Message:     fmt.Sprintf("%s: the certificate of %s is not verified", what, whom),
				Consequence: "whoever is between, or takes the name, reads and changes what is sent; the lock is there, and keeps out nobody",
				Fix:         "remove it, and have the CA in the bundle of the gateway's image (SSL_CERT_FILE names another); or pin the server's key, by pinned_public_keys",
				Edits:       edits,
			})
		}
		for _, a := range tykAPIs(p) {
			const field = "proxy.transport.ssl_insecure_skip_verify"
			if below(below(a.tree, "proxy"), "transport")["ssl_insecure_skip_verify"] == true {
				place := a.at(p, field)
				tell(place, a.name()+" has ssl_insecure_skip_verify", "the server behind "+withoutUser(text(below(a.tree, "proxy")["target_url"])), a.edits(place, nil))
			}
		}
		for _, c := range tykConfigs(p) {
			if c.Dashboard.InsecureSkipVerify {
				tell(c.place(p, "Tyk.insecureSkipVerify"), "the controller has insecureSkipVerify", "the Dashboard", nil)
			}
			if c.CA.SkipCACheck && c.CA.Secure && strings.HasPrefix(c.CA.Addr, "https://") {
				tell(c.place(p, "CA.skipCACheck"), "the controller has SkipCACheck", "the CA", nil)
			}
			if sidecar, path, ok := c.sidecar(); ok {
				if value, i := variableOf(sidecar, skipVerify); truth(value) {
					tell(c.place(p, fmt.Sprintf("%s.env[%d]", path, i)), "sidecars have "+skipVerify, "whomever they call", nil)
				}
			}
		}
		for _, t := range templates(p) {
			for i, c := range t.Spec.Containers {
				if value, j := variableOf(c, skipVerify); truth(value) {
					place := p.At(t.object, t.at(fmt.Sprintf("spec.containers[%d].env[%d].value", i, j)))
					tell(place, fmt.Sprintf("container %s of %s has %s", c.Name, t.object.ID, skipVerify), "whomever the gateway calls", []validate.Edit{{Object: place.Object, Field: place.Field, Value: "false"}})
				}
			}
		}
		for _, h := range heldTexts(p) {
			const key = `"proxy_ssl_insecure_skip_verify"`
			var tree map[string]any
			if before, _, ok := strings.Cut(h.text, key); ok && json.Unmarshal([]byte(h.text), &tree) == nil && tree[strings.Trim(key, `"`)] == true {
				tell(h.at(p, strings.Trim(key, `"`), 1+strings.Count(before, "\n")), fmt.Sprintf("%s of %s has %s", h.key, h.id, key), "whomever the gateway calls", nil)
			}
		}
	},
}

// truth tells whether the text of a variable is a yes.
func truth(value string) bool {
	yes, err := strconv.ParseBool(value)
	return yes && err == nil
}
