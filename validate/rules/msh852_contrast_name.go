package rules

import (
	"fmt"
	"net"
	"strings"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh852 = validate.Rule{
	ID: "MSH852", Name: "contrast-name", Category: validate.Duplicate, Severity: validate.Error, Anywhere: true,
	Title: "an entry has no name, or one that Envoy has already",
	Check: func(p *validate.Pass) {
		contrastFaults(p, func(c contrastPod, f *contrast.Fault) validate.Finding {
			found := validate.Finding{
				Consequence: starts(f, "Envoy refuses the second of two names when it reads its configuration, and does not run: iptables leads all connections to it all the same, and they are refused"),
				Edits:       c.rewritten(p, f.Field, c.entryText(f, c.freeName(f))),
			}
			if f.Field == contrast.InIngress { // nothing is called by it
				found.Severity, found.Consequence = validate.Info, "none: the sidecar does not look at it"
			}
			return found
		}, contrast.NameEmpty, contrast.NameTaken, contrast.NameReserved)
	},
}

// freeName is a name for the entry of a fault that no other has: that of the service it calls, or of its port.
func (c contrastPod) freeName(f *contrast.Fault) string {
	s, name, taken := c.source(), "port", map[string]bool{}
	entries := strings.FieldsFunc(s.Value(f.Field).Text[:f.Offset], func(r rune) bool { return r == '#' })
	for _, e := range s.Config.Egress {
		taken[e.Name] = true
	}
	if parts := strings.Split(strings.Split(s.Value(f.Field).Text[f.Offset:], "##")[0], "#"); len(parts) == 3 && f.Field == contrast.InEgress {
		if host, _, err := net.SplitHostPort(parts[2]); err == nil {
			name, _, _ = strings.Cut(host, ".")
		}
	} else if len(parts) == 3 {
		name = "port-" + parts[1]
	}
	for n, made := 2, name; ; n++ {
		if !taken[made] && len(entries) >= 0 {
			return made
		}
		made = fmt.Sprintf("%s-%d", name, n)
	}
}
