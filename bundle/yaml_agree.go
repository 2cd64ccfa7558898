package bundle

import (
	"bytes"
	"encoding/json"
	"strings"

	sigsyaml "sigs.k8s.io/yaml"
)

// agree holds a result against kubectl's reader.
func (r *nodeReader) agree(text []byte) (wrong *fault) {
	defer r.rescue(&wrong)
	want, err := sigsyaml.YAMLToJSON(text)
	if err != nil {
		if strings.Contains(err.Error(), "excessive aliasing") { // there is no type for it
			return &fault{r.before + 1, 1, tooManyAliases}
		}
		return r.faultOfYAML(err)
	}
	if ours, err := canonical(r.json); err != nil || !bytes.Equal(ours, want) {
		return &fault{r.before + 1, 1, "readers of YAML do not agree on what this document means: put its unusual values in quotes"}
	}
	return nil
}

// canonical is JSON with the keys in order and numbers as they are, to compare.
func canonical(data []byte) ([]byte, error) {
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(tree)
}
