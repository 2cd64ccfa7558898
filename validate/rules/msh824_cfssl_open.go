package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// https://github.com/cloudflare/cfssl/blob/v1.6.5/api/generator/generator.go: newcert asks for no key.
var msh824 = validate.Rule{
	ID: "MSH824", Name: "cfssl-open", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "CFSSL can be reached by who should not have certificates signed",
	Check: func(p *validate.Pass) {
		for _, s := range cfsslServers(p) {
			pod := traffic.Pod{Namespace: s.namespace, Labels: s.Metadata.Labels}
			exposed := false
			for _, b := range backends(p) {
				if slices.ContainsFunc(servicesOf(p, pod), func(one tykService) bool { return one.ID.Name == b.service && one.ID.Namespace == b.namespace }) {
					exposed = true
					p.Report(validate.Finding{
						Place:       p.At(b.object, b.field),
						Message:     fmt.Sprintf("%s leads to CFSSL, %s, from outside the cluster", b.object.ID, s.object.ID),
						Consequence: "whoever reaches the ingress asks the CA of the mesh: for certificates of whatever its profiles leave open, and as often as it takes to guess a key",
						Fix:         fmt.Sprintf("remove it from %s: nothing but the controller calls CFSSL, within the cluster", b.object.ID),
					})
				}
			}
			disabled, _ := s.flag("disable")
			var missing []string
			for _, endpoint := range []string{"sign", "newcert"} {
				if !slices.Contains(strings.Split(disabled, ","), endpoint) {
					missing = append(missing, endpoint)
				}
			}
			if exposed || !slices.Contains(missing, "newcert") {
				continue
			}
			f := validate.Finding{
				Place: p.At(s.object, s.at("command")), Severity: validate.Warning,
				Message:     fmt.Sprintf("%s serves newcert, which makes a key and a certificate for any name, and asks nobody for the key of the configuration", s.object.ID),
				Consequence: "each pod that reaches the Service can have a certificate of the mesh's CA, whatever auth_key the profiles have",
				Fix:         "start it with -disable sign,newcert, and let none but the controller reach it, by a NetworkPolicy",
			}
			switch {
			case len(s.Args) > 0 && slices.Contains(s.Args, "serve") && disabled == "":
				f.Place = p.At(s.object, s.at("args"))
				f.Edits = []validate.Edit{{Object: f.Object, Field: s.at("args"), Value: append(anys(s.Args), "-disable=sign,newcert")}}
			case len(s.Args) == 0 && slices.Contains(s.Command, "serve") && disabled == "":
				f.Edits = []validate.Edit{{Object: f.Object, Field: s.at("command"), Value: append(anys(s.Command), "-disable=sign,newcert")}}
			}
			p.Report(f)
		}
	},
}

func anys(texts []string) []any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = text
	}
	return all
}
