package migrate

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"

	"github.com/meshscenario/scenario/bundle"
)

// An imported service is one of another mesh, by the name that callers use and by its own.
type imported struct {
	called, own string
}

// importedBy reads a rule of an ImportedServiceSet; a rule that chooses by pattern names none.
func importedBy(set *bundle.Object, rule tree) (imported, bool) {
	name, namespace := getText(rule, "nameSelector", "name"), getText(rule, "nameSelector", "namespace")
	if name == "" || namespace == "" || name == "*" || namespace == "*" {
		return imported{}, false
	}
	alias := getMap(rule, "nameSelector", "alias")
	called := cmp.Or(getText(alias, "name"), name) + "." + cmp.Or(getText(alias, "namespace"), namespace) + ".svc."
	if isTrue(rule["importAsLocal"]) {
		called += domain
	} else {
		called += set.Name + "-imports.local"
	}
	return imported{called: called, own: name + "." + namespace + ".svc." + domain}, true
}

// imports declares what is imported by its own name, behind the other mesh's gateway.
func (m *migration) imports(o *bundle.Object) {
	p, known := m.peerNamed(o)
	rules, _ := get(o.Tree(), "spec", "importRules").([]any)
	for i, item := range rules {
		rule, _ := item.(tree)
		at := fmt.Sprintf("spec.importRules[%d]", i)
		service, named := importedBy(o, rule)
		ports := m.calledPorts(service.called)
		switch {
		case !named:
			m.tell(Entry{Class: Decide, aspect: anyPath, Says: "which services it imports, the files do not tell", Do: "write a ServiceEntry for each, by its name in the other mesh"}, o, at)
		case !known || len(p.addresses) == 0:
			m.tell(Entry{Class: Decide, aspect: anyPath, Says: "the files do not say where mesh " + o.Name + " is reached", Do: "give the ServiceMeshPeer with spec.remote.addresses too"}, o, at)
		case len(ports) == 0:
			m.tell(Entry{
				Class: Decide, aspect: anyPath, Says: "nothing in the files calls " + service.called + ", so its ports are not known here, and no ServiceEntry is written",
				Do: "write a ServiceEntry for " + service.own + " with the ports that it has in the other mesh, and that mesh's gateway as endpoint",
			}, o, at)
		default:
			m.imported(o, p, service, ports, at)
		}
	}
	for _, key := range []string{"locality", "domainSuffix"} {
		if get(o.Tree(), "spec", key) != nil {
			m.tell(Entry{Class: Decide, Says: "no place is known for it", Do: map[string]string{
				"locality": "write it as the endpoints' locality, in the ServiceEntries", "domainSuffix": "call services by their own names",
			}[key]}, o, "spec."+key)
		}
	}
}

func (m *migration) imported(o *bundle.Object, p peer, service imported, ports []int, at string) {
	name := "import-" + regexp.MustCompile(`\.svc\..*`).ReplaceAllString(service.own, "")
	var declared, endpoints []any
	leads := tree{}
	for _, number := range ports {
		port := "http-" + strconv.Itoa(number)
		declared = append(declared, tree{"name": port, "number": number, "protocol": "HTTP"})
		leads[port] = p.port
	}
	resolution := "STATIC"
	for _, address := range p.addresses {
		if _, err := netip.ParseAddr(address); err != nil {
			resolution = "DNS"
		}
		endpoints = append(endpoints, tree{"address": address, "ports": leads, "labels": tree{"security.istio.io/tlsMode": "istio"}})
	}
	m.make("declares "+service.own+", behind the gateway of mesh "+o.Name, tree{
		"apiVersion": "networking.istio.io/" + m.to.IstioAPI(), "kind": "ServiceEntry", "metadata": tree{"namespace": o.Namespace, "name": name},
		"spec": tree{"hosts": []any{service.own}, "location": "MESH_INTERNAL", "resolution": resolution, "ports": declared, "endpoints": endpoints},
	})
	says := "the service is called by its own name, " + service.own + ", and by mutual TLS of the caller's own"
	if service.called != service.own {
		m.leadByName(o, service, declared, name)
		says += "; callers of " + service.called + " are led there"
	}
	m.tell(Entry{
		Class: Changed, aspect: anyPath, Became: "ServiceEntry " + o.Namespace + "/" + name, Says: says,
		Do: "see that its ports speak HTTP, and name who serves it in subjectAltNames (spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT)",
	}, o, at)
}

