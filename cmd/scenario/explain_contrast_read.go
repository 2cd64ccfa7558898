package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/mesh"
)

// A contrastSidecar is what a sidecar is told, and does.
type contrastSidecar struct {
	Workload   string              `json:"workload,omitempty"` // Deployment shop/web; "" of flags
	At         string              `json:"at,omitempty"`       // FILE:LINE:COLUMN
	Place      contrast.Place      `json:"place,omitempty"`
	Generation contrast.Generation `json:"generation"`
	Strings    contrast.Strings    `json:"strings"`
	Model      contrast.Config     `json:"model"`
	Inbound    []contrast.Inbound  `json:"inbound"`
	Outbound   []contrast.Outbound `json:"outbound"`
	Admin      *contrast.Inbound   `json:"admin,omitempty"` // what who calls the port of Envoy's admin interface meets
	Bypasses   []string            `json:"bypasses"`
	Notes      []string            `json:"notes,omitempty"` // sentences about what the files do not say, or say twice
	Faults     contrast.Faults     `json:"faults,omitempty"`

	where func(contrast.Field) string // of each of the strings: a flag, or a place of a file
}

func contrastOfFlags(g contrast.Generation, strings contrast.Strings) contrastSidecar {
	config, err := g.Parse(strings)
	c := newContrastSidecar(g, strings, config, contrast.FaultsOf(err))
	c.where = func(field contrast.Field) string { return "--" + string(field) }
	return c
}

func newContrastSidecar(g contrast.Generation, strings contrast.Strings, config contrast.Config, faults contrast.Faults) contrastSidecar {
	c := contrastSidecar{
		Generation: g, Strings: strings, Model: config, Faults: faults,
		Inbound: g.Inbound(config), Outbound: g.Outbound(config), Bypasses: contrast.Bypasses(),
	}
	if config.AdminPort != 0 {
		admin := g.InboundAt(config, config.AdminPort)
		c.Admin = &admin
	}
	return c
}

// contrastOfFiles reads the sidecars of the workloads in files.
func contrastOfFiles(s streams, paths []string) ([]contrastSidecar, error) {
	files := sourceFlags{given: func(string) bool { return false }} // it has no flags of its own here
	read, err := files.read(context.Background(), s, "call scenario explain contrast FILE, or give --ingress or --egress", paths, mesh.Target{})
	if err != nil {
		return nil, err
	}
	var all []contrastSidecar
	for _, o := range read.Objects {
		typed, problems := o.Lenient()
		for _, p := range problems {
			if !p.Dropped {
				at := o.ID.String()
				if p.Field != "" {
					at += ": " + p.Field
				}
				return nil, input(fmt.Errorf("%s: %s: %s", o.At(p.Field), at, p.Message))
			}
		}
		if w, ok := contrast.WorkloadOf(typed); ok {
			if pod := contrast.Read(w); pod != nil {
				all = append(all, contrastOfPod(o, pod))
			}
		}
	}
	if len(all) == 0 {
		return nil, &statusError{errors.New(read.name + ": no workload has configuration of Contrast's service mesh"), exitInput,
			"it is in annotations contrast.edgeless.systems/servicemesh-…, or in the variables CONTRAST_… or EDG_… of a sidecar"}
	}
	return all, nil
}

func contrastOfPod(o *bundle.Object, pod *contrast.Pod) contrastSidecar {
	var notes []string
	source := pod.Effective()
	if source == nil {
		source = &pod.Sources[0]
		notes = append(notes, "The pod has no runtime class of Contrast's, so contrast generate adds no sidecar: none of this happens.")
	}
	if source.Place == contrast.OnWorkload {
		notes = append(notes, "Only releases up to 1.12 read annotations of the workload; later ones read those of its pod template.")
	}
	for _, field := range []contrast.Field{contrast.InIngress, contrast.InEgress, contrast.InAdminPort} {
		v := source.Value(field)
		if v.Elsewhere {
			notes = append(notes, fmt.Sprintf("%s is not known: its value stands in another object, and counts as empty here.", v.Field))
		}
		for _, other := range pod.Sources {
			if w := other.Value(field); w.Field != v.Field && w.Text != v.Text && !w.Elsewhere && !v.Elsewhere {
				notes = append(notes, fmt.Sprintf("%s says something else than %s, which is what counts here.", w.Field, v.Field))
			}
		}
	}
	c := newContrastSidecar(source.Generation, source.Strings(), source.Config, source.Faults)
	c.Workload, c.At, c.Place, c.Notes = o.ID.String(), o.At("").String(), source.Place, notes
	c.where = func(field contrast.Field) string {
		at := source.Value(field).Field
		return fmt.Sprintf("%s: %s: %s", o.At(at), o.ID, at)
	}
	return c
}
