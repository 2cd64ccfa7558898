package cluster

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/bundle"
)

// A live object is one of a cluster, and what its place in the bundle depends on.
type live struct {
	*bundle.Object
	created string // in the form of RFC 3339, in UTC: as text in order
	uid     string
	owner   string // the uid of the controller that made it, or ""
	idle    bool   // a ReplicaSet without pods: an earlier state of its Deployment
}

// appliedAs is where kubectl keeps what was applied last: the whole object once more, a Secret's data too.
const appliedAs = "kubectl.kubernetes.io/last-applied-configuration"

// read makes an object of an item of a list. What does not say how the object is meant to be is dropped: its status, who
// manages which field, what was applied last.
func (r resource) read(cluster string, item []byte) (live, error) {
	decoder := json.NewDecoder(bytes.NewReader(item))
	decoder.UseNumber()
	var tree map[string]any
	if err := decoder.Decode(&tree); err != nil {
		return live{}, err
	}
	tree["apiVersion"], tree["kind"] = r.apiVersion(), r.kind // items of a list need not say
	delete(tree, "status")
	metadata, _ := tree["metadata"].(map[string]any)
	delete(metadata, "managedFields")
	if annotations, ok := metadata["annotations"].(map[string]any); ok {
		if delete(annotations, appliedAs); len(annotations) == 0 {
			delete(metadata, "annotations")
		}
	}
	if r.group == "" && r.kind == "Secret" {
		withoutKeys(tree)
	}
	var o live
	o.created, _ = metadata["creationTimestamp"].(string)
	o.uid, _ = metadata["uid"].(string)
	o.owner = controller(metadata)
	if spec, ok := tree["spec"].(map[string]any); ok && r.kind == "ReplicaSet" {
		o.idle = spec["replicas"] == json.Number("0")
	}
	id := bundle.Identify(tree)
	source := "cluster:" + cluster + "/"
	if id.Namespace != "" {
		source += id.Namespace + "/"
	}
	var err error
	if o.Object, err = bundle.Live(source+id.Kind+"/"+id.Name, tree); err != nil {
		return live{}, fmt.Errorf("%s: %w", id, err)
	}
	return o, nil
}

// controller is the uid of the object that made another and keeps it as it is.
func controller(metadata map[string]any) string {
	owners, _ := metadata["ownerReferences"].([]any)
	for _, o := range owners {
		owner, _ := o.(map[string]any)
		if is, _ := owner["controller"].(bool); is {
			uid, _ := owner["uid"].(string)
			return uid
		}
	}
	return ""
}

// copies are the kinds that controllers make many of, each like the others.
var copies = map[string]bool{"Pod": true, "ReplicaSet": true, "Job": true}

// byAge puts objects in the order in which they were created, those of one second as istiod ranks them: by name, and
// then by namespace (pilot/pkg/model/config.go in istio/istio).
func byAge(all []live) {
	slices.SortFunc(all, func(a, b live) int {
		return cmp.Or(cmp.Compare(a.created, b.created),
			cmp.Compare(a.Name+"."+a.Namespace, b.Name+"."+b.Namespace), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.APIVersion, b.APIVersion))
	})
}

// withoutMade leaves out what a controller made of an object that is held too: the pods of a Deployment say nothing that
// its template does not.
func withoutMade(all []live) []live {
	held := map[string]bool{}
	for _, o := range all {
		held[o.uid] = true
	}
	return slices.DeleteFunc(all, func(o live) bool { return copies[o.Kind] && o.owner != "" && held[o.owner] })
}
