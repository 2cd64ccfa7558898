// Package bundle holds Kubernetes objects: their identity, their order, their strict typed forms and how they are
// written.
//
// It knows nothing of scenarios or targets: any bundle is the same to it, ours or not.
package bundle

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
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
	// JSON is the whole object. The fields of an object that was rendered are in alphabetical order, those of one that
	// was read in the order written; what is written of it ([Bundle.YAML]) is in alphabetical order always.
	JSON []byte
	// Why is one sentence that says why the object exists, or "".
	Why string
	// Kustomized says that its file lies beside a kustomization, which may add labels, selectors and names to it.
	Kustomized bool

	// Where an object was read: its file and first character, and the place of every map entry and list item in the
	// order of JSON (appendPlace). Of a cluster's, the file alone: the name of the source.
	file         string
	line, column int
	places       []byte
}

// NewObject makes an object of plain values, as encoding/json decodes them. It must decode strictly ([Decode]).
func NewObject(tree map[string]any) (*Object, error) {
	o := &Object{ID: Identify(tree)}
	var err error
	if o.JSON, err = json.Marshal(tree); err != nil {
		return nil, err
	}
	_, err = Decode(o.ID, o.JSON)
	return o, err
}

// Identify reads the ID out of an object's tree. What is not there is empty.
func Identify(tree map[string]any) ID {
	var id ID
	id.APIVersion, _ = tree["apiVersion"].(string)
	id.Kind, _ = tree["kind"].(string)
	if metadata, ok := tree["metadata"].(map[string]any); ok {
		id.Namespace, _ = metadata["namespace"].(string)
		id.Name, _ = metadata["name"].(string)
	}
	return id
}

// Tree is the object as plain values; whole numbers are int64.
func (o *Object) Tree() map[string]any {
	var tree map[string]any
	if err := json.Unmarshal(o.JSON, &tree); err != nil {
		panic(fmt.Sprintf("bundle: %s holds no JSON: %v", o.ID, err))
	}
	return exact(tree).(map[string]any)
}

// exact makes the whole numbers of a tree integers, in place: YAML would write a million as 1e+06.
func exact(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			v[key] = exact(child)
		}
	case []any:
		for i, child := range v {
			v[i] = exact(child)
		}
	case float64:
		if whole := int64(v); float64(whole) == v {
			return whole
		}
	}
	return v
}

// Typed is the object in the Go type of its API, strictly decoded: [Decode] says which.
func (o *Object) Typed() (any, error) { return Decode(o.ID, o.JSON) }

// A Bundle is a set of objects.
type Bundle struct {
	Objects []*Object
	// Skipped are the files of folders that hold no objects, such as values of a chart.
	Skipped []string
	// Aside is what the folders hold besides, of which objects are made.
	Aside []Aside
	// Whole are the namespaces of which the bundle holds every object, but for what is unread: what is not there is not
	// there. "*" is all of them.
	Whole []string
	// Unread are the kinds that the source of the bundle did not give.
	Unread []Unread
}

// Latest is the bundle after all of it was applied: of objects with one group, kind, namespace and name, the last takes
// the place of the first.
func (b *Bundle) Latest() *Bundle {
	latest := &Bundle{Skipped: b.Skipped, Aside: b.Aside, Whole: b.Whole, Unread: b.Unread}
	index := make(map[ID]int, len(b.Objects))
	for _, o := range b.Objects {
		id := o.ID
		id.APIVersion, _ = groupVersion(id.APIVersion)
		i, known := index[id]
		if !known || id.Name == "" { // a generated name is always another
			i = len(latest.Objects)
			index[id] = i
			latest.Objects = append(latest.Objects, nil)
		}
		latest.Objects[i] = o
	}
	return latest
}

// groupVersion takes an apiVersion apart; the core group is "".
func groupVersion(apiVersion string) (group, version string) {
	if group, version, ok := strings.Cut(apiVersion, "/"); ok {
		return group, version
	}
	return "", apiVersion
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
		"ServiceMeshPeer", "ExportedServiceSet", "ImportedServiceSet",
		"ServiceEntry", "DestinationRule", "Gateway", "Route", "VirtualService", "Sidecar",
		"PeerAuthentication", "AuthorizationPolicy", "NetworkPolicy",
	} {
		order[kind] = i + 1
	}
	// A webhook changes what is made after it.
	order["MutatingWebhookConfiguration"] = order["ConfigMap"]
	order["CronJob"] = order["Deployment"]
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
