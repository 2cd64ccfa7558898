package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// A tykBackend is a Service to which something leads what comes from outside, with the name or number of its port.
type tykBackend struct {
	object             *bundle.Object
	field              string // of the port
	namespace, service string
	port               string // "" is whatever port there is
}

// backends are those of the files' Ingresses, of all versions, of HTTPRoutes, and of OpenShift's Routes.
func backends(p *validate.Pass) []tykBackend {
	type key struct{}
	return validate.Once(p, key{}, func() []tykBackend { return findBackends(p) })
}

func findBackends(p *validate.Pass) []tykBackend {
	var all []tykBackend
	for _, o := range p.Objects.All {
		switch o.Kind {
		case "Ingress", "HTTPRoute", "Route":
		default:
			continue
		}
		add := func(namespace, service string, port any, field string) {
			if namespace == "" {
				namespace = namespaceOf(o)
			}
			b := tykBackend{object: o, field: field, namespace: namespace, service: service}
			if port != nil {
				b.port = fmt.Sprint(port)
			}
			all = append(all, b)
		}
		spec, _ := o.Tree()["spec"].(map[string]any)
		switch o.Kind {
		case "Route":
			to, port := below(spec, "to"), below(spec, "port")
			add("", text(to["name"]), port["targetPort"], "spec.port.targetPort")
		case "HTTPRoute":
			for i, r := range items(spec["rules"]) {
				for j, ref := range items(r["backendRefs"]) {
					add(text(ref["namespace"]), text(ref["name"]), ref["port"], fmt.Sprintf("spec.rules[%d].backendRefs[%d].port", i, j))
				}
			}
		default:
			of := func(b map[string]any, field string) {
				service := below(b, "service")
				switch port := below(service, "port"); {
				case b["serviceName"] != nil:
					add("", text(b["serviceName"]), b["servicePort"], field+".servicePort")
				case port["name"] != nil:
					add("", text(service["name"]), port["name"], field+".service.port.name")
				case service["name"] != nil:
					add("", text(service["name"]), port["number"], field+".service.port.number")
				}
			}
			of(below(spec, "backend"), "spec.backend")
			of(below(spec, "defaultBackend"), "spec.defaultBackend")
			for i, r := range items(spec["rules"]) {
				for j, path := range items(below(r, "http")["paths"]) {
					of(below(path, "backend"), fmt.Sprintf("spec.rules[%d].http.paths[%d].backend", i, j))
				}
			}
		}
	}
	return all
}

// below is the map at a key, or an empty one.
func below(tree map[string]any, key string) map[string]any {
	m, _ := tree[key].(map[string]any)
	return m
}

// items are the maps of a list; what is none is empty, so that the others keep their numbers.
func items(list any) []map[string]any {
	l, _ := list.([]any)
	all := make([]map[string]any, len(l))
	for i, item := range l {
		all[i], _ = item.(map[string]any)
	}
	return all
}

func text(value any) string {
	s, _ := value.(string)
	return s
}
