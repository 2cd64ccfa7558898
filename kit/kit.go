package kit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/scenarios"
)

// Secrets says where the Secrets of a kit come from.
type Secrets string

// The ways in which a kit comes by its Secrets.
const (
	Reference Secrets = "reference" // apply.sh has scenario certs secret make them of the store
	Inline    Secrets = "inline"    // they are manifests of the kit
	Nobody    Secrets = "none"      // somebody else makes them; apply.sh looks whether they are there
)

// SecretModes lists them.
var SecretModes = []string{string(Reference), string(Inline), string(Nobody)}

// A Kit is what its files are made of.
type Kit struct {
	Plans   []*scenarios.Plan
	PartsOf func(*scenarios.Plan) []scenarios.Part // what of each plan was rendered
	// Definition is the definition of the plans, as YAML: definition.yaml.
	Definition []byte
	// Bundle is what was rendered of them, and with [Inline] the Secrets too.
	Bundle  *bundle.Bundle
	Secrets Secrets
	PKI     string // the store's folder as the scripts find it, unless told another
}

// A File of a kit.
type File struct {
	Name string // with slashes, below the kit's folder
	Mode fs.FileMode
	Data []byte
}

// MarkAnnotation is on every object that a kit makes: the kit's name, a slash and the name of its manifest. By it the
// scripts tell their objects from those of others.
const MarkAnnotation = "meshscenario.io/kit"

// Files are those of the kit, in the order in which people read them. The same kit gives the same bytes.
func (k Kit) Files() ([]File, error) {
	manifests, err := k.manifests()
	if err != nil {
		return nil, err
	}
	files := []File{
		{"README.md", 0o666, k.readme(manifests)},
		{"definition.yaml", 0o666, k.Definition},
	}
	for _, m := range manifests {
		files = append(files, m.file)
	}
	files = append(files,
		File{"apply.sh", 0o777, k.apply(manifests)},
		File{"test.sh", 0o777, k.test(manifests)},
		File{"undo.sh", 0o777, k.undo(manifests)},
		File{"lib.sh", 0o666, library},
		File{"wrong-ca.crt", 0o666, wrongCA},
	)
	if k.Secrets == Inline {
		files = append(files, File{".gitignore", 0o666, []byte("# Private keys are among the manifests.\n*\n")})
	}
	return files, nil
}

// Name is what the kit's objects are known by in a cluster: the names of its definitions.
func (k Kit) Name() string {
	const most = 80 // a field manager, which has the name in it, has 128 letters at most
	var names []string
	for _, p := range k.Plans {
		names = append(names, p.Metadata.Name)
	}
	name := strings.Join(names, ",")
	if len(name) <= most {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return fmt.Sprintf("%s-%s", name[:most-9], hex.EncodeToString(sum[:4]))
}

// secrets are those that the plans read.
func (k Kit) secrets() []scenarios.Secret { return scenarios.Secrets(k.Plans, k.PartsOf) }
