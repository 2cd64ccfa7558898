package migrate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// A plane is a control plane of OpenShift Service Mesh 2.
type plane struct {
	object    *bundle.Object // nil where the files do not hold it
	spec      tree
	namespace string
	name      string
	// istio is the name of the Istio that takes its place: "default" where there is one mesh, for then pods and
	// namespaces ask for sidecars without naming it.
	istio string

	members   []string
	selectors []any // of members, instead of names
	everybody bool  // every namespace is a member
	told      bool  // the files say who the members are

	values tree
	// origins are the fields of the old control plane, by the path among the values that they went to.
	origins map[string]string
}

// label is the one that namespaces of the mesh carry.
func (p *plane) label() (key, value string) {
	if p.istio == "default" {
		return "istio-discovery", "enabled"
	}
	return "istio-discovery", p.istio
}

// findPlanes lists the control planes that the files hold, and those that they speak of.
func (m *migration) findPlanes() {
	for _, o := range m.in {
		if is(o, "maistra.io", "ServiceMeshControlPlane") {
			m.planes = append(m.planes, &plane{object: o, spec: getMap(o.Tree(), "spec"), namespace: o.Namespace, name: o.Name})
		}
	}
	for _, o := range m.in {
		switch t := o.Tree(); {
		case is(o, "maistra.io", "ServiceMeshMemberRoll"):
			m.planeIn(o.Namespace, "")
		case is(o, "maistra.io", "ServiceMeshMember"):
			if namespace := getText(t, "spec", "controlPlaneRef", "namespace"); namespace != "" {
				m.planeIn(namespace, getText(t, "spec", "controlPlaneRef", "name"))
			}
		}
	}
	if len(m.planes) == 0 && m.aboutMesh() {
		m.planeIn(m.from.RootNamespace, "")
		m.elsewhere()
	}
	for _, p := range m.planes {
		if p.istio = "default"; len(m.planes) > 1 {
			p.istio = p.name
			if slices.ContainsFunc(m.planes, func(q *plane) bool { return q != p && q.name == p.name }) {
				p.istio = p.namespace + "-" + p.name
			}
		}
		p.values, p.origins = tree{}, map[string]string{}
	}
}

// planeIn is the control plane of a namespace, which the files may not hold.
func (m *migration) planeIn(namespace, name string) *plane {
	for _, p := range m.planes {
		if p.namespace == namespace {
			return p
		}
	}
	p := &plane{namespace: namespace, name: cmp.Or(name, namespace)}
	m.planes = append(m.planes, p)
	return p
}

// aboutMesh tells whether a mesh reads any of the objects.
func (m *migration) aboutMesh() bool {
	return slices.ContainsFunc(m.in, func(o *bundle.Object) bool {
		return strings.Contains(o.APIVersion, "istio.io/") || strings.Contains(o.APIVersion, "maistra.io/")
	})
}

// elsewhere tells of gateways that the files lead to and hold no Service of, outside the namespace that is taken to be the
// control plane's: who installed them cannot be told.
func (m *migration) elsewhere() {
	held := map[string]bool{m.from.RootNamespace: true}
	for _, o := range m.in {
		held[o.Namespace] = held[o.Namespace] || o.Kind == "Service" && strings.HasSuffix(getText(o.Tree(), "spec", "selector", "istio"), "gateway")
	}
	for _, o := range m.in {
		for _, name := range []string{"istio-egressgateway", "istio-ingressgateway"} {
			namespace := ""
			if o.Kind == "Route" && getText(o.Tree(), "spec", "to", "name") == name {
				namespace = o.Namespace
			} else if _, rest, ok := strings.Cut(string(o.JSON), `"`+name+"."); ok {
				if at, _, ok := strings.Cut(rest, ".svc."); ok && !strings.ContainsAny(at, `."`) {
					namespace = at
				}
			}
			if namespace == "" || held[namespace] {
				continue
			}
			held[namespace] = true
			m.tell(Entry{
				Class: Decide, Says: "it leads to the gateway " + namespace + "/" + name + ", and the files hold neither that nor the control plane that may have installed it",
				Do: "give the ServiceMeshControlPlane too, if that installed it; if it is a Deployment of your own, it stays as it is",
			}, o, "")
		}
	}
}

// is tells whether an object is of a group and kind.
func is(o *bundle.Object, group, kind string) bool {
	return o.Kind == kind && strings.HasPrefix(o.APIVersion, group+"/")
}
