package rules

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// Edits never write a value of a Secret: reports show them, and are kept where no key may be.

// freeName is a name that no object of a kind has in a namespace.
func freeName(p *validate.Pass, kind, namespace, name string) string {
	for n, made := 2, name; ; n++ {
		if !slices.ContainsFunc(p.Objects.All, func(o *bundle.Object) bool { return o.Kind == kind && o.Namespace == namespace && o.Name == made }) {
			return made
		}
		made = fmt.Sprintf("%s-%d", name, n)
	}
}

// letRead are a Role and its RoleBinding by which a ServiceAccount may list the Secrets of its namespace, as the injected
// proxy asks for them in its name.
func letRead(p *validate.Pass, beside validate.Object, namespace, account string) []validate.Edit {
	const group = "rbac.authorization.k8s.io"
	name := freeName(p, "RoleBinding", namespace, freeName(p, "Role", namespace, account+"-read-secrets"))
	role := validate.Object{Kind: "Role", Namespace: namespace, Name: name}
	binding := validate.Object{Kind: "RoleBinding", Namespace: namespace, Name: name}
	return append(
		newObject(p, beside, role, group+"/v1", map[string]any{"rules": []any{map[string]any{
			"apiGroups": []any{""}, "resources": []any{"secrets"}, "verbs": []any{"get", "list", "watch"}}}}),
		newObject(p, beside, binding, group+"/v1", map[string]any{
			"roleRef":  map[string]any{"apiGroup": group, "kind": "Role", "name": name},
			"subjects": []any{map[string]any{"kind": "ServiceAccount", "name": account, "namespace": namespace}}})...)
}

// hasRoles says whether the files give a ServiceAccount any role by its name.
func hasRoles(p *validate.Pass, namespace, account string) bool {
	for i, o := range p.Objects.All {
		var subjects []rbacv1.Subject
		switch b := p.Objects.Typed[i].(type) {
		case *rbacv1.RoleBinding:
			subjects = b.Subjects
		case *rbacv1.ClusterRoleBinding:
			subjects = b.Subjects
		}
		if slices.ContainsFunc(subjects, func(s rbacv1.Subject) bool {
			return s.Kind == "ServiceAccount" && s.Name == account && (s.Namespace == namespace || s.Namespace == "" && o.Namespace == namespace)
		}) {
			return true
		}
	}
	return false
}

