package migrate

import (
	"errors"
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// A Result is what a migration came to.
type Result struct {
	From, To mesh.Target
	// Bundle is the new manifests, in the order of applying. It holds no Secret: those of the old bundle stay as they are.
	Bundle *bundle.Bundle
	// Entries come by class, and within a class by where they are written.
	Entries []Entry
	// Requests is how many requests were followed through both, the old and the new; those that differ are Differences.
	Requests    int
	Differences []Difference
	// Releases are of Istio's charts, in the order of installing, where values of the chart of Istio 1.0 were migrated ([Helm]).
	Releases []Release
}

// Options say what to migrate from, to what, and how.
type Options struct {
	From, To mesh.Target // of OpenShift Service Mesh 2, and of 3
	// NetworkPolicies has those written out that the old operator made.
	NetworkPolicies bool
}

// A migration is one at work.
type migration struct {
	options  Options
	from, to mesh.Target
	in       []*bundle.Object
	out      []*bundle.Object
	made     []*bundle.Object // what was not there: what is there already goes before it
	entries  []Entry
	planes   []*plane
	// routes are those that the old operator makes of Gateways, and installed the pods and Services of gateways that it
	// installs in another form than its usual one: as the new bundle holds them.
	routes, installed []*bundle.Object
	// kept are Secrets, which stay in the cluster as they are and are not written.
	kept []*bundle.Object
	// capturing are the Istios whose sidecars answer DNS because the old operator's did.
	capturing map[string]bool
}

// Run migrates a bundle. The error is about objects that cannot be
// understood, each named; then there is no result.
func Run(b *bundle.Bundle, o Options) (*Result, error) {
	m := &migration{options: o, from: o.From, to: o.To, in: b.Latest().Objects, capturing: map[string]bool{}}
	if err := m.readable(); err != nil {
		return nil, err
	}
	m.findPlanes()
	m.findMembers()
	for _, p := range m.planes {
		if p.object != nil {
			m.controlPlane(p)
		}
		m.gateways(p)
	}
	for _, o := range m.in {
		m.pass(o)
	}
	m.automaticRoutes()
	m.namespaces()
	m.meanings()
	m.settle()
	out := &bundle.Bundle{Objects: m.out}
	out.Sort()
	sortEntries(m.entries)
	r := &Result{From: o.From, To: o.To, Bundle: out, Entries: m.entries}
	if err := m.compare(r); err != nil {
		return nil, err
	}
	return r, nil
}

// readable refuses what cannot be understood at all.
func (m *migration) readable() error {
	var errs []error
	for _, o := range m.in {
		group, version, _ := strings.Cut(o.APIVersion, "/")
		switch {
		case o.Kind == "ServiceMeshControlPlane" && group == "maistra.io" && version != "v2":
			errs = append(errs, fmt.Errorf("%s: %s: %s has the fields of OpenShift Service Mesh 1: write it as maistra.io/v2 (oc get smcp %s -n %s -o yaml gives that)", o.At("apiVersion"), o.ID, o.APIVersion, o.Name, o.Namespace))
		case group == "maistra.io" && o.Namespace == "" && (o.Kind == "ServiceMeshControlPlane" || o.Kind == "ServiceMeshMemberRoll" || o.Kind == "ServiceMeshMember"):
			errs = append(errs, fmt.Errorf("%s: %s: no metadata.namespace: which mesh or member it is cannot be told", o.At("metadata"), o.ID))
		}
	}
	return errors.Join(errs...)
}

// tell adds an entry about a field of an object that was read.
func (m *migration) tell(e Entry, o *bundle.Object, field string) {
	e.Object, e.Field, e.At = o.ID, field, o.At(field)
	m.entries = append(m.entries, e)
}

// make adds an object that was not there.
func (m *migration) make(why string, t tree) *bundle.Object {
	o := object(t, why)
	m.made = append(m.made, o)
	return o
}

// settle joins what was made with what was there. Of one name, what was written goes first: somebody meant it.
func (m *migration) settle() {
	type key struct{ kind, namespace, name string }
	there := map[key]*bundle.Object{}
	for _, o := range m.out {
		there[key{o.Kind, o.Namespace, o.Name}] = o
	}
	for _, o := range m.made {
		k := key{o.Kind, o.Namespace, o.Name}
		if old := there[k]; old != nil {
			m.entries = append(m.entries, Entry{
				Class: Decide, Object: old.ID, Says: "the files hold it already, so it was left as it is, and not made anew: " + o.Why,
				Do: "see that it is what is needed: the pods, ports, permissions or labels that the old control plane gave",
			})
			continue
		}
		there[k] = o
		m.out = append(m.out, o)
	}
}
