package model

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// Differences lists how the model's path differs from the judge's: reached or why not, and of each proxy the cluster
// (host, port, subset), the port that is dialled, TLS mode, layers, SNI, names, CA, credentials, and the TLS that it took
// off. What the judge cannot tell is not compared, nor what the model leaves open because of an EnvoyFilter: skipped.
func Differences(want judge.Path, got Path) (differences []string, skipped bool) {
	wants := append([]judge.Path{want}, want.Else...)
	gots := append([]Path{got}, got.Else...)
	for _, w := range wants {
		if w.Outcome.Code == judge.Unknown {
			return nil, true
		}
	}
	for i, g := range gots {
		// The judge applies EnvoyFilters, as istiod does; the model names them and says that it does not know.
		if g.Outcome.Code == judge.Unknown && strings.Contains(g.Outcome.Reason, "EnvoyFilter ") && wants[min(i, len(wants)-1)].Outcome.Code == judge.Arrives {
			return nil, true
		}
	}
	if len(wants) != len(gots) {
		return []string{fmt.Sprintf("ways: want %d, got %d", len(wants), len(gots))}, false
	}
	// Ways of one share come in no order that means anything.
	key := func(share int, hops []string) string {
		return fmt.Sprintf("%03d %s", 100-share, strings.Join(hops, " "))
	}
	slices.SortStableFunc(wants, func(a, b judge.Path) int {
		return strings.Compare(key(a.Share, clusters(a.Hops, func(h judge.Hop) judge.Hop { return h })), key(b.Share, clusters(b.Hops, func(h judge.Hop) judge.Hop { return h })))
	})
	slices.SortStableFunc(gots, func(a, b Path) int {
		return strings.Compare(key(a.Share, clusters(a.Hops, func(h Hop) judge.Hop { return h.Hop })), key(b.Share, clusters(b.Hops, func(h Hop) judge.Hop { return h.Hop })))
	})
	for i := range wants {
		for _, d := range differ(wants[i], gots[i]) {
			if len(wants) > 1 {
				d = fmt.Sprintf("way %d: %s", i+1, d)
			}
			differences = append(differences, d)
		}
	}
	return differences, false
}

func clusters[H any](hops []H, of func(H) judge.Hop) []string {
	var all []string
	for _, h := range hops {
		all = append(all, of(h).Workload+" "+of(h).Cluster+" "+of(h).Wire.Mode+" "+place(of(h).Destination)+" "+name(of(h).Destination.Address))
	}
	return all
}

func differ(want judge.Path, got Path) []string {
	var all []string
	same := func(what string, want, got any) {
		if w, g := fmt.Sprint(want), fmt.Sprint(got); w != g {
			all = append(all, fmt.Sprintf("%s: want %s, got %s", what, w, g))
		}
	}
	same("share", want.Share, got.Share)
	same("outcome", want.Outcome.Code, got.Outcome.Code)
	same("hops", len(want.Hops), len(got.Hops))
	for i := range min(len(want.Hops), len(got.Hops)) {
		w, g := want.Hops[i], got.Hops[i]
		at := fmt.Sprintf("hop %d (%s %s) ", i+1, w.Proxy, w.Workload)
		same(at+"proxy", w.Proxy+" "+w.Workload, g.Proxy+" "+g.Workload)
		if inbound(w.Cluster) {
			w.Cluster, g.Cluster = "", "" // the application behind its own proxy
			w.Destination, g.Destination = judge.Destination{}, judge.Destination{}
			w.DecidedBy = nil
		}
		same(at+"cluster", w.Cluster, g.Cluster)
		same(at+"destination", place(w.Destination), place(g.Destination))
		same(at+"authority", w.Destination.Authority, g.Destination.Authority)
		same(at+"address", name(w.Destination.Address), name(g.Destination.Address))
		same(at+"wire", fmt.Sprintf("%s %d", w.Wire.Mode, w.Wire.Layers), fmt.Sprintf("%s %d", g.Wire.Mode, g.Wire.Layers))
		same(at+"sni", w.Wire.SNI, g.Wire.SNI)
		same(at+"ca", w.Verify.Server.CA, g.Verify.Server.CA)
		same(at+"names", sorted(w.Verify.Server.Names), sorted(g.Verify.Server.Names))
		same(at+"shows", w.Verify.Client.Credential, g.Verify.Client.Credential)
		same(at+"takes off TLS", w.Terminates != nil, g.Terminates != nil)
		if w.Terminates != nil && g.Terminates != nil {
			same(at+"credential", w.Terminates.Credential, g.Terminates.Credential)
			// The judge takes off an ending that Istio puts there, except where the CA has a Secret of its own.
			if w.Terminates.ClientCA != g.Terminates.ClientCA {
				same(at+"client CA", w.Terminates.ClientCA, strings.TrimSuffix(g.Terminates.ClientCA, "-cacert"))
			}
			same(at+"required", w.Terminates.Required, g.Terminates.Required)
			same(at+"client names", sorted(w.Terminates.ClientNames), sorted(g.Terminates.ClientNames))
			same(at+"server names", strings.ToLower(fmt.Sprint(sorted(w.Terminates.ServerNames))), fmt.Sprint(sorted(g.Terminates.ServerNames)))
		}
		same(at+"delay", w.Delay, g.Delay)
		same(at+"mirrors", w.Mirrors, g.Mirrors)
		for _, o := range decided(w) {
			if !slices.ContainsFunc(g.DecidedBy, func(d struct{ Kind, Namespace, Name string }) bool {
				// Of several rules for one host Envoy's configuration names the first, whoever said it.
				return o == d.Kind+" "+d.Namespace+"/"+d.Name || d.Kind == "DestinationRule" && strings.HasPrefix(o, d.Kind+" "+d.Namespace+"/")
			}) {
				all = append(all, at+"decided by: want "+o+" among "+fmt.Sprint(g.DecidedBy))
			}
		}
	}
	return all
}

// decided lists the objects of which Envoy's configuration says that a hop comes from them, as far as the model should
// too: what comes in by a sidecar has settings of DestinationRules that change no path, and of a port of a gateway the
// configuration names all Gateways, whichever had the host; a Sidecar of the root namespace it names as one of the pod's.
func decided(h judge.Hop) []string {
	return slices.DeleteFunc(slices.Clone(h.DecidedBy), func(o string) bool { return strings.HasPrefix(o, "Gateway ") || strings.HasPrefix(o, "Sidecar ") })
}

// inbound tells whether a cluster is the application behind its own proxy, which has no other name.
func inbound(cluster string) bool {
	return strings.HasPrefix(cluster, "inbound|") || strings.HasPrefix(cluster, "InboundPassthrough")
}

// name is an address that a proxy asks DNS for; those of IP are of the judge's and the model's own making.
func name(address string) string {
	if _, err := netip.ParseAddr(address); err == nil {
		return ""
	}
	return address
}

func place(d judge.Destination) string { return fmt.Sprintf("%s:%d/%s", d.Host, d.Port, d.Subset) }

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
