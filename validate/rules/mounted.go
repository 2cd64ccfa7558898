package rules

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A fileAt is a file of a proxy: where it is written, or why it is not there. Where neither is known, it is zero.
type fileAt struct {
	object *bundle.Object
	id     string // of the object, for people
	field  string // of the object that holds it
	value  []byte
	why    string
	// by is who says why, where that is only what makes the object.
	by *bundle.Object
	// elsewhere is an object of the name in another namespace, where the pod's own has none.
	elsewhere place
	// missing says that there is no such object at all.
	missing bool
}

// A place is an object with the namespace that it is applied to.
type place struct {
	object    *bundle.Object
	namespace string
}

const nothingMounted = "nothing is mounted there"

// fileIn finds a file of a workload's proxy. What its image and Istio bring is there, and not known.
func fileIn(p *validate.Pass, workload, file string) fileAt {
	mounts, all := filesOf(p, workload)
	slices.SortFunc(mounts, func(a, b mount) int { return cmp.Or(len(b.at)-len(a.at), cmp.Compare(a.at, b.at)) }) // the innermost first
	for _, m := range mounts {
		rest, below := strings.CutPrefix(path.Clean(file), strings.TrimSuffix(m.at, "/"))
		if below && (rest == "" || rest[0] == '/') {
			return m.file(p, strings.TrimPrefix(m.subPath+rest, "/"))
		}
	}
	own := slices.ContainsFunc([]string{"/etc/ssl/", "/etc/pki/", "/etc/istio/", "/usr/", "/var/run/secrets/", "/run/secrets/", "/var/lib/istio/"}, func(prefix string) bool {
		return strings.HasPrefix(file, prefix)
	})
	if own || !all || !path.IsAbs(file) {
		return fileAt{}
	}
	return fileAt{why: nothingMounted}
}

func (m mount) file(p *validate.Pass, name string) fileAt {
	var missing fileAt
	for _, s := range m.from {
		f := s.file(p, m, name)
		if f.why == "" {
			return f
		}
		missing = f
	}
	return missing
}

// file finds a file of a volume. Who makes the object, or adds to it, may give it more keys than the files show.
func (s source) file(p *validate.Pass, m mount, name string) fileAt {
	key := name
	if s.items != nil {
		of, listed := s.items[name]
		if !listed {
			return fileAt{why: fmt.Sprintf("the volume at %s has no item with the path %s", m.at, name)}
		}
		key = of
	}
	if s.kind == "" || s.name == "" {
		return fileAt{}
	}
	at := s.held(p, m.namespace+"/"+s.name, key)
	if at.value != nil {
		return at
	}
	for _, maker := range p.Index.Makers() {
		if maker.Kind != s.kind || maker.Name != s.name || maker.Namespace != m.namespace && maker.Namespace != "" {
			continue
		}
		if !maker.All || slices.Contains(maker.Keys, key) {
			return fileAt{}
		}
		at.by = maker.Object
		at.id = cmp.Or(at.id, fmt.Sprintf("%s %s/%s of %s", s.kind, m.namespace, s.name, maker.ID))
	}
	switch {
	case at.id != "" && at.object != nil && empty(at.object):
		return fileAt{}
	case at.id != "":
		return fileAt{why: fmt.Sprintf("%s, which is mounted at %s, has no key %s", at.id, m.at, key), by: at.by}
	}
	if o := s.elsewhere(p, m.namespace); o.object != nil {
		return fileAt{why: fmt.Sprintf("the pod mounts %s %s at %s, and only namespace %s has one of that name", s.kind, s.name, m.at, o.namespace), elsewhere: o}
	}
	if p.Index.Lacks(s.kind, m.namespace) && !slices.Contains(everywhereMaps, s.name) {
		return fileAt{why: fmt.Sprintf("the pod mounts %s %s at %s, which is not there", s.kind, s.name, m.at), missing: true}
	}
	return fileAt{}
}

// made tells whether an object of the files makes it in a namespace.
func (s source) made(p *validate.Pass, namespace string) bool {
	return slices.ContainsFunc(p.Index.Makers(), func(m traffic.Maker) bool {
		return m.Kind == s.kind && m.Name == s.name && (m.Namespace == namespace || m.Namespace == "")
	})
}

// held is the key of a Secret or ConfigMap of the files, given as NAMESPACE/NAME; without the key it is the object alone.
func (s source) held(p *validate.Pass, name, key string) fileAt {
	if s.kind == "Secret" {
		secret, ok := secretsOf(p)[name]
		if !ok {
			return fileAt{}
		}
		at := fileAt{object: secret.Object, id: secret.ID.String()}
		at.value = valuesOf(secret).Data[key]
		at.field = fieldOf(secret.Object, key, "stringData", "data")
		return at
	}
	of, ok := configMapsOf(p)[name]
	if !ok {
		return fileAt{}
	}
	at := fileAt{object: of.Object, id: of.ID.String(), field: fieldOf(of.Object, key, "data", "binaryData")}
	at.value = of.Spec.BinaryData[key]
	if text, there := of.Spec.Data[key]; there {
		at.value = []byte(text)
		if text == "" && inFile(of.Object) {
			at.value = []byte(formOf)
		}
	}
	return at
}

// fieldOf is where an object has a value, or the first of the fields.
func fieldOf(o *bundle.Object, key string, values ...string) string {
	for _, v := range values {
		if field := fmt.Sprintf("%s[%q]", v, key); o.Has(field) {
			return field
		}
	}
	return values[0]
}

// empty tells whether an object of a file has no values at all, so that somebody fills them in.
func empty(o *bundle.Object) bool {
	return inFile(o) && !o.Has("data") && !o.Has("stringData") && !o.Has("binaryData")
}

// everywhereMaps are ConfigMaps that a controller puts into every namespace.
var everywhereMaps = []string{"kube-root-ca.crt", "istio-ca-root-cert", "openshift-service-ca.crt"}

// elsewhere is an object of the same kind and name in another namespace, if the files may be trusted to hold the one here.
func (s source) elsewhere(p *validate.Pass, namespace string) place {
	if p.Index.Misses(s.kind, namespace) || slices.Contains(everywhereMaps, s.name) {
		return place{}
	}
	named := func(id bundle.ID) bool { return id.Name == s.name && id.Namespace != namespace }
	for _, o := range p.Objects.Secrets {
		if s.kind == "Secret" && named(o.ID) {
			return place{o.Object, o.ID.Namespace}
		}
	}
	for _, o := range p.Objects.ConfigMaps {
		if s.kind == "ConfigMap" && named(o.ID) {
			return place{o.Object, o.ID.Namespace}
		}
	}
	for _, m := range p.Index.Makers() {
		if m.Kind == s.kind && m.Name == s.name && m.Namespace != "" {
			return place{m.Object, m.Namespace}
		}
	}
	return place{}
}
