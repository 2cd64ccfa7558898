package rules

import (
	"slices"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

// nameIn is what follows a Service's name where pods of another namespace call it.
func nameIn(namespace, from string) string {
	if namespace == from {
		return ""
	}
	return "." + namespace
}

// enrolled leads a call by a new egress entry.
func (c contrastPod) enrolled(p *validate.Pass, m mention, remote, name string) []validate.Edit {
	s := c.source()
	if slices.ContainsFunc(s.Config.Egress, func(e contrast.Egress) bool { return e.Name == name }) {
		return nil
	}
	var taken []int
	for _, one := range c.containers() {
		for _, port := range one.Ports {
			taken = append(taken, int(port.ContainerPort))
		}
	}
	all := contrast.Allot(append(slices.Clone(s.Config.Egress), contrast.Egress{Name: name, Remote: remote}), append(taken, s.Config.AdminPort)...)
	text := contrast.FormatEgress(all)
	at := c.where(p, s.Egress)
	edits := c.rewritten(p, contrast.InEgress, text)
	switch {
	case s.Egress.Set:
	case s.Place == contrast.InEnvironment:
		return nil // the variable is new
	default:
		edits = []validate.Edit{{Object: at.Object, Field: s.Egress.Field, Value: text}}
	}
	return append(edits, m.plain(p, all[len(all)-1].Listen))
}
