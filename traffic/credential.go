package traffic

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshscenario/scenario/veil"

	"github.com/meshscenario/scenario/bundle"
)

// A credential is what istiod hands to a proxy by a name.
type credential struct {
	configMap       bool
	mesh            bool // the workload's own
	namespace, name string
	ca              bool // the CA of it
}

// parseCredential reads credentialName as a proxy of a namespace does. What has an unknown scheme is named as it is written.
func parseCredential(name, own string) (credential, error) {
	scheme, rest, found := strings.Cut(name, "://")
	if !found {
		return credential{namespace: own, name: name}, nil
	}
	namespace, of, found := strings.Cut(rest, "/")
	if !found {
		namespace, of = own, rest
	}
	switch scheme {
	case "kubernetes":
		return credential{namespace: namespace, name: of}, nil
	case "configmap":
		return credential{configMap: true, namespace: namespace, name: of}, nil
	case "builtin":
		return credential{mesh: true}, nil
	}
	return credential{namespace: own, name: name}, fmt.Errorf("credential %s is not served by istiod", name)
}

// String is the credential as [Verify] names it.
func (c credential) String() string {
	switch {
	case c.mesh:
		return "mesh"
	case c.configMap:
		return "configmap " + c.namespace + "/" + c.name
	default:
		return "secret " + c.namespace + "/" + c.name
	}
}

// cacert ends the name of a Secret that holds only the CA of another.
const cacert = "-cacert"

// A secret says which of the keys that istiod reads are there and not empty.
type secret struct{ cert, ca bool }

// form tells whether what is empty in an object is there for somebody to fill in: it may be in files, but not in a cluster.
func (x *Index) form(o *bundle.Object) bool { return x.options.Assume && o != nil && o.At("").Line > 0 }

func secretOf(s *corev1.Secret, form bool) secret {
	if form && len(s.Data)+len(s.StringData) == 0 {
		return secret{cert: true, ca: true}
	}
	has := func(key string) bool {
		_, data := s.Data[key]
		_, text := s.StringData[key]
		return form && (data || text) || len(s.Data[key]) > 0 || s.StringData[key] != ""
	}
	return secret{
		cert: has("cert") && has("key") || has("tls.crt") && has("tls.key"),
		ca:   has("cacert") || has("ca.crt"),
	}
}

func hasCA(m *corev1.ConfigMap, form bool) bool {
	for _, key := range []string{"ca.crt", "cacert"} {
		if value, there := m.Data[key]; value != "" || form && there {
			return true
		}
	}
	return false
}

// serves says why a workload's proxy does not get a credential, or nil.
func (x *Index) serves(w *workload, c credential, assume func(string)) *fault {
	if c.mesh {
		return nil
	}
	if c.configMap {
		if x.heldConfigMap(c.namespace, strings.TrimSuffix(c.name, cacert)) {
			return nil
		}
		return x.missing(c, "ConfigMap", assume)
	}
	if c.namespace != w.namespace {
		return &fault{SecretElsewhere, fmt.Sprintf("istiod serves %s no Secret of namespace %s", w, c.namespace)}
	}
	caOnly := c.ca || strings.HasSuffix(c.name, cacert)
	if !(caOnly && x.gates.caOnlyWithoutList) && !x.mayList(w, assume) {
		return &fault{SecretForbidden, fmt.Sprintf("istiod serves %s no %s: its ServiceAccount %s may not list Secrets", w, c, w.account)}
	}
	names := []string{c.name}
	switch {
	case c.ca: // in a Secret of its own, or with the certificate
		names = []string{c.name + cacert, c.name}
	case caOnly:
		names = append(names, strings.TrimSuffix(c.name, cacert))
	}
	var held secret
	there := false
	for _, name := range names {
		if held, there = x.heldSecret(c.namespace, name); there {
			break
		}
	}
	switch {
	case !there:
		return x.missing(c, "Secret", assume)
	case caOnly && !held.ca:
		return &fault{SecretKeys, fmt.Sprintf("%s has no ca.crt", c)}
	case !caOnly && !held.cert:
		return &fault{SecretKeys, fmt.Sprintf("%s has no tls.crt and tls.key", c)}
	}
	return nil
}

// missing says that the bundle does not hold a credential, unless it is known to be there or that may be assumed.
func (x *Index) missing(c credential, kind string, assume func(string)) *fault {
	if x.options.Facts.there[kind+" "+c.namespace+"/"+c.name] {
		return nil
	}
	cause := SecretMissing
	if c.configMap {
		cause = ConfigMapMissing
	}
	if len(validation.IsDNS1123Subdomain(c.name)) > 0 && !veil.Is([]byte(c.name)) {
		// Some write a key where the name of a Secret belongs: it is not repeated.
		return &fault{cause, "what is written in the place of its name is none that a " + kind + " can have"}
	}
	elsewhere := ""
	if !c.configMap {
		elsewhere = x.secretElsewhere(c)
	}
	if x.options.Assume && elsewhere == "" && !x.bundle.Lacks("", kind, c.namespace) {
		assume(kind + " " + c.namespace + "/" + c.name)
		return nil
	}
	text := fmt.Sprintf("%s %s/%s is not there", kind, c.namespace, c.name)
	if elsewhere != "" {
		cause = SecretElsewhere
		text += "; the one of namespace " + elsewhere + " is out of reach"
	}
	return &fault{cause, text}
}

// secretElsewhere is a namespace that does have a Secret of that name.
func (x *Index) secretElsewhere(c credential) string {
	namespaces := x.secretNames[c.name]
	if len(namespaces) == 0 || x.bundle.Misses("", "Secret", c.namespace) {
		return ""
	}
	return namespaces[0]
}

// mayList tells whether a workload's ServiceAccount may list the Secrets of its namespace.
func (x *Index) mayList(w *workload, assume func(string)) bool {
	for _, g := range x.grants {
		if g.account == w.namespace+"/"+w.account && (g.in == "" || g.in == w.namespace) {
			return true
		}
		if account, own := strings.CutPrefix(g.account, w.namespace+"/"); own && w.selected && g.in == w.namespace {
			// Of a client that only a selector tells of nobody knows the account: it is the one that was given the right.
			assume("ServiceAccount " + account + " of workload " + w.String())
			return true
		}
	}
	if x.options.Assume && !x.grantsIn[w.namespace] && (w.assumed || !x.lacksGrants(w.namespace)) {
		assume("ServiceAccount " + w.namespace + "/" + w.account + " may list the Secrets of its namespace")
		return true
	}
	return false
}

// A grant lets a ServiceAccount (NAMESPACE/NAME) list the Secrets of a namespace, "" for every one.
type grant struct{ account, in string }

func (x *Index) addGrants(in, kind, name string, subjects []rbacv1.Subject) {
	x.grantsIn[in] = true
	rules := x.roles[kind+" "+name]
	if kind == "Role" {
		rules = x.roles[kind+" "+in+"/"+name]
	}
	for _, r := range rules {
		if !listsSecrets(r) {
			continue
		}
		for _, s := range subjects {
			if s.Kind == rbacv1.ServiceAccountKind {
				x.grants = append(x.grants, grant{s.Namespace + "/" + s.Name, in})
			}
		}
		return
	}
}

func listsSecrets(r rbacv1.PolicyRule) bool {
	has := func(list []string, item string) bool {
		for _, i := range list {
			if i == item || i == "*" {
				return true
			}
		}
		return false
	}
	return has(r.APIGroups, "") && has(r.Resources, "secrets") && has(r.Verbs, "list") && len(r.ResourceNames) == 0
}
