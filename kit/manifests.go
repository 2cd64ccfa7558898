package kit

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// A stage is what is applied at once: nothing in it waits for something else in it.
type stage struct {
	number string
	title  string
	kinds  string // between spaces; the stage without any takes what no other takes
}

// The stages in their order. Namespaces are the first: the scripts know them by their number.
var stages = []stage{
	{"10", "namespaces", " Namespace "},
	{"20", "control plane", " ServiceMeshControlPlane Istio IstioCNI "},
	{"30", "members of the mesh", " ServiceMeshMemberRoll ServiceMeshMember "},
	{"40", "identities, permissions and settings", " ServiceAccount Role RoleBinding ClusterRole ClusterRoleBinding ConfigMap "},
	{secretStage, "Secrets", " Secret "},
	{"60", "workloads and Services", " Deployment Service "},
	{"70", "traffic", ""},
	{"80", "policies", " PeerAuthentication AuthorizationPolicy NetworkPolicy "},
}

const secretStage = "50"

// helmValues is the ConfigMap by which a control plane is told that a chart installs (templates/lib/mesh.libsonnet).
const helmValues = "scenario-helm-values"

// stageOf is where an object is applied.
func stageOf(o *bundle.Object) stage {
	if o.Kind == "ConfigMap" && o.Name == helmValues {
		return stages[1]
	}
	var rest stage
	for _, s := range stages {
		if strings.Contains(s.kinds, " "+o.Kind+" ") {
			return s
		}
		if s.kinds == "" {
			rest = s
		}
	}
	return rest
}

// A manifest is one object with its file.
type manifest struct {
	*bundle.Object
	stage stage
	file  File
}

// manifests are the objects in the order of applying, each marked as the kit's.
func (k Kit) manifests() ([]manifest, error) {
	var all []manifest
	taken := map[string]bool{}
	for _, s := range stages {
		for _, o := range k.Bundle.Objects {
			if stageOf(o) != s {
				continue
			}
			name := fileName(s, o)
			for i := 2; taken[name]; i++ {
				name = strings.TrimSuffix(fileName(s, o), ".yaml") + fmt.Sprintf("_%d.yaml", i)
			}
			taken[name] = true
			data, err := k.marked(o, name)
			if err != nil {
				return nil, err
			}
			mode := fs.FileMode(0o666)
			if o.Kind == "Secret" {
				mode = 0o600
			}
			all = append(all, manifest{o, s, File{"manifests/" + name, mode, data}})
		}
	}
	return all, nil
}

// fileName is made of letters that no shell and no file system takes for something else.
func fileName(s stage, o *bundle.Object) string {
	name := strings.ToLower(o.Kind) + "_" + o.Namespace + "_" + o.Name
	return s.number + "-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, name) + ".yaml"
}

// marked is the manifest of an object with the annotation that says whose it is.
func (k Kit) marked(o *bundle.Object, file string) ([]byte, error) {
	tree := o.Tree()
	metadata := tree["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	if annotations == nil {
		annotations = map[string]any{}
	}
	annotations[MarkAnnotation] = k.Name() + "/" + file
	metadata["annotations"] = annotations
	marked, err := bundle.NewObject(tree)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.ID, err)
	}
	marked.Why = o.Why
	var text bytes.Buffer
	err = (&bundle.Bundle{Objects: []*bundle.Object{marked}}).YAML(&text, true)
	return text.Bytes(), err
}
