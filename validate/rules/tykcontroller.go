package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// A heldText is a text that a ConfigMap or Secret holds as a file.
type heldText struct {
	object *bundle.Object
	id     bundle.ID
	field  string // such as data["tyk-k8s.yaml"]
	key    string
	text   string
}

// at is the place of a line of the text, as far as that is known, under a name for what stands there.
func (h heldText) at(p *validate.Pass, path string, line int) validate.Place {
	place := p.At(h.object, h.field)
	if path != "" {
		place.Field += "." + path
	}
	if within, ok := h.object.Within(h.field, line); ok {
		place.Line, place.Column = within.Line, 1
	}
	return place
}

// secret tells whether the text is kept as one.
func (h heldText) secret() bool { return h.object.Kind == "Secret" }

// heldTexts are the texts of the files' ConfigMaps and Secrets.
func heldTexts(p *validate.Pass) []heldText {
	type key struct{}
	return validate.Once(p, key{}, func() []heldText {
		var all []heldText
		add := func(o *bundle.Object, id bundle.ID, in string, data map[string]string) {
			for _, k := range slices.Sorted(maps.Keys(data)) {
				field := in + "." + k
				if strings.ContainsAny(k, ".[]\"") {
					field = fmt.Sprintf("%s[%q]", in, k)
				}
				all = append(all, heldText{o, id, field, k, data[k]})
			}
		}
		for _, c := range p.Objects.ConfigMaps {
			add(c.Object, c.ID, "data", c.Spec.Data)
		}
		for _, s := range p.Objects.Secrets {
			decoded := map[string]string{}
			for k, v := range s.Spec.Data {
				decoded[k] = string(v)
			}
			add(s.Object, s.ID, "data", decoded)
			add(s.Object, s.ID, "stringData", s.Spec.StringData)
		}
		return all
	})
}

// A tykConfig is a configuration of tyk-k8s in the files.
type tykConfig struct {
	heldText
	*tyk.Controller
	faults []tyk.Fault
}

// place is where a key of the configuration is written, or the nearest around it.
func (c tykConfig) place(p *validate.Pass, path string) validate.Place {
	return c.at(p, path, c.Line(path))
}

// replaced tells whether the environment of the controller has another value for a key, such as CA.key. It counts only where
// the key is written: viper asks the environment for the keys that it has read (cmd/root.go of tyk-k8s).
func (c tykConfig) replaced(p *validate.Pass, key string) (is, known bool) {
	section, _, _ := strings.Cut(key, ".")
	if c.Line(key) == c.Line(section) {
		return false, true
	}
	is, known = controllerHas(p, "TK8S_"+strings.ToUpper(strings.ReplaceAll(key, ".", "_")))
	return is, known
}

// controllerHas tells whether a controller of the files has a variable, and whether they have one at all.
func controllerHas(p *validate.Pass, variable string) (has, there bool) {
	for _, t := range templates(p) {
		for _, c := range t.Spec.Containers {
			if !strings.Contains(c.Image+" "+c.Name, "tyk-k8s") {
				continue
			}
			there = true
			if _, i := variableOf(c, variable); i >= 0 {
				return true, true
			}
		}
	}
	return false, there
}

// has tells whether a section is written.
func (c tykConfig) has(section string) bool { return c.Line(section) > 0 }

// tykKeys are keys that no other program's configuration has.
var tykKeys = []string{"enableMeshTLS", "createRoutes", "mongoConnStr", "defaultKeyRequest", "meshCertificateID"}

// tykConfigs are the configurations of tyk-k8s in the files: files of ConfigMaps and Secrets that are named as it names its
// own, or have keys that only it has.
func tykConfigs(p *validate.Pass) []tykConfig {
	type key struct{}
	return validate.Once(p, key{}, func() []tykConfig {
		var all []tykConfig
		for _, h := range heldTexts(p) {
			if named := strings.HasPrefix(strings.ToLower(h.key), "tyk-k8s."); !named && !slices.ContainsFunc(tykKeys, func(k string) bool { return strings.Contains(h.text, k+":") || strings.Contains(h.text, k+`":`) }) {
				continue
			}
			controller, faults := tyk.ParseController([]byte(h.text))
			all = append(all, tykConfig{h, controller, faults})
		}
		return all
	})
}

// tykTLS tells whether the mesh has last-mile TLS, where the files tell.
func tykTLS(p *validate.Pass) (on, known bool) {
	for _, c := range tykConfigs(p) {
		if !c.has("Injector") {
			continue
		}
		if known && on != c.Injector.EnableMeshTLS {
			return false, false
		}
		on, known = c.Injector.EnableMeshTLS, true
	}
	return on, known
}

// sidecar is the container of a configuration that is to be the sidecar, with its path there.
func (c tykConfig) sidecar() (container corev1.Container, path string, ok bool) {
	for i, one := range c.Injector.Containers {
		if strings.EqualFold(one.Name, tyk.SidecarName) {
			return one, fmt.Sprintf("Injector.containers[%d]", i), true
		}
	}
	return corev1.Container{}, "", false
}

// variableOf is the value of a variable of a container, with its place among them.
func variableOf(c corev1.Container, name string) (value string, i int) {
	i = slices.IndexFunc(c.Env, func(e corev1.EnvVar) bool { return e.Name == name })
	if i >= 0 {
		value = c.Env[i].Value
	}
	return value, i
}

// byDomain tells whether the sidecars tell API definitions apart by the Host of a request, as in the sample configuration.
func byDomain(p *validate.Pass) bool {
	for _, c := range tykConfigs(p) {
		if sidecar, _, ok := c.sidecar(); ok {
			value, _ := variableOf(sidecar, "TYK_GW_ENABLECUSTOMDOMAINS")
			return truth(value)
		}
	}
	return true
}
