package traffic

import rbacv1 "k8s.io/api/rbac/v1"

// deciding are the API groups whose objects may decide where any request goes.
var deciding = map[string]bool{
	"networking.istio.io": true, "security.istio.io": true, "gateway.networking.k8s.io": true,
	"maistra.io": true, "federation.maistra.io": true,
}

// noteUngiven names the kinds that decide and that the bundle's source did not give: as long as there is one, every
// outcome is unknown. Secrets, permissions, pods and Services that were not given are assumed or missed where a path
// comes upon them.
func (x *Index) noteUngiven() {
	for _, u := range x.bundle.Unread {
		if deciding[u.Group] && x.sees(u.Namespace) {
			x.unread = append(x.unread, u.String())
		}
		if u.Group == rbacv1.GroupName {
			// A binding says nothing without its role.
			clear(x.grantsIn)
		}
	}
}

// lacksGrants tells whether nothing more than the bundle holds lets a ServiceAccount of a namespace list its Secrets.
func (x *Index) lacksGrants(namespace string) bool {
	for _, kind := range []string{"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"} {
		if !x.bundle.Lacks(rbacv1.GroupName, kind, namespace) {
			return false
		}
	}
	return true
}