// moved puts the one Secret of a name into another namespace, unless a pod of its own uses it.
func moved(p *validate.Pass, name, namespace string) []validate.Edit {
	var found []traffic.Of[*corev1.Secret]
	for _, s := range p.Objects.Secrets {
		if s.ID.Name == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 || inUse(p, found[0].ID.Namespace, name) {
		return nil
	}
	return []validate.Edit{{Object: p.At(found[0].Object, "").Object, Field: "metadata.namespace", Value: namespace}}
}

// inUse says whether a pod of the files uses a Secret of its namespace.
func inUse(p *validate.Pass, namespace, name string) bool {
	return slices.ContainsFunc(templates(p), func(t template) bool { return t.namespace == namespace && uses(t.Spec, name) })
}

// uses says whether a pod mounts a Secret, or has values of it in its environment.
func uses(spec corev1.PodSpec, secret string) bool {
	for _, v := range spec.Volumes {
		if v.Secret != nil && v.Secret.SecretName == secret || v.Projected != nil {
			return true
		}
	}
	for _, c := range append(slices.Clone(spec.InitContainers), spec.Containers...) {
		for _, e := range c.EnvFrom {
			if e.SecretRef != nil && e.SecretRef.Name == secret {
				return true
			}
		}
		for _, e := range c.Env {
			if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil && e.ValueFrom.SecretKeyRef.Name == secret {
				return true
			}
		}
	}
	return false
}

// meant is the one Secret of a namespace that has what a proxy needs of it at a hop, or "".
func meant(p *validate.Pass, h *traffic.Hop, namespace string) string {
	refs := [2]string{h.Verify.Client.Credential, h.Verify.Server.CA} // certificate and key, and the CA of the other side
	if h.Terminates != nil && h.Wire.Mode == "" {
		refs = [2]string{h.Terminates.Credential, h.Terminates.ClientCA}
	}
	var found []string
	for _, s := range p.Objects.Secrets {
		data := valuesOf(s).Data
		has := func(one, other string) bool { return len(data[one]) > 0 || len(data[other]) > 0 }
		pair, ca := has("tls.crt", "cert") && has("tls.key", "key"), has("ca.crt", "cacert")
		if s.ID.Namespace == namespace && (refs[0] == "" || pair) && (refs[1] == "" || ca) {
			found = append(found, s.ID.Name)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// selected gives a DestinationRule the selector without which sidecars ignore its credential, if it is in the namespace of
// the client and no gateway goes by it.
func selected(p *validate.Pass, h *traffic.Hop, rule traffic.Decision) []validate.Edit {
	pod, ok := p.Index.Pod(h.Workload)
	o := p.Object(rule)
	if !ok || o == nil || pod.Namespace != rule.Namespace || pod.Assumed {
		return nil
	}
	for _, way := range p.Paths {
		for i := range way.Hops {
			other := &way.Hops[i]
			if d, ok := validate.Decided(other, "DestinationRule"); ok && d.Name == rule.Name && d.Namespace == rule.Namespace && other.Workload != h.Workload {
				return nil
			}
		}
	}
	labels := map[string]any{}
	for _, key := range []string{"app", "app.kubernetes.io/name", "app.kubernetes.io/instance"} {
		if value := pod.Labels[key]; value != "" {
			labels[key] = value
		}
	}
	if len(labels) == 0 {
		return nil
	}
	object := p.At(o, "").Object
	edits := []validate.Edit{{Object: object, Field: "spec.workloadSelector", Value: map[string]any{"matchLabels": labels}}}
	if o.Has("spec.exportTo") {
		edits = append(edits, validate.Edit{Object: object, Field: "spec.exportTo", Value: []any{"."}})
	}
	return edits
}

// keyOf is the key of a mounted Secret that holds what a file is to, if there is one: its path, or "".
func keyOf(p *validate.Pass, workload, field, file string) string {
	begins := "-----BEGIN CERTIFICATE-----"
	if field == "privateKey" {
		begins = "PRIVATE KEY-----"
	}
	mounts, _ := filesOf(p, workload)
	for _, m := range mounts {
		if len(m.from) != 1 || m.from[0].kind != "Secret" || m.from[0].items != nil || m.subPath != "" || strings.TrimSuffix(m.at, "/") != path.Dir(file) {
			continue
		}
		s, held := secretsOf(p)[m.namespace+"/"+m.from[0].name]
		if !held {
			continue
		}
		var found []string
		for key, value := range valuesOf(s).Data {
			if bytes.Contains(value, []byte(begins)) {
				found = append(found, path.Join(path.Dir(file), key))
			}
		}
		if len(found) == 1 {
			return found[0]
		}
	}
	return ""
}

// renamedSecret takes the end off a Secret's name, there and where a credential names it.
func renamedSecret(p *validate.Pass, secret string, named validate.Place) []validate.Edit {
	s, held := secretsOf(p)[secret]
	name := strings.TrimSuffix(secret[strings.IndexByte(secret, '/')+1:], "-cacert")
	if !held || name == "" || inUse(p, s.ID.Namespace, s.ID.Name) {
		return nil
	}
	same := slices.DeleteFunc(slices.Clone(p.Objects.Secrets), func(o traffic.Of[*corev1.Secret]) bool { return o.ID.Name != s.ID.Name })
	if _, taken := secretsOf(p)[s.ID.Namespace+"/"+name]; taken || len(same) > 1 {
		return nil
	}
	edits := []validate.Edit{{Object: p.At(s.Object, "").Object, Field: "metadata.name", Value: name}}
	for _, r := range p.Objects.DestinationRules {
		for _, at := range settings(r) {
			if at.tls.GetCredentialName() == s.ID.Name {
				edits = append(edits, validate.Edit{Object: p.At(r.Object, "").Object, Field: at.field + ".credentialName", Value: name})
			}
		}
	}
	for _, g := range p.Objects.Gateways {
		for i, server := range g.Spec.Servers {
			if server.GetTls().GetCredentialName() == s.ID.Name {
				edits = append(edits, validate.Edit{Object: p.At(g.Object, "").Object, Field: fmt.Sprintf("spec.servers[%d].tls.credentialName", i), Value: name})
			}
		}
	}
	if !slices.ContainsFunc(edits, func(e validate.Edit) bool { return e.Object == named.Object && e.Field == named.Field }) {
		return nil
	}
	return edits
}

// credentialName is what the DestinationRule of a hop names.
func credentialName(p *validate.Pass, h *traffic.Hop) string {
	rule, ok := validate.Decided(h, "DestinationRule")
	if !ok {
		return ""
	}
	return clientTLS(p, rule).GetCredentialName()
}

// caKey is the key of a ConfigMap that holds a certificate under another name than istiod reads, if there is one.
func caKey(c *corev1.ConfigMap) string {
	var found []string
	for key, value := range c.Data {
		if strings.Contains(value, "-----BEGIN CERTIFICATE-----") {
			found = append(found, key)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}
