package traffic

import (
	"cmp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshscenario/scenario/mesh"
)

// A serviceName is what one mesh calls a service towards the other.
type serviceName struct{ namespace, name string }

// anyOne tells whether a part of a name stands for every one.
func anyOne(part string) bool { return part == "" || part == "*" }

// mapped is what a mapping makes of a name that it is for.
// maistra/istio pkg/servicemesh/federation/common/namemapping.go
func (n serviceName) mapped(m *mesh.ServiceNameMapping) (serviceName, bool) {
	if !anyOne(m.Namespace) && m.Namespace != n.namespace || !anyOne(m.Name) && m.Name != n.name {
		return n, false
	}
	if a := m.Alias; a != nil {
		if !anyOne(a.Namespace) {
			n.namespace = a.Namespace
		}
		if !anyOne(a.Name) {
			n.name = a.Name
		}
	}
	return n, true
}

// An exportedService is one that a mesh lets its peer use.
type exportedService struct {
	own     serviceName // in the mesh that exports it
	as      serviceName
	service *service // nil where the files do not hold it
	peer    *federationPeer
	field   string // of the rule
}

// host is the exported one: the peer's gateways ask for it by their SNI.
func (e *exportedService) host() string {
	return e.as.name + "." + e.as.namespace + ".svc." + e.peer.name + "-exports.local"
}

// exportsTo are the services that a mesh exports to another, each by the first rule that is for it, and those that a rule
// names in full and the files do not hold.
func (x *Index) exportsTo(other *Index) []*exportedService {
	p := x.facing(other)
	if p == nil || p.exports == nil {
		return nil
	}
	var all []*exportedService
	held := map[serviceName]bool{}
	for _, s := range x.services {
		if !s.kubernetes || s.external || s.assumed {
			continue
		}
		own := serviceName{s.namespace, s.name}
		held[own] = true
		if !s.exportTo.to(p.namespace) {
			continue
		}
		for i, r := range p.exports.rules {
			if as, ok := own.exported(r, s.labels); ok {
				all = append(all, &exportedService{own, as, s, p, itemField("spec.exportRules", i)})
				break
			}
		}
	}
	for i, r := range p.exports.rules {
		n := r.NameSelector
		if r.Type != "NameSelector" || n == nil || anyOne(n.Name) || anyOne(n.Namespace) || held[serviceName{n.Namespace, n.Name}] {
			continue
		}
		own := serviceName{n.Namespace, n.Name}
		held[own] = true
		as, _ := own.mapped(n)
		all = append(all, &exportedService{own, as, nil, p, itemField("spec.exportRules", i)})
	}
	return all
}

// exported is the name under which a rule exports a service. What istiod cannot read of a rule it skips.
func (n serviceName) exported(r mesh.ExportRule, of map[string]string) (serviceName, bool) {
	switch {
	case r.Type == "NameSelector" && r.NameSelector != nil:
		return n.mapped(r.NameSelector)
	case r.Type == "LabelSelector" && r.LabelSelector != nil:
		s := r.LabelSelector
		chosen := s.Selector
		if chosen == nil {
			chosen = &metav1.LabelSelector{}
		}
		selector, err := metav1.LabelSelectorAsSelector(chosen)
		if err != nil || !anyOne(s.Namespace) && s.Namespace != n.namespace || !selector.Matches(labels.Set(of)) {
			return n, false
		}
		for i := range s.Aliases {
			if as, ok := n.mapped(&s.Aliases[i]); ok {
				return as, true
			}
		}
		return n, true
	}
	return n, false
}

// hostOf is the host by which the first rule for it makes an exported service known, and the rule's field.
func (s *importedSet) hostOf(p *federationPeer, n serviceName) (host, field string) {
	for i, r := range s.rules {
		if host := s.named(p, r, n); host != "" {
			return host, itemField("spec.importRules", i)
		}
	}
	return "", ""
}

// named is the host that a rule makes of an exported service; none where it is not for it, or istiod skips it.
// maistra/istio pkg/servicemesh/federation/common/imports.go
func (s *importedSet) named(p *federationPeer, r mesh.ImportRule, n serviceName) string {
	if r.Type != "NameSelector" || r.NameSelector == nil {
		return ""
	}
	const local = "svc." + domain
	suffix := local
	if !r.ImportAsLocal {
		suffix = cmp.Or(r.DomainSuffix, s.suffix, "svc."+p.name+"-imports.local")
		if suffix == local {
			return ""
		}
	} else if a := r.NameSelector.Alias; a == nil || anyOne(a.Namespace) {
		return ""
	}
	as, ok := n.mapped(r.NameSelector)
	if !ok {
		return ""
	}
	return strings.ToLower(as.name + "." + as.namespace + "." + suffix)
}

// importedAs is the imported service of a host. Where the other mesh's files are not there, rules for many services may mean
// any that has such a name.
func (x *Index) importedAs(host string) *importedService {
	if i := x.federation.imported[host]; i != nil {
		return i
	}
	name, rest, _ := strings.Cut(host, ".")
	namespace, suffix, found := strings.Cut(rest, ".")
	if !found || suffix == "svc."+domain {
		return nil
	}
	for _, p := range x.federation.peers {
		if p.imports == nil || x.options.Peer != nil && x.facing(x.options.Peer) == p {
			continue
		}
		for i, r := range p.imports.rules {
			n := r.NameSelector
			if n != nil && p.imports.named(p, r, serviceName{orAny(n.Namespace, namespace), orAny(n.Name, name)}) == host {
				return &importedService{host: host, peer: p, field: itemField("spec.importRules", i)}
			}
		}
	}
	return nil
}

// orAny is a part of a name, or, where that stands for every one, the one that is asked for.
func orAny(part, name string) string {
	if anyOne(part) {
		return name
	}
	return part
}

// couldBeImported tells whether a host is one that a peer's imports make known, and the files do not hold both of them.
func (x *Index) couldBeImported(host string) bool {
	_, of, found := strings.Cut(host, ".svc.")
	name, imports := strings.CutSuffix(of, "-imports.local")
	return x.gates.federation && found && imports && !slices.ContainsFunc(x.federation.peers, func(p *federationPeer) bool {
		return p.name == name && p.imports != nil
	})
}
