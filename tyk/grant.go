package tyk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Matrix says who may call whom.
type Matrix struct {
	// Workloads are the meshed ones, by [Workload.Host], callers and callees alike.
	Workloads []Workload
	// Grants are all pairs, callers in the order of Workloads, and for each the callees. Nobody calls itself.
	Grants []Grant
	// Faults say what of the annotations cannot mean anything.
	Faults []string
}

// A Grant is a pair of caller and callee, by [Workload.Host].
type Grant struct {
	Caller, Callee string
	// Allowed says that the callee lets the caller in; Mutual, that it asks callers for a certificate at all.
	Allowed, Mutual bool
	Why             string // one clause
}

// Grants gives the matrix of workloads. Those not meshed do not count. A callee with the annotation [CallersKey] lets in the
// callers whose [GroupKey] is in it, and nobody where it is empty; one without it lets in everybody, as all did before.
func Grants(workloads []Workload) Matrix {
	var m Matrix
	groups := map[string]bool{}
	for _, w := range workloads {
		if w.Meshed() && w.App != "" {
			m.Workloads = append(m.Workloads, w)
			groups[w.Group] = w.Group != ""
		}
	}
	slices.SortStableFunc(m.Workloads, func(a, b Workload) int { return cmp.Compare(a.Host(), b.Host()) })
	m.checkHosts()
	for _, callee := range m.Workloads {
		if callee.Closed && len(callee.Callers) == 0 {
			m.Faults = append(m.Faults, fmt.Sprintf("%s: %s is empty, so nobody may call it", callee.Host(), CallersKey))
		}
		for i, group := range callee.Callers {
			if !groups[group] && !slices.Contains(callee.Callers[:i], group) {
				m.Faults = append(m.Faults, fmt.Sprintf("%s: %s names the group %q, which no workload here is in", callee.Host(), CallersKey, group))
			}
		}
	}
	for _, caller := range m.Workloads {
		for _, callee := range m.Workloads {
			if caller.Host() != callee.Host() {
				m.Grants = append(m.Grants, grant(caller, callee))
			}
		}
	}
	return m
}

// checkHosts says where two workloads are one to the mesh.
func (m *Matrix) checkHosts() {
	seen := map[string]Workload{}
	for _, w := range m.Workloads {
		if other, ok := seen[w.App]; ok {
			m.Faults = append(m.Faults, fmt.Sprintf("%s and %s have one app label, and API definitions are named by it alone: %s", other.Host(), w.Host(), "the second gets those of the first"))
		}
		seen[w.App] = w
	}
}

func grant(caller, callee Workload) Grant {
	g := Grant{Caller: caller.Host(), Callee: callee.Host(), Mutual: callee.Closed}
	switch {
	case !callee.Closed:
		g.Allowed, g.Why = true, "open to all"
	case caller.Group == "":
		g.Why = "the caller is in no group"
	case slices.Contains(callee.Callers, caller.Group):
		g.Allowed, g.Why = true, "group "+caller.Group
	default:
		g.Why = fmt.Sprintf("group %s is not among %s", caller.Group, cmp.Or(strings.Join(callee.Callers, ", "), "its callers"))
	}
	return g
}

// Callers are the hosts that may call a callee that asks for a certificate.
func (m Matrix) Callers(callee string) (hosts []string) {
	for _, g := range m.Grants {
		if g.Callee == callee && g.Mutual && g.Allowed {
			hosts = append(hosts, g.Caller)
		}
	}
	return hosts
}

// Clients are the hosts that need a client certificate: those that may call a callee that asks for one.
func (m Matrix) Clients() (hosts []string) {
	for _, w := range m.Workloads {
		if slices.ContainsFunc(m.Grants, func(g Grant) bool { return g.Caller == w.Host() && g.Mutual && g.Allowed }) {
			hosts = append(hosts, w.Host())
		}
	}
	return hosts
}
