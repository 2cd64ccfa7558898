package rules

import (
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// A provider is a service that proxies call by themselves, such as one that is asked whether a request may pass, with
// where the mesh's settings name it.
type provider struct {
	name, host string
	port       int
	object     *bundle.Object
	field      string
}

type providersKey struct{}

// providers are the extension providers in the mesh's settings.
func providers(p *validate.Pass) []provider {
	return validate.Once(p, providersKey{}, func() []provider {
		var all []provider
		read := func(o *bundle.Object, tree any, field string) {
			list, _ := at(tree, "extensionProviders").([]any)
			for _, one := range list {
				fields, _ := one.(map[string]any)
				name, _ := fields["name"].(string)
				for _, kind := range fields {
					service, _ := at(kind, "service").(string)
					_, host, named := strings.Cut(service, "/")
					if !named {
						host = service
					}
					if port, ok := number(at(kind, "port")); ok && host != "" {
						all = append(all, provider{name, strings.ToLower(host), port, o, field})
					}
				}
			}
		}
		for _, c := range p.Objects.ConfigMaps {
			var tree map[string]any
			if c.ID.Name == "istio" && yaml.Unmarshal([]byte(c.Spec.Data["mesh"]), &tree) == nil {
				read(c.Object, tree, "data.mesh")
			}
		}
		for _, o := range p.Objects.All {
			switch o.Kind {
			case "Istio":
				read(o, at(o.Tree(), "spec", "values", "meshConfig"), "spec.values.meshConfig.extensionProviders")
			case "ServiceMeshControlPlane":
				read(o, at(o.Tree(), "spec", "techPreview", "meshConfig"), "spec.techPreview.meshConfig.extensionProviders")
			}
		}
		return all
	})
}

// at is what is below fields of a tree, or nil.
func at(tree any, names ...string) any {
	for _, name := range names {
		fields, _ := tree.(map[string]any)
		tree = fields[name]
	}
	return tree
}

// number is a number of a tree, which may be written as a text.
func number(v any) (int, bool) {
	n := 0
	_, err := fmt.Sscanf(fmt.Sprint(v), "%d", &n)
	return n, err == nil && v != nil
}
