package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// A Found is a problem that takes more than one object to see; Object is the one to mend, Related the others.
type Found struct {
	Object *bundle.Object
	Problem
	Related []*bundle.Object
}

// Across says what is wrong between the objects of a bundle where no request has to be followed to see it: short names
// that mean a Service, namespaces that are nowhere, and Sidecars that are in each other's way.
func Across(b *bundle.Bundle, target mesh.Target) []Found {
	a := across{target: target, namespaces: map[string]bool{}, services: map[string]bool{}, entries: map[string]*bundle.Object{}, sidecars: map[string]*bundle.Object{}}
	objects := b.Latest().Objects
	for _, o := range objects {
		a.see(o)
	}
	for _, o := range objects {
		switch o.Kind {
		case "VirtualService":
			a.shortNames(o)
			a.exports(o)
		case "ServiceEntry", "DestinationRule":
			a.exports(o)
		case "Sidecar":
			a.sidecar(o)
		}
	}
	return a.found
}

type across struct {
	target     mesh.Target
	namespaces map[string]bool
	listed     bool                      // the bundle has Namespaces
	services   map[string]bool           // NAMESPACE/NAME
	entries    map[string]*bundle.Object // ServiceEntries by those of their hosts that have no dot
	sidecars   map[string]*bundle.Object // by namespace and selector
	found      []Found
}

func namespaceOf(o *bundle.Object) string {
	if o.Namespace == "" {
		return "default"
	}
	return o.Namespace
}

// see notes what others may refer to.
func (a *across) see(o *bundle.Object) {
	a.namespaces[o.Namespace] = true
	switch {
	case o.Kind == "Namespace" && o.APIVersion == "v1":
		a.namespaces[o.Name], a.listed = true, true
	case o.Kind == "Service" && o.APIVersion == "v1":
		a.services[namespaceOf(o)+"/"+o.Name] = true
	case o.Kind == "ServiceEntry":
		raw(o.JSON).get("spec", "hosts").items(func(_ int, host raw) bool {
			if name := host.string(); isLabel(name) {
				a.entries[name] = o
			}
			return true
		})
	case o.Kind == "ServiceMeshMemberRoll":
		raw(o.JSON).get("spec", "members").items(func(_ int, name raw) bool {
			a.namespaces[name.string()] = true
			return true
		})
	}
}

// shortNames finds names without a domain that mean a ServiceEntry, and are read as a Service's.
func (a *across) shortNames(o *bundle.Object) {
	if len(a.entries) == 0 {
		return
	}
	look := func(field string, host raw) {
		name := host.string()
		entry := a.entries[name]
		if entry == nil || a.services[namespaceOf(o)+"/"+name] {
			return
		}
		a.found = append(a.found, Found{Object: o, Related: []*bundle.Object{entry}, Problem: Problem{
			Rule: "MSH119", Kind: Ineffective, Severity: Error, Field: field,
			Message:     fmt.Sprintf("%q is read as %s.%s.svc.cluster.local, and not as the host of %s", name, name, namespaceOf(o), entry.ID),
			Consequence: "the route is for a Service that is not there", Fix: "give the ServiceEntry a host with a domain, and write that here"}})
	}
	spec := raw(o.JSON).get("spec")
	spec.get("hosts").items(func(i int, host raw) bool {
		look(fmt.Sprintf("spec.hosts[%d]", i), host)
		return true
	})
	for _, list := range []string{"http", "tls", "tcp"} {
		spec.get(list).items(func(i int, rule raw) bool {
			rule.get("route").items(func(j int, route raw) bool {
				look(fmt.Sprintf("spec.%s[%d].route[%d].destination.host", list, i, j), route.get("destination", "host"))
				return true
			})
			return true
		})
	}
}

// exports finds namespaces in exportTo that nothing else names. A bundle that lists no namespaces may be a part of what
// is in the cluster: there only names that look misspelt are spoken of.
func (a *across) exports(o *bundle.Object) {
	raw(o.JSON).get("spec", "exportTo").items(func(i int, to raw) bool {
		name := to.string()
		if !isLabel(name) || a.namespaces[name] {
			return true
		}
		known := slices.DeleteFunc(slices.Sorted(maps.Keys(a.namespaces)), func(n string) bool { return n == "" })
		near := nearest(name, known)
		if near == "" && !a.listed {
			return true
		}
		p := Problem{Rule: "MSH120", Kind: WrongValue, Severity: Info, Field: fmt.Sprintf("spec.exportTo[%d]", i), Nearest: near,
			Message: fmt.Sprintf("no other object names the namespace %q", name), Consequence: "nobody there sees the object", Fix: "name a namespace that exists"}
		if near != "" {
			p.Fix = "did you mean " + near + "?"
		}
		a.found = append(a.found, Found{Object: o, Problem: p})
		return true
	})
}

// sidecar finds two Sidecars of one namespace for the same workloads, and one of the root namespace for some only.
func (a *across) sidecar(o *bundle.Object) {
	labels := raw(o.JSON).get("spec", "workloadSelector", "labels")
	var pairs []string
	labels.entries(func(key string, value raw) bool {
		pairs = append(pairs, key+"="+value.string())
		return true
	})
	slices.Sort(pairs)
	key := namespaceOf(o) + " " + strings.Join(pairs, ",")
	first := a.sidecars[key]
	if first == nil {
		a.sidecars[key] = o
	} else {
		p := Problem{Rule: "MSH121", Kind: Contradicts, Severity: Error, Field: "spec.workloadSelector", Fix: "merge the two, or tell their workloads apart by labels",
			Message:     "another Sidecar of this namespace is for the same workloads",
			Consequence: "one of the two counts, and which one is not said"}
		if len(pairs) == 0 {
			p.Field, p.Message = "spec", "another Sidecar of this namespace has no workloadSelector either"
		}
		a.found = append(a.found, Found{Object: o, Problem: p, Related: []*bundle.Object{first}})
	}
	if len(pairs) > 0 && namespaceOf(o) == a.target.RootNamespace {
		a.found = append(a.found, Found{Object: o, Problem: Problem{Rule: "MSH121", Kind: Ineffective, Severity: Warning, Field: "spec.workloadSelector",
			Message:     fmt.Sprintf("in the root namespace %s a Sidecar with a workloadSelector is for workloads of that namespace only", a.target.RootNamespace),
			Consequence: "other namespaces do not have it as their default", Fix: "remove workloadSelector, or move it to the namespace of the workloads"}})
	}
}