// leadByName lets callers keep the name by which a service was imported. The other mesh knows it by its own name alone.
func (m *migration) leadByName(o *bundle.Object, service imported, declared []any, name string) {
	api := "networking.istio.io/" + m.to.IstioAPI()
	m.make("the name by which "+service.own+" was imported", tree{
		"apiVersion": api, "kind": "ServiceEntry", "metadata": tree{"namespace": o.Namespace, "name": name + "-called"},
		"spec": tree{
			"hosts": []any{service.called}, "location": "MESH_INTERNAL", "resolution": "DNS", "ports": declared,
			"endpoints": []any{tree{"address": service.own}},
		},
	})
	var routes []any
	for _, item := range declared {
		number := item.(tree)["number"]
		routes = append(routes, tree{
			"match": []any{tree{"port": number}}, "rewrite": tree{"authority": service.own},
			"route": []any{tree{"destination": tree{"host": service.own, "port": tree{"number": number}}}},
		})
	}
	m.make("leads callers of "+service.called+" to "+service.own, tree{
		"apiVersion": api, "kind": "VirtualService", "metadata": tree{"namespace": o.Namespace, "name": name},
		"spec": tree{"hosts": []any{service.called}, "http": routes},
	})
}

// calledPorts are the ports at which objects of the files call a host: routes, and URLs in whatever they hold.
func (m *migration) calledPorts(host string) []int {
	var all []int
	add := func(number int) {
		if number > 0 && !slices.Contains(all, number) {
			all = append(all, number)
		}
	}
	url := regexp.MustCompile(`"?http://` + regexp.QuoteMeta(host) + `(?::(\d+))?`)
	for _, o := range m.in {
		for _, match := range url.FindAllStringSubmatch(string(o.JSON), -1) {
			number, _ := strconv.Atoi(cmp.Or(match[1], "80"))
			add(number)
		}
		if is(o, "networking.istio.io", "VirtualService") {
			eachDestination(getMap(o.Tree(), "spec"), func(d tree) {
				if number, ok := get(d, "port", "number").(int64); ok && d["host"] == host {
					add(int(number))
				}
			})
		}
	}
	slices.Sort(all)
	return all
}

// eachDestination visits the destinations of a VirtualService.
func eachDestination(v any, visit func(tree)) {
	switch v := v.(type) {
	case tree:
		if v["host"] != nil {
			visit(v)
		}
		for _, key := range sorted(v) {
			eachDestination(v[key], visit)
		}
	case []any:
		for _, item := range v {
			eachDestination(item, visit)
		}
	}
}

// renamed has routes and rules name imported services by their own names.
func (m *migration) renamed(o *bundle.Object, t tree) bool {
	change := false
	for _, set := range m.in {
		if !is(set, "federation.maistra.io", "ImportedServiceSet") {
			continue
		}
		rules, _ := get(set.Tree(), "spec", "importRules").([]any)
		for _, item := range rules {
			rule, _ := item.(tree)
			service, ok := importedBy(set, rule)
			if !ok || service.called == service.own {
				continue
			}
			eachDestination(getMap(t, "spec"), func(d tree) {
				if d["host"] == service.called {
					d["host"] = service.own
					change = true
				}
			})
		}
	}
	if change {
		m.tell(Entry{Class: Mapped, aspect: anyPath, Says: "imported services are called by their own names"}, o, "spec")
	}
	return change
}
