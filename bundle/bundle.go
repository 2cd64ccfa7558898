// Package bundle holds Kubernetes objects: their identity, their order, their strict typed forms and how they are
// written.
//
// It knows nothing of scenarios or targets: any bundle is the same to it, ours or not.
package bundle

import (
	"cmp"
	"slices"
)

// An ID names an object in a cluster.
type ID struct {
	APIVersion, Kind, Namespace, Name string
}

// String writes the ID for people: "ServiceEntry shop/ext".
func (id ID) String() string {
	if id.Namespace == "" {
		return id.Kind + " " + id.Name
	}
	return id.Kind + " " + id.Namespace + "/" + id.Name
}

// An Object is one Kubernetes object.
type Object struct {
	ID
	// Tree is the whole object as plain values, as encoding/json decodes them.
	Tree map[string]any
	// Typed is the object in the Go type of its API ([Decode] says which), or nil for a kind that is not known here.
	Typed any
	// Why is one sentence that says why the object exists, or "".
	Why string
}

// A Bundle is a set of objects.
type Bundle struct {
	Objects []*Object
}

// order is the order in which kinds are applied, so that nothing refers to what is not there yet.
var order = map[string]int{}

func init() {
	for i, kind := range []string{
		"Namespace",
		"ServiceMeshControlPlane", "IstioCNI", "Istio",
		"ServiceMeshMemberRoll", "ServiceMeshMember",
		"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding",
		"Secret", "ConfigMap",
		"Deployment", "Service",
		"ServiceEntry", "DestinationRule", "Gateway", "Route", "VirtualService", "Sidecar",
		"PeerAuthentication", "AuthorizationPolicy", "NetworkPolicy",
	} {
		order[kind] = i + 1
	}
}

// rank puts kinds that are not known here after those that are, and before policies, which close what is open.
func rank(kind string) int {
	if r, ok := order[kind]; ok {
		return r
	}
	return order["PeerAuthentication"]
}

// Sort puts the objects in the order of applying; within a kind they stay as they were.
func (b *Bundle) Sort() {
	slices.SortStableFunc(b.Objects, func(x, y *Object) int {
		return cmp.Compare(rank(x.Kind), rank(y.Kind))
	})
}
