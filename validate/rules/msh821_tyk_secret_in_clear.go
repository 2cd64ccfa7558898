package rules

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/certs/lint"
	"github.com/meshscenario/scenario/validate"
)

var msh821 = validate.Rule{
	ID: "MSH821", Name: "tyk-secret-in-clear", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "a secret of Tyk's mesh is where everybody reads it, or is no key",
	Check: func(p *validate.Pass) {
		for _, c := range tykConfigs(p) {
			signingKey(p, c)
			if c.secret() {
				continue
			}
			for _, s := range secretsIn(c) {
				if is, _ := c.replaced(p, s.path); is {
					continue
				}
				fix := "name a Secret of the pods' namespace, by valueFrom.secretKeyRef with localObjectReference: {name: NAME}; or keep the whole configuration in a Secret"
				if s.override != "" {
					fix = fmt.Sprintf("give the controller the variable %s from a Secret, and leave the key here with a text that says so; or keep the whole configuration in a Secret", s.override)
				}
				p.Report(validate.Finding{
					Place:       c.place(p, s.path),
					Message:     fmt.Sprintf("%s has a secret in clear, in %s", c.id, s.what),
					Consequence: "whoever may read the ConfigMap, its file or a copy of either has it",
					Fix:         fix + "; take the old one for known",
				})
			}
		}
	},
}

// signingKey looks at the key by which the controller has certificates signed.
func signingKey(p *validate.Pass, c tykConfig) {
	const override = "TK8S_CA_KEY"
	key := c.CA.Key
	tls := c.Injector.EnableMeshTLS || c.has("CA") && !c.has("Injector")
	if is, _ := c.replaced(p, "CA.key"); !tls || is || strings.HasPrefix(key, "env:") || strings.HasPrefix(key, "file:") {
		return
	}
	f := validate.Finding{Place: c.place(p, "CA.key")}
	_, err := hex.DecodeString(key)
	switch {
	case key == "" || err != nil:
		f.Message = fmt.Sprintf("CA.key of %s is not written in hexadecimal", c.id)
		f.Consequence = "the webhook refuses each pod: encoding/hex: invalid byte"
		if key == "" {
			f.Message = fmt.Sprintf("CA.key of %s is empty", c.id)
			f.Consequence = "CFSSL refuses each request, and the webhook each pod; or everybody has the key, where the server's is empty too"
		}
		f.Fix = fmt.Sprintf("write key: env:CFSSL_KEY, and give the controller that variable from the Secret that CFSSL has its key from; or %s, which replaces a key that is written", override)
	case lint.Published(key):
		f.Message = fmt.Sprintf("CA.key of %s is that of a published example", c.id)
		f.Consequence = "everybody has it: whoever reaches CFSSL has certificates of the mesh signed"
		f.Fix = "make another with openssl rand -hex 32, and keep it in a Secret alone"
	case !c.secret():
		f.Message = fmt.Sprintf("%s has the key of the CA in clear, in CA.key", c.id)
		f.Consequence = "whoever may read the ConfigMap, its file or a copy of either has certificates of the mesh signed, for any name"
		f.Fix = "make a new key, keep it in a Secret, give the controller a variable from that, and write key: env:VARIABLE"
	default:
		return
	}
	p.Report(f)
}

// A tykSecret is a value that should not be read by all.
type tykSecret struct{ path, what, override string }

// secretsIn are the secrets that a configuration has in clear, besides the CA's key.
func secretsIn(c tykConfig) (all []tykSecret) {
	if !standsIn(c.Dashboard.Secret) {
		all = append(all, tykSecret{"Tyk.secret", "Tyk.secret", "TK8S_TYK_SECRET"})
	}
	if u, err := url.Parse(c.CA.MongoConnStr); err == nil && u.User != nil {
		if password, _ := u.User.Password(); !standsIn(password) {
			all = append(all, tykSecret{"CA.mongoConnStr", "CA.mongoConnStr", "TK8S_CA_MONGOCONNSTR"})
		}
	}
	for i, one := range c.Injector.Containers {
		for j, e := range one.Env {
			if slices.Contains([]string{"TYK_GW_SECRET", "TYK_GW_NODESECRET", "TYK_GW_STORAGE_PASSWORD"}, e.Name) && !standsIn(e.Value) {
				all = append(all, tykSecret{fmt.Sprintf("Injector.containers[%d].env[%d]", i, j), e.Name + " of container " + one.Name, ""})
			}
		}
	}
	return all
}

// standsIn tells whether a value only says that another is to be in its place.
func standsIn(value string) bool {
	value = strings.ToLower(value)
	return value == "" || strings.ContainsAny(value, "<${") || slices.ContainsFunc([]string{"changeme", "change-me", "set-by-env", "set_by_env", "xxx"}, func(word string) bool { return strings.Contains(value, word) })
}
