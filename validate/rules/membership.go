package rules

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// namespaceOf is where an object is applied: as kubectl does it for who has chosen no other, where it does not say.
func namespaceOf(o *bundle.Object) string {
	if o.Namespace == "" {
		return "default"
	}
	return o.Namespace
}

// outside tells why the control plane does not look into a namespace, and how to mend that. It is silent where the files
// leave the members open.
func outside(p *validate.Pass, namespace string) (why, fix string, ok bool) {
	if p.Index.Member(namespace) {
		return "", "", false
	}
	if !p.Target.MemberRoll {
		return "is not among those that istiod looks into (discoverySelectors)",
			fmt.Sprintf("give Namespace %s the labels that the discoverySelectors of the mesh's settings ask for", namespace), true
	}
	fix = fmt.Sprintf("write a ServiceMeshMember named default in namespace %s", namespace)
	for _, r := range p.Objects.MemberRolls {
		if r.ID.Namespace == namespace || r.Object.Has("spec.memberSelectors") {
			return "", "", false
		}
		fix = fmt.Sprintf("add %s to spec.members of %s", namespace, r.ID)
	}
	for _, m := range p.Objects.ServiceMeshMembers {
		if m.Spec.Spec.ControlPlaneRef.Namespace == namespace {
			return "", "", false
		}
	}
	return "is no member of the mesh", fix, true
}

// admission makes a namespace a member, where the files hold one roll, or members of one mesh.
func admission(p *validate.Pass, namespace string) []validate.Edit {
	if !p.Target.MemberRoll {
		return nil
	}
	if members := p.Objects.ServiceMeshMembers; len(p.Objects.MemberRolls) == 0 && len(members) > 0 {
		of := members[0].Spec.Spec.ControlPlaneRef
		if slices.ContainsFunc(members, func(m traffic.Of[*mesh.ServiceMeshMember]) bool { return m.Spec.Spec.ControlPlaneRef != of }) {
			return nil
		}
		o := validate.Object{Kind: "ServiceMeshMember", Namespace: namespace, Name: "default"}
		return documentBeside(p, members[0].Object, members[0].Object.APIVersion, o, map[string]any{
			"controlPlaneRef": map[string]any{"name": of.Name, "namespace": of.Namespace},
		})
	}
	if len(p.Objects.MemberRolls) != 1 {
		return nil
	}
	r := p.Objects.MemberRolls[0]
	return []validate.Edit{{Object: p.At(r.Object, "").Object, Field: fmt.Sprintf("spec.members[%d]", len(r.Spec.Spec.Members)), Value: namespace}}
}

type unreadKey struct{}

// unreadObjects are those for routing that lie where the control plane does not look.
type unreadObjects struct {
	routes   []routesOf
	gateways []gatewayOf
}

// unseenFor is an object that would have taken what a way stops for, and that lies where the control plane does not
// look.
func unseenFor(p *validate.Pass, path *traffic.Path) *bundle.Object {
	if len(path.Hops) == 0 {
		return nil
	}
	last := path.Hops[len(path.Hops)-1]
	host := path.Hops[0].Destination.Host
	lost := func(id bundle.ID) bool { _, _, ok := outside(p, id.Namespace); return ok }
	unread := validate.Once(p, unreadKey{}, func() unreadObjects {
		var u unreadObjects
		for _, r := range p.Objects.VirtualServices {
			if lost(r.ID) {
				u.routes = append(u.routes, r)
			}
		}
		for _, g := range p.Objects.Gateways {
			if lost(g.ID) {
				u.gateways = append(u.gateways, g)
			}
		}
		return u
	})
	switch path.Outcome.Cause {
	case traffic.NoVirtualHost, traffic.NoRouteFits, traffic.NoFilterChain, traffic.NoListener:
		for _, r := range unread.routes {
			mesh := len(r.Spec.Gateways) == 0 || slices.Contains(r.Spec.Gateways, "mesh")
			if last.Proxy == traffic.Gateway && mesh && len(r.Spec.Gateways) < 2 {
				continue
			}
			if slices.ContainsFunc(r.Spec.Hosts, func(h string) bool { return covers(h, host) }) {
				return r.Object
			}
		}
		for _, g := range unread.gateways {
			for _, s := range g.Spec.Servers {
				if (placed{Server: s}).takes(host) {
					return g.Object
				}
			}
		}
	}
	return nil
}

// meshConfig are the kinds that only istiod reads.
var meshConfig = map[string]bool{
	"ServiceEntry": true, "VirtualService": true, "DestinationRule": true, "Gateway": true, "Sidecar": true,
	"PeerAuthentication": true, "AuthorizationPolicy": true, "EnvoyFilter": true, "WorkloadEntry": true,
}

// A podTemplate is what pods are made of: of a Deployment and its like, or a Pod itself.
type podTemplate struct {
	object *bundle.Object
	// at is the field that has metadata and spec.
	at                  string
	labels, annotations map[string]string
	spec                podSpec
}

// A podSpec is what rules ask of pods.
type podSpec struct {
	HostNetwork     bool `json:"hostNetwork"`
	SecurityContext struct {
		RunAsUser *int64 `json:"runAsUser"`
	} `json:"securityContext"`
}

// field is a field of the template.
func (t podTemplate) field(path string) string {
	if t.at == "" {
		return path
	}
	return t.at + "." + path
}

// asks tells whether a pod asks for a sidecar.
func (t podTemplate) asks() bool {
	return t.labels["sidecar.istio.io/inject"] == "true" || t.annotations["sidecar.istio.io/inject"] == "true"
}

type podTemplatesKey struct{}

// podTemplates are all that the files make pods of, in the mesh or not.
func podTemplates(p *validate.Pass) []podTemplate {
	return validate.Once(p, podTemplatesKey{}, func() []podTemplate {
		var all []podTemplate
		for _, o := range p.Objects.All {
			at, made := map[string]string{
				"Pod": "", "Deployment": "spec.template", "StatefulSet": "spec.template", "DaemonSet": "spec.template",
				"ReplicaSet": "spec.template", "Job": "spec.template", "CronJob": "spec.jobTemplate.spec.template",
			}[o.Kind]
			if !made {
				continue
			}
			data := json.RawMessage(o.JSON)
			for _, step := range strings.FieldsFunc(at, func(r rune) bool { return r == '.' }) {
				var fields map[string]json.RawMessage
				if json.Unmarshal(data, &fields) != nil {
					break
				}
				data = fields[step]
			}
			var t struct {
				Metadata struct{ Labels, Annotations map[string]string }
				Spec     podSpec
			}
			if json.Unmarshal(data, &t) == nil {
				all = append(all, podTemplate{o, at, t.Metadata.Labels, t.Metadata.Annotations, t.Spec})
			}
		}
		return all
	})
}
