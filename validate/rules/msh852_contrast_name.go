package rules

import (
	"fmt"
	"net"
	"slices"
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
				Consequence: c.starts(f, "Envoy does not take two of one name: it stops when it reads them, or one of the two is missing, and what iptables leads to it is refused"),
				Edits:       c.rewritten(p, f.Field, c.entryText(f, c.freeName(f))),
			}
			if f.Field == contrast.InIngress { // nothing is called by it
				found.Severity, found.Consequence = validate.Info, "none: the sidecar does not look at it"
			}
			return found
		}, contrast.NameEmpty, contrast.NameTaken, contrast.NameReserved)
	},
}

// freeName is a name for the entry of a fault that no other has: that of the service it leads to, or of its port.
func (c contrastPod) freeName(f *contrast.Fault) string {
	s := c.source()
	entry, _, _ := strings.Cut(s.Value(f.Field).Text[f.Offset:], "##")
	parts := strings.Split(entry, "#") // the name, and two more, or there would be another fault
	name := "port-" + parts[len(parts)-2]
	if host, _, err := net.SplitHostPort(parts[len(parts)-1]); err == nil {
		name, _, _ = strings.Cut(host, ".")
	}
	for n, made := 2, name; ; n++ {
		if !slices.ContainsFunc(s.Config.Egress, func(e contrast.Egress) bool { return e.Name == made }) {
			return made
		}
		made = fmt.Sprintf("%s-%d", name, n)
	}
}
