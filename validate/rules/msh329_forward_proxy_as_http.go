package rules

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// tunnels are the variables that name a proxy for https URLs.
var tunnels = map[string]bool{"HTTPS_PROXY": true, "ALL_PROXY": true}

var msh329 = validate.Rule{
	ID: "MSH329", Name: "forward-proxy-as-http", Category: validate.Protocol, Severity: validate.Error,
	Title: "a forward proxy for HTTPS is declared to be HTTP, and HTTP routes take no CONNECT",
	Check: func(p *validate.Pass) {
		for _, t := range templates(p) {
			if pod, ok := p.Index.Pod(t.namespace + "/" + t.object.Name); !ok || !pod.Sidecar {
				continue
			}
			for _, v := range environment(p, t) {
				host, port, ok := proxyAddress(v.value)
				if !ok || !tunnels[strings.ToUpper(v.name)] {
					continue
				}
				entry, at, ok := entryOf{}, "", false
				for _, e := range entriesCalled(p, host) {
					if !ok && seen(p, e, t.namespace) {
						entry, at, ok = declaredIn([]entryOf{e}, port)
					}
				}
				if !ok || !isHTTP(entry.Spec.Ports[atIndex(at)].Protocol) {
					continue
				}
				place := p.At(entry.Object, at+".protocol")
				p.Report(validate.Finding{
					Place:       place,
					Message:     fmt.Sprintf("%s has %s tunnel through port %d of %s, which is declared %s: the tunnel begins with CONNECT, and no HTTP route takes that", v.name, t.object.ID, port, entry.ID, entry.Spec.Ports[atIndex(at)].Protocol),
					Consequence: "the sidecar answers the CONNECT with 404 (NR, route_not_found)",
					Fix:         "set protocol: TCP, and spec.addresses where another host shares the port: the tunnel then passes unread",
					Related:     []validate.Place{p.At(v.object, v.field)},
					Edits:       []validate.Edit{{Object: place.Object, Field: place.Field, Value: "TCP"}},
				})
			}
		}
	},
}

// tunnelled tells whether a port of a ServiceEntry is that of a forward proxy, by which applications call https URLs.
func tunnelled(p *validate.Pass, e entryOf, port int) bool {
	return slices.ContainsFunc(templates(p), func(t template) bool {
		return slices.ContainsFunc(environment(p, t), func(v variable) bool {
			host, at, ok := proxyAddress(v.value)
			return ok && tunnels[strings.ToUpper(v.name)] && at == port && slices.ContainsFunc(e.Spec.Hosts, func(h string) bool { return covers(h, host) })
		})
	})
}

// proxyAddress is the host and port of a proxy, as environments give it: with or without http://.
func proxyAddress(value string) (host string, port int, ok bool) {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" {
		return "", 0, false
	}
	port, err = strconv.Atoi(u.Port())
	if err != nil {
		port = map[string]int{"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}[u.Scheme]
	}
	return strings.ToLower(u.Hostname()), port, port != 0
}
