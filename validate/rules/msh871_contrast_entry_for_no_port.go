package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh871 = validate.Rule{
	ID: "MSH871", Name: "contrast-entry-for-no-port", Category: validate.Dangling, Severity: validate.Info, Anywhere: true,
	Title: "an ingress entry is for a port that no container of the pod speaks of",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			var ports []int
			for _, one := range c.own() {
				for _, port := range one.Ports {
					ports = append(ports, int(port.ContainerPort))
				}
			}
			if len(ports) == 0 || !c.sure() {
				continue // nobody says what it listens on
			}
			s := c.source()
			for n, i := range s.Config.Ingress {
				if i.Port == s.Config.AdminPort || slices.Contains(ports, i.Port) || c.targeted(p, i.Port) {
					continue
				}
				f := validate.Finding{
					Place:       c.where(p, s.Ingress),
					Message:     fmt.Sprintf("ingress entry %q is for port %d, and the pod's containers name %s", i.Name, i.Port, portList(ports)),
					Consequence: "if nothing listens there, the entry does nothing, and the port that is meant asks its clients for a certificate of the mesh",
					Fix:         "write the port of the container, and not that of the Service; or name it among the container's ports, where it is right",
				}
				if len(ports) == 1 && !slices.ContainsFunc(s.Config.Ingress, func(other contrast.Ingress) bool { return other.Port == ports[0] }) {
					f.Edits = c.rewritten(p, contrast.InIngress, entryFor(s.Ingress.Text, n, i.Port, ports[0]))
				}
				p.Report(f)
			}
		}
	},
}

// targeted tells whether a Service of the files leads to a port of the pod.
func (c contrastPod) targeted(p *validate.Pass, port int) bool {
	for _, s := range p.Objects.Services {
		if s.ID.Namespace != c.namespace || len(s.Spec.Spec.Selector) == 0 || !within(s.Spec.Spec.Selector, c.Metadata.Labels) {
			continue
		}
		for _, one := range s.Spec.Spec.Ports {
			if c.target(one) == port {
				return true
			}
		}
	}
	return false
}

func portList(ports []int) string {
	var all []string
	for _, port := range ports {
		all = append(all, fmt.Sprint(port))
	}
	return strings.Join(all, ", ")
}

// entryFor is an ingress string in which an entry is for another port.
func entryFor(text string, entry, from, to int) string {
	entries := slices.DeleteFunc(strings.Split(text, "##"), func(e string) bool { return e == "" })
	if entry < len(entries) {
		entries[entry] = strings.Replace(entries[entry], fmt.Sprintf("#%d#", from), fmt.Sprintf("#%d#", to), 1)
	}
	return strings.Join(entries, "##")
}
