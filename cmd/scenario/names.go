package main

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/scenarios"
	"github.com/meshscenario/scenario/traffic"
)

// known are the names that the manifests hold.
type known struct{ workloads, hosts []string }

// checkClient refuses a client without a namespace, and says of one that the manifests do not hold what it is taken for.
func (f *traceFlags) checkClient(s streams, k known) error {
	if f.from == "" || f.from == traffic.Outside || slices.Contains(k.workloads, f.from) {
		return nil
	}
	namespace, name, ok := strings.Cut(f.from, "/")
	if !ok {
		hint := "write --from NAMESPACE/WORKLOAD, or --from " + traffic.Outside
		for _, w := range k.workloads {
			if strings.HasSuffix(w, "/"+f.from) {
				hint = "did you mean --from " + w + "?"
			}
		}
		if scenarios.Nearest(f.from, []string{traffic.Outside}) != "" {
			hint = "did you mean --from " + traffic.Outside + "?"
		}
		return usage(hint, "--from %s has no namespace", f.from)
	}
	var there []string
	for _, w := range k.workloads {
		if strings.HasPrefix(w, namespace+"/") {
			there = append(there, w)
		}
	}
	if len(there) == 0 || name == "*" {
		return nil
	}
	fmt.Fprintf(s.err, "scenario: %s\n", oneLine(fmt.Sprintf("the manifests hold no workload %s: it is taken to have a sidecar and the label app=%s", f.from, name)))
	hint := "those of the namespace are " + some(there)
	if n := scenarios.Nearest(f.from, there); n != "" {
		hint = "did you mean " + n + "? " + hint
	}
	fmt.Fprintf(s.err, "hint: %s\n", oneLine(hint))
	return nil
}

// sayUnknownHost says that a host that is not reached may be misspelt.
func (k known) sayUnknownHost(s streams, host string) {
	if _, err := netip.ParseAddr(host); err == nil || len(k.hosts) == 0 {
		return
	}
	if slices.ContainsFunc(k.hosts, func(h string) bool { return takes(h, host) }) {
		return
	}
	hint := "nothing in the manifests declares " + host
	if n := scenarios.Nearest(host, k.hosts); n != "" {
		hint += "; did you mean " + n + "?"
	} else {
		hint += "; they know " + some(k.hosts)
	}
	fmt.Fprintf(s.err, "hint: %s\n", oneLine(hint))
}

// takes tells whether a declared host, or one of its short names, is the one that is called.
func takes(declared, host string) bool {
	if rest, wild := strings.CutPrefix(declared, "*"); wild {
		return strings.HasSuffix(host, rest)
	}
	return strings.EqualFold(declared, host) || strings.HasPrefix(declared, host+".") && strings.HasSuffix(declared, ".svc.cluster.local")
}

func hostOf(to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// some lists the first names of many.
func some(names []string) string {
	const most = 6
	if more := len(names) - most; more > 1 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
}
