package migrate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// automatic tells whether the old operator made Routes of Gateways, for a control plane.
func (m *migration) automatic(p *plane) bool {
	if enabled := get(p.spec, "gateways", "openshiftRoute", "enabled"); enabled != nil {
		return isTrue(enabled)
	}
	return m.from.Has(mesh.RoutesByDefault)
}

// automaticRoutes makes the Routes that the old operator made of Gateways, with their names: a Route of that name is there
// already, and stays. How it makes them was read in maistra/istio, pilot/pkg/config/kube/ior/route.go.
func (m *migration) automaticRoutes() {
	for _, o := range m.in {
		if !is(o, "networking.istio.io", "Gateway") {
			continue
		}
		t := o.Tree()
		p := m.belongsTo(o.Namespace)
		if p == nil || getText(t, "spec", "selector", "istio") == "egressgateway" || !m.automatic(p) {
			continue
		}
		if managed, err := strconv.ParseBool(getText(t, "metadata", "annotations", manageRoute)); err == nil && !managed {
			continue
		}
		m.routesOf(o, t)
	}
}

const manageRoute = "maistra.io/manageRoute"

func (m *migration) routesOf(o *bundle.Object, t tree) {
	service := m.serviceOf(getMap(t, "spec", "selector"))
	if service == nil {
		m.tell(Entry{
			Class: Decide, Says: "the old operator made a Route for each of its hosts, and these files do not hold the Service of the gateway that the Routes would lead to",
			Do: "write a Route for each host, in the namespace of the gateway's Service",
		}, o, "spec.servers")
		return
	}
	servers, _ := get(t, "spec", "servers").([]any)
	for i, s := range servers {
		server, _ := s.(tree)
		for j, host := range texts(server["hosts"]) {
			at := fmt.Sprintf("spec.servers[%d].hosts[%d]", i, j)
			if _, name, ok := strings.Cut(host, "/"); ok {
				host = name
			}
			if m.routed(host) {
				m.tell(Entry{Class: Mapped, Says: "the files hold a Route for it"}, o, at)
				continue
			}
			if host == "*" {
				m.tell(Entry{
					Class: Decide, Says: "the old operator made a Route with a name that OpenShift chose, and nobody makes it now",
					Do: "write a Route for each host by which the gateway is called: oc get route -n " + service.Namespace + " -l maistra.io/gateway-name=" + o.Name + " tells the one that is there",
				}, o, at)
				continue
			}
			m.routeFor(o, service, host, getMap(server, "tls"), at)
		}
	}
}

func (m *migration) routeFor(o, service *bundle.Object, host string, tls tree, at string) {
	policy, target := "None", "http2"
	if domain, ok := strings.CutPrefix(host, "*."); ok {
		host, policy = "wildcard."+domain, "Subdomain"
	}
	hash := sha256.Sum256([]byte(host))
	name := fmt.Sprintf("%s-%s-%s", o.Namespace, o.Name, hex.EncodeToString(hash[:8]))
	spec := tree{"host": host, "to": tree{"kind": "Service", "name": service.Name, "weight": 100}, "wildcardPolicy": policy}
	if tls != nil {
		target = "https"
		termination := tree{"termination": "passthrough"}
		if isTrue(tls["httpsRedirect"]) {
			termination["insecureEdgeTerminationPolicy"] = "Redirect"
		}
		spec["tls"] = termination
	}
	spec["port"] = tree{"targetPort": target}
	route := m.make("the router leads "+host+" to the gateway, as the old operator had it", tree{
		"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": tree{"namespace": service.Namespace, "name": name}, "spec": spec,
	})
	m.routes = append(m.routes, route)
	m.tell(Entry{
		Class: Changed, Became: route.ID.String(),
		Says: "Routes are made of Gateways no longer: this one is written out, with the name of the one that the old operator keeps",
		Do: fmt.Sprintf("take the label off before the old control plane goes, or it takes the Route along: oc label route %s -n %s maistra.io/generated-by-; for hosts that are added to the Gateway later, write Routes",
			name, service.Namespace),
	}, o, at)
}

// routed tells whether a Route for a host is written already.
func (m *migration) routed(host string) bool {
	return slices.ContainsFunc(append(slices.Clone(m.in), m.routes...), func(o *bundle.Object) bool {
		written := getText(o.Tree(), "spec", "host")
		return o.Kind == "Route" && written != "" && (strings.EqualFold(written, host) || strings.EqualFold(written, "wildcard."+strings.TrimPrefix(host, "*.")) && strings.HasPrefix(host, "*."))
	})
}

// serviceOf is the Service of the gateway that a Gateway is for: the first whose pods have all the labels.
func (m *migration) serviceOf(selector tree) *bundle.Object {
	for _, o := range append(slices.Clone(m.made), m.in...) {
		if o.Kind == "Service" && o.APIVersion == "v1" && selects(selector, getMap(o.Tree(), "spec", "selector")) {
			return o
		}
	}
	return nil
}

// ownRoute is the Route of a gateway without a host: the router makes one up.
func (m *migration) ownRoute(g *gateway) {
	m.make("the router leads a host of its own choice to the gateway, as the old operator had it", tree{
		"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": with(tree{"namespace": g.namespace, "name": g.name}, "labels", g.labels),
		"spec": tree{"to": tree{"kind": "Service", "name": g.name, "weight": 100}, "port": tree{"targetPort": 8080}, "wildcardPolicy": "None"},
	})
}
