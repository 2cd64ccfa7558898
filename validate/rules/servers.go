package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A placed server is one of a Gateway at a gateway's pod.
type placed struct {
	of      gatewayOf
	field   string // "spec.servers[0]"
	listens int    // the port of the pod
	dropped bool   // for what another server has
	*networking.Server
}

type serversKey struct{}

// serversOf are the servers of all Gateways for a gateway's pod, in the order in which istiod joins them.
func serversOf(p *validate.Pass, pod traffic.Pod) []placed {
	return validate.Once(p, serversKey{}, func() map[string][]placed {
		byPod := map[string][]placed{}
		for _, pod := range gatewayPods(p) {
			for _, s := range p.Index.Servers(podName(pod)) {
				if g, ok := gatewayNamed(p, s.Gateway.Namespace+"/"+s.Gateway.Name); ok {
					byPod[podName(pod)] = append(byPod[podName(pod)], placed{g, s.Field, s.Port, s.Dropped, g.Spec.Servers[atIndex(s.Field)]})
				}
			}
		}
		return byPod
	})[podName(pod)]
}

func podName(pod traffic.Pod) string { return pod.Namespace + "/" + pod.Name }

type listenersKey struct{}

// serversAt are the servers for a listener of a gateway's pod, for nobody to change.
func serversAt(p *validate.Pass, pod traffic.Pod, listener string) []placed {
	_, at, _ := strings.Cut(listener, "_")
	return validate.Once(p, listenersKey{}, func() map[string][]placed {
		all := map[string][]placed{}
		for _, pod := range gatewayPods(p) {
			for _, s := range serversOf(p, pod) {
				at := podName(pod) + " " + fmt.Sprint(s.listens)
				all[at] = append(all[at], s)
			}
		}
		return all
	})[podName(pod)+" "+at]
}

type gatewayPodsKey struct{}

// gatewayPods are the pods of gateways, written or assumed.
func gatewayPods(p *validate.Pass) []traffic.Pod {
	return validate.Once(p, gatewayPodsKey{}, func() []traffic.Pod {
		return slices.DeleteFunc(p.Index.Pods(), func(pod traffic.Pod) bool { return !pod.Gateway })
	})
}

type gatewaysKey struct{}

// gatewayNamed is the Gateway of a NAMESPACE/NAME.
func gatewayNamed(p *validate.Pass, name string) (gatewayOf, bool) {
	g, ok := validate.Once(p, gatewaysKey{}, func() map[string]gatewayOf {
		all := map[string]gatewayOf{}
		for _, g := range p.Objects.Gateways {
			all[g.ID.Namespace+"/"+g.ID.Name] = g
		}
		return all
	})[name]
	return g, ok
}

type boundKey struct{}

// boundTo are the VirtualServices that name a Gateway, given as NAMESPACE/NAME.
func boundTo(p *validate.Pass, gateway string) []routesOf {
	return validate.Once(p, boundKey{}, func() map[string][]routesOf {
		all := map[string][]routesOf{}
		for _, r := range p.Objects.VirtualServices {
			for _, g := range r.Spec.Gateways {
				full := fullGateway(g, r.ID.Namespace)
				if of := all[full]; g != "mesh" && (len(of) == 0 || of[len(of)-1].Object != r.Object) {
					all[full] = append(of, r)
				}
			}
		}
		return all
	})[gateway]
}

type routesKey struct{}

// routesFor are the VirtualServices of a host, by name or by wildcard.
func routesFor(p *validate.Pass, host string) []routesOf {
	return about(validate.Once(p, routesKey{}, func() byHost[*networking.VirtualService] {
		all := byHost[*networking.VirtualService]{
			exact: map[string][]routesOf{},
			covers: func(r routesOf, host string) bool {
				return slices.ContainsFunc(r.Spec.Hosts, func(h string) bool { return wildcard(h) && covers(h, host) })
			},
		}
		for _, r := range p.Objects.VirtualServices {
			wild := false
			for _, h := range r.Spec.Hosts {
				if wildcard(h) {
					wild = true
					continue
				}
				full := strings.ToLower(fullName(h, r.ID.Namespace))
				if of := all.exact[full]; len(of) == 0 || of[len(of)-1].Object != r.Object {
					all.exact[full] = append(of, r)
				}
			}
			if wild {
				all.wildcard = append(all.wildcard, r)
			}
		}
		return all
	}), strings.ToLower(host))
}

// gatewayBehind is the gateway that a hop sends to, and the port of its pod.
func gatewayBehind(p *validate.Pass, sender *traffic.Hop) (traffic.Pod, int, bool) {
	to := sender.Destination
	host := cmp.Or(clusterOf(sender).host, to.Host)
	for _, pod := range gatewayPods(p) {
		behind := func(s traffic.Of[*corev1.Service]) bool {
			return s.ID.Namespace == pod.Namespace && len(s.Spec.Spec.Selector) > 0 && within(s.Spec.Spec.Selector, pod.Labels)
		}
		if sender.Proxy == traffic.Application { // from outside, by the load balancer
			if !pod.Entrance {
				continue
			}
			for _, s := range p.Objects.Services {
				for _, port := range s.Spec.Spec.Ports {
					if behind(s) && int(port.Port) == to.Port {
						return pod, cmp.Or(port.TargetPort.IntValue(), to.Port), true
					}
				}
			}
			return pod, cmp.Or(map[int]int{80: 8080, 443: 8443}[to.Port], to.Port), true
		}
		named := func(name, namespace string) bool {
			return host == name+"."+namespace || strings.HasPrefix(host, name+"."+namespace+".")
		}
		if pod.Assumed && named(pod.Name, pod.Namespace) ||
			slices.ContainsFunc(p.Objects.Services, func(s traffic.Of[*corev1.Service]) bool { return behind(s) && named(s.ID.Name, s.ID.Namespace) }) {
			return pod, to.Port, true
		}
	}
	return traffic.Pod{}, 0, false
}

// takes tells whether a server is for a host, whichever namespace its VirtualServices must be of.
func (s placed) takes(host string) bool {
	return slices.ContainsFunc(s.Hosts, func(h string) bool {
		_, name, found := strings.Cut(h, "/")
		if !found {
			name = h
		}
		return name == "*" || covers(name, host)
	})
}

// allows tells whether VirtualServices of a namespace may be behind a host of a server.
func (s placed) allows(host, namespace string) bool {
	return slices.ContainsFunc(s.Hosts, func(h string) bool {
		in, name, found := strings.Cut(h, "/")
		if !found {
			in, name = "*", h
		}
		if in == "." {
			in = s.of.ID.Namespace
		}
		return (in == "*" || in == namespace) && (name == "*" || covers(name, host))
	})
}

func (s placed) terminates() bool {
	switch s.GetTls().GetMode() {
	case networking.ServerTLSSettings_PASSTHROUGH, networking.ServerTLSSettings_AUTO_PASSTHROUGH:
		return false
	}
	return s.Tls != nil
}
