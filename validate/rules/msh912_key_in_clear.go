package rules

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/veil"
)

var msh912 = validate.Rule{
	ID: "MSH912", Name: "key-in-clear", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "a private key is written where everybody who reads the object sees it",
	Check: func(p *validate.Pass) {
		for _, o := range p.Objects.All {
			if o.Kind == "Secret" || !bytes.Contains(o.JSON, []byte("PRIVATE KEY-----")) && !bytes.Contains(o.JSON, []byte(begin64)) {
				continue
			}
			var tree any
			if json.Unmarshal(o.JSON, &tree) != nil {
				continue
			}
			for _, field := range keysIn("", tree) {
				f := validate.Finding{
					Place:       p.At(o, field),
					Message:     fmt.Sprintf("%s holds a private key in %s", o.ID, field),
					Consequence: "whoever may read the object, its file or a copy of either has the key, and can pass for its owner",
					Fix:         "make a new key, have its certificate issued anew, and keep it in a Secret that the object names; take the old certificate for stolen",
				}
				if o.Kind == "Route" && field == "spec.tls.key" {
					f.Severity = validate.Info
					f.Fix = "let the Route name a Secret (spec.tls.externalCertificate), where the cluster has that; or end the TLS at the gateway (passthrough)"
				}
				p.Report(f)
			}
		}
	},
}

// begin64 is how the first line of PEM begins in base64.
const begin64 = "LS0tLS1CRUdJTi"

// keysIn are the fields below one that hold a private key, in PEM or in base64 of it, sorted.
func keysIn(field string, tree any) []string {
	var all []string
	switch t := tree.(type) {
	case map[string]any:
		for key, child := range t {
			step := key
			if strings.ContainsAny(key, ".[]\"") {
				step = fmt.Sprintf("[%q]", key)
			} else if field != "" {
				step = "." + key
			}
			all = append(all, keysIn(field+step, child)...)
		}
		slices.Sort(all)
	case []any:
		for i, child := range t {
			all = append(all, keysIn(fmt.Sprintf("%s[%d]", field, i), child)...)
		}
	case string:
		if strings.HasPrefix(strings.TrimSpace(t), begin64) {
			if data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(t), "")); err == nil {
				t = string(data)
			}
		}
		const line = "PRIVATE KEY-----"
		if i := strings.Index(t, line); i >= 0 && strings.Contains(t[:i], "-----BEGIN ") {
			if body, _, _ := strings.Cut(t[i+len(line):], "-----END "); !veil.Is([]byte(body)) {
				return []string{field}
			}
		}
	}
	return all
}
