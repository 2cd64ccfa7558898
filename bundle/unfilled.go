package bundle

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Gap is a text of an object that a tool fills in, or decrypts, before the object is applied.
type Gap struct {
	Field string // as Object.At takes it
	// Text is the mark by which it is known, and no more: what stands around it may be secret.
	Text string
	// Sure says that the text can be nothing else. Others, such as <name> and MY_NAME, are gaps where the API refuses them.
	Sure bool
	// Sealed says that the text is encrypted, or stands for one in a vault.
	Sealed bool
}

var (
	// What Flux, envsubst, shells and OpenShift's Templates fill in, kustomize, and Helm or Ansible.
	filled = regexp.MustCompile(`\$\{[A-Za-z_][^{}]*\}|\$[A-Z][A-Z0-9_]*|\$\([A-Za-z_][\w.-]*\)|\{\{.*\}\}`)
	// SOPS, the vault plugin of Argo CD, and vals.
	sealed = regexp.MustCompile(`^(?:ENC\[|<(?:path|vault):|ref\+[a-z0-9]+://)`)
	// What people write for others to replace.
	likely = regexp.MustCompile(`<[^<>\s]+>`)
	word   = regexp.MustCompile(`\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b`)
)

// named are the fields of names in which a word of capitals is none.
var named = map[string]bool{"namespace": true, "host": true, "hosts": true, "sniHosts": true}

// tooled are the groups, and the kinds of the core, whose texts hold none of the marks by which tools know what to fill in:
// the applications' own objects do, such as $(NAME) in the arguments of a container.
var tooled = []string{"istio.io", "maistra.io", "route.openshift.io", "gateway.networking.k8s.io", "Service", "Secret"}

// Unfilled tells whether an object surely is not yet what will be applied.
func (o *Object) Unfilled() bool {
	if !slices.ContainsFunc(marks, func(m []byte) bool { return bytes.Contains(o.JSON, m) }) {
		return false
	}
	of, _, found := strings.Cut(o.APIVersion, "/")
	if !found {
		of = o.Kind
	}
	if o.Kind == "EnvoyFilter" || !slices.ContainsFunc(tooled, func(g string) bool { return of == g || strings.HasSuffix(of, "."+g) }) {
		return false
	}
	return slices.ContainsFunc(o.Gaps(), func(g Gap) bool { return g.Sure })
}

// marks are what is in every text that surely is a gap: most objects have none, and need not be taken apart.
var marks = [][]byte{[]byte("$"), []byte("{{"), []byte("ENC["), []byte("ref+"), []byte("path:"), []byte("vault:")}

// HasGap tells whether a text surely holds something that a tool fills in, or decrypts.
func HasGap(text string) bool { return sealed.MatchString(text) || filled.MatchString(text) }

// Gaps are the texts of an object that are still to be filled in, sorted by their fields.
func (o *Object) Gaps() []Gap {
	var tree map[string]any
	if json.Unmarshal(o.JSON, &tree) != nil {
		return nil
	}
	var all []Gap
	for _, key := range slices.Sorted(maps.Keys(tree)) {
		if key == "status" || o.Kind == "Secret" && (key == "data" || key == "stringData") { // values are family 5's
			continue
		}
		if metadata, ok := tree[key].(map[string]any); ok && key == "metadata" {
			delete(metadata, "annotations") // they may hold anything
		}
		all = gapsIn(all, key, key, tree[key])
	}
	return all
}

func gapsIn(all []Gap, field, key string, value any) []Gap {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			below := field + "." + key
			if key == "" || strings.ContainsAny(key, ".[]\"") {
				below = field + "[" + strconv.Quote(key) + "]"
			}
			all = gapsIn(all, below, key, value[key])
		}
	case []any:
		for i, item := range value {
			all = gapsIn(all, field+"["+strconv.Itoa(i)+"]", key, item)
		}
	case string:
		switch {
		case sealed.MatchString(value):
			all = append(all, Gap{field, sealed.FindString(value), true, true})
		case filled.MatchString(value):
			all = append(all, Gap{Field: field, Text: filled.FindString(value), Sure: true})
		case likely.MatchString(value):
			all = append(all, Gap{Field: field, Text: likely.FindString(value)})
		case (named[key] || field == "metadata.name") && word.MatchString(value):
			all = append(all, Gap{Field: field, Text: word.FindString(value)})
		}
	}
	return all
}
