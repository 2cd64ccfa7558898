package rules

import (
	"fmt"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// importOf is what a Sidecar lists to import a host from a ServiceEntry.
func importOf(e entryOf, host string) string {
	i := slices.IndexFunc(e.Spec.Hosts, func(h string) bool { return covers(h, host) })
	switch {
	case i >= 0:
		host = e.Spec.Hosts[i]
	case len(e.Spec.Hosts) > 0: // called by its address
		host = e.Spec.Hosts[0]
	}
	return e.ID.Namespace + "/" + host
}

// importEdit adds a host to the listener of a Sidecar that takes what goes to a port, or gives it a listener for all ports.
func importEdit(p *validate.Pass, s traffic.Of[*networking.Sidecar], port int, host string) []validate.Edit {
	edit := validate.Edit{Object: p.At(s.Object, "").Object}
	edit.Field, edit.Value = fmt.Sprintf("spec.egress[%d]", len(s.Spec.Egress)), map[string]any{"hosts": []any{host}}
	for i, l := range s.Spec.Egress {
		n := int(l.GetPort().GetNumber())
		if l.Bind != "" || l.CaptureMode == networking.CaptureMode_NONE || n != 0 && n != port {
			continue
		}
		edit.Field, edit.Value = fmt.Sprintf("spec.egress[%d].hosts[%d]", i, len(l.Hosts)), host
		if n == port {
			break // it is asked before the one without a port
		}
	}
	return []validate.Edit{edit}
}
