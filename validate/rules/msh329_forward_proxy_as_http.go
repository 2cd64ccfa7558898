package rules

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/traffic"
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
				if !ok {
					tunnelIntoHTTP(p, t, v, host, port)
					continue
				}
				if !isHTTP(entry.Spec.Ports[atIndex(at)].Protocol) {
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

// tunnelIntoHTTP reports a forward proxy that no ServiceEntry declares where its port is read as HTTP all the same: it is a
// Service's, or it shares the number with one.
func tunnelIntoHTTP(p *validate.Pass, t template, v variable, host string, port int) {
	path, err := p.Index.Walk(traffic.Request{From: t.namespace + "/" + t.object.Name, To: fmt.Sprintf("http://%s:%d", host, port)})
	if err != nil || len(path.Hops) < 2 || path.Hops[1].Proxy != traffic.Sidecar || path.Hops[1].Route == "" || path.Outcome.Code == traffic.Blackhole {
		return
	}
	taker, who := httpOn(p, clientOf(&path.Hops[0]), port, "")
	f := validate.Finding{
		Place:       p.At(v.object, v.field),
		Message:     fmt.Sprintf("%s has %s tunnel through %s:%d, which nothing declares, and %s has made port %d one of HTTP: the tunnel begins with CONNECT, and no HTTP route takes that", v.name, t.object.ID, host, port, cmp.Or(who, "another service"), port),
		Consequence: "the sidecar answers the CONNECT with 404 (NR, route_not_found)",
		Fix:         "declare the proxy by a ServiceEntry with its addresses and protocol: TCP: the tunnel then passes unread",
	}
	if who != "" {
		f.Related = []validate.Place{taker}
	}
	if d, ok := validate.Decided(&path.Hops[1], "Service"); ok {
		service := p.Object(d)
		if service == nil {
			return
		}
		f.Related = []validate.Place{f.Place}
		f.Place = p.At(service, d.Field)
		f.Message = fmt.Sprintf("%s has %s tunnel through port %d of %s, which is read as HTTP: the tunnel begins with CONNECT, and no HTTP route takes that", v.name, t.object.ID, port, d)
		f.Fix = fmt.Sprintf("set appProtocol: tcp for port %d, or give it a name that begins with tcp-: the tunnel then passes unread", port)
		f.Edits = []validate.Edit{{Object: f.Place.Object, Field: d.Field + ".appProtocol", Value: "tcp"}}
	} else if path.Outcome.Code != traffic.Passthrough {
		return // a route leads it elsewhere
	}
	p.Report(f)
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
