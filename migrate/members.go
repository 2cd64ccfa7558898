package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// findMembers reads which namespaces belong to which control plane, and says what stands for that now.
func (m *migration) findMembers() {
	for _, o := range m.in {
		switch {
		case is(o, "maistra.io", "ServiceMeshMemberRoll"):
			m.memberRoll(o)
		case is(o, "maistra.io", "ServiceMeshMember"):
			m.member(o)
		}
	}
	for _, p := range m.planes {
		if p.told || p.object == nil {
			continue
		}
		p.members = m.inhabited()
		m.tell(Entry{
			Class: Decide, Became: "the label " + labelText(p) + " of namespaces",
			Says: "the files do not say who the members are; taken for them: " + some(p.members),
			Do:   "compare with oc get smmr default -n " + p.namespace + " -o jsonpath={.status.configuredMembers}, and label the others in the same way",
		}, p.object, "")
	}
}

func (m *migration) memberRoll(o *bundle.Object) {
	p := m.planeIn(o.Namespace, "")
	p.told = true
	spec := getMap(o.Tree(), "spec")
	for _, key := range sorted(spec) {
		switch field := "spec." + key; key {
		case "members":
			for i, name := range texts(spec[key]) {
				if name == "*" {
					p.everybody = true
					m.tell(Entry{
						Class: Changed, Became: "an Istio without discoverySelectors",
						Says: "every namespace was a member, but those of OpenShift and Kubernetes themselves; now istiod looks into those too",
						Do:   "limit it by spec.values.meshConfig.discoverySelectors, if istiod is not to read them",
					}, o, fmt.Sprintf("%s[%d]", field, i))
					continue
				}
				p.add(name)
				m.tell(Entry{Class: Mapped, Became: "Namespace " + name + ", label " + labelText(p), Says: name + " is of the mesh"}, o, fmt.Sprintf("%s[%d]", field, i))
			}
		case "memberSelectors":
			list, _ := spec[key].([]any)
			p.selectors = append(p.selectors, list...)
			m.tell(Entry{Class: Mapped, Became: "Istio " + p.istio + ", spec.values.meshConfig.discoverySelectors", Says: "the same labels of namespaces choose them"}, o, field)
		default:
			m.tell(Entry{Class: Decide, Says: "no place is known for it", Do: "see what it did"}, o, field)
		}
	}
	m.tell(Entry{Class: Mapped, Became: "labels of namespaces, and discoverySelectors of Istio " + p.istio, Says: "nobody approves members any more: who may label a namespace brings it into the mesh"}, o, "")
}

func (m *migration) member(o *bundle.Object) {
	namespace := getText(o.Tree(), "spec", "controlPlaneRef", "namespace")
	if namespace == "" {
		m.tell(Entry{Class: Decide, Says: "it names no control plane", Do: "label the namespace for the Istio that it is to belong to"}, o, "spec.controlPlaneRef")
		return
	}
	p := m.planeIn(namespace, "")
	p.told = true
	p.add(o.Namespace)
	m.tell(Entry{
		Class: Mapped, Became: "Namespace " + o.Namespace + ", label " + labelText(p),
		Says: o.Namespace + " is of the mesh; who may label a namespace brings it in, and the permission to use the control plane is not asked for",
	}, o, "")
}

func (p *plane) add(namespace string) {
	if namespace != p.namespace && !slices.Contains(p.members, namespace) {
		p.members = append(p.members, namespace)
	}
}

// inhabited are the namespaces that hold anything for a mesh, less those of control planes.
func (m *migration) inhabited() []string {
	var all []string
	for _, o := range m.in {
		if o.Namespace != "" && !strings.HasPrefix(o.APIVersion, "maistra.io/") && !slices.Contains(all, o.Namespace) && m.planeOf(o.Namespace) == nil {
			all = append(all, o.Namespace)
		}
	}
	slices.Sort(all)
	return all
}

// planeOf is the control plane that runs in a namespace, or nil.
func (m *migration) planeOf(namespace string) *plane {
	i := slices.IndexFunc(m.planes, func(p *plane) bool { return p.namespace == namespace })
	if i < 0 {
		return nil
	}
	return m.planes[i]
}

// belongsTo is the control plane of whose mesh a namespace is, or nil.
func (m *migration) belongsTo(namespace string) *plane {
	for _, p := range m.planes {
		if p.namespace == namespace || slices.Contains(p.members, namespace) || p.everybody {
			return p
		}
	}
	if len(m.planes) == 1 && (!m.planes[0].told || len(m.planes[0].selectors) > 0) {
		return m.planes[0]
	}
	return nil
}

// discovery says which namespaces an Istio looks into.
func (m *migration) discovery(p *plane) {
	if p.everybody {
		return
	}
	key, value := p.label()
	selectors := []any{tree{"matchLabels": tree{key: value}}}
	set(p.values, "meshConfig.discoverySelectors", append(selectors, p.selectors...))
}

// namespaces labels those of each mesh. One that the files do not hold is written with its label alone, which oc apply
// adds to what is there.
func (m *migration) namespaces() {
	for _, p := range m.planes {
		if p.everybody || !p.told && p.object == nil {
			continue
		}
		key, value := p.label()
		label := func(name, why string) {
			for i, o := range m.out {
				if o.Kind == "Namespace" && o.Name == name {
					t := o.Tree()
					labels := getMap(t, "metadata", "labels")
					if labels == nil {
						labels = tree{}
					}
					labels[key] = value
					set(t, "metadata.labels", labels)
					m.out[i] = rewritten(o, t)
					return
				}
			}
			m.make(why, tree{"apiVersion": "v1", "kind": "Namespace", "metadata": tree{"name": name, "labels": tree{key: value}}})
		}
		label(p.namespace, "istiod looks into the control plane's namespace by this label")
		for _, name := range p.members {
			label(name, "istiod looks into this namespace by this label")
		}
	}
}

// labelText is the label of members, for people.
func labelText(p *plane) string {
	key, value := p.label()
	return key + ": " + value
}

// some lists a few of names.
func some(names []string) string {
	const most = 5
	if len(names) == 0 {
		return "none"
	}
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
