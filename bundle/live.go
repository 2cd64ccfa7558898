package bundle

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// Live makes an object of plain values that a cluster holds. The source is the File of the [Position] of all its fields,
// without a line. It is not held against our types, which may be older than the server's: [Object.Lenient] says what of
// it they do not know.
func Live(source string, tree map[string]any) (*Object, error) {
	data, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	return &Object{ID: Identify(tree), JSON: data, file: source}, nil
}

// An Unread is a kind of objects that a bundle should hold and its source did not give. What depends on them is unknown.
type Unread struct {
	Group, Kind string
	// Namespace is where they are, or "" for wherever they are.
	Namespace string
	Reason    string
}

// String names what is missing and why: "Secret of namespace shop: forbidden".
func (u Unread) String() string {
	text := u.Kind
	if u.Group != "" {
		text += "." + u.Group
	}
	if u.Namespace != "" {
		text += " of namespace " + u.Namespace
	}
	return text + ": " + u.Reason
}

// Lacks tells whether what the bundle does not hold of a kind in a namespace is known not to be there.
func (b *Bundle) Lacks(group, kind, namespace string) bool {
	whole := slices.Contains(b.Whole, "*") || slices.Contains(b.Whole, namespace)
	return whole && !b.Misses(group, kind, namespace)
}

// Misses tells whether the bundle's source did not give a kind of a namespace.
func (b *Bundle) Misses(group, kind, namespace string) bool {
	return slices.ContainsFunc(b.Unread, func(u Unread) bool {
		return u.Group == group && u.Kind == kind && (u.Namespace == "" || u.Namespace == namespace)
	})
}

// A Kind is a kind of objects with a typed form.
type Kind struct {
	Group, Kind string
	// Versions are those that can be decoded.
	Versions []string
}

// Kinds lists the kinds that [Decode] has a type for, by group and kind.
func Kinds() []Kind {
	var all []Kind
	for key := range forms {
		group, kind, _ := strings.Cut(key, "/")
		all = append(all, Kind{group, kind, versionsOf(group, kind)})
	}
	slices.SortFunc(all, func(a, b Kind) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind))
	})
	return all
}

// versionsOf are the versions that are known of a known kind.
func versionsOf(group, kind string) []string {
	for _, key := range []string{group + "/" + kind, group} {
		if known := versions[key]; known != nil {
			return known
		}
	}
	return []string{"v1"}
}
