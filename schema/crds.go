package schema

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

//go:generate go run ./generate crds.txt

// crds holds, a line each, the schemas of all kinds: generate says how. Lines are read when they are needed first.
//
//go:embed crds.txt
var crds string

// A collection gives the schemas out.
type collection struct {
	roots map[string]map[int]int // group/version/Kind, Istio's minor or 0, line
	lines []string
	nodes []atomic.Pointer[node]
	// indices are the lines of kinds, by minor.
	indices sync.Map
}

var shelf = sync.OnceValue(func() *collection {
	l := &collection{lines: strings.Split(strings.TrimSuffix(crds, "\n"), "\n")}
	l.nodes = make([]atomic.Pointer[node], len(l.lines))
	must(json.Unmarshal([]byte(l.lines[0]), &l.roots))
	return l
})

// must is for the file that this package brings with it: a test reads all of it.
func must(err error) {
	if err != nil {
		panic("schema: crds.txt: " + err.Error())
	}
}

// A node is the schema of a value.
type node struct {
	Type        string
	Fields      map[string]int
	Values      int // the schema of the values of a map without fields of its own
	Items       int
	Required    []string
	Open        bool // other fields may be there as well
	Nullable    bool
	Default     any // what the API server fills in: a text, or true for all else
	IntOrString bool
	Enum        []string
	Format      string
	Pattern     string
	Minimum     *float64
	Maximum     *float64
	MinLength   *int
	MaxLength   *int
	MinItems    *int
	MaxItems    *int
	// MinProperties and MaxProperties are of the entries of a map.
	MinProperties *int
	MaxProperties *int
	Keys          []string // that tell the items of a list apart
	Set           bool     // no item may come twice
	Condition     *condition
	Rules         []string

	rules   []rule
	pattern *regexp.Regexp
}

// at gives the schema of a line; there is none at 0.
func (l *collection) at(line int) *node {
	if line == 0 {
		return nil
	}
	if n := l.nodes[line].Load(); n != nil {
		return n
	}
	n := &node{}
	must(json.Unmarshal([]byte(l.lines[line]), n))
	for _, text := range n.Rules {
		r, ok := ruleOf(text)
		if !ok {
			panic("schema: crds.txt has a rule that nobody has put into Go: " + text)
		}
		n.rules = append(n.rules, r)
	}
	if n.Pattern != "" {
		n.pattern = regexp.MustCompile(n.Pattern)
	}
	l.nodes[line].Store(n)
	return n
}

// field is the schema of a field, and nil of one that is not known.
func (l *collection) field(n *node, name string) *node {
	if line, ok := n.Fields[name]; ok {
		return l.at(line)
	}
	return l.at(n.Values)
}

// child is the schema of the field that a key names.
func (l *collection) child(n *node, key raw) *node {
	if bytes.IndexByte(key, '\\') >= 0 || len(key) < 2 {
		return l.field(n, key.string())
	}
	if line, ok := n.Fields[string(key[1:len(key)-1])]; ok {
		return l.at(line)
	}
	return l.at(n.Values)
}

// root is the schema of a kind, as an Istio has it, or the next newer one that is known. Without one, the kind may be
// known at other minors.
func (l *collection) root(apiVersion, kind string, minor int) *node {
	index, ok := l.indices.Load(minor)
	if !ok {
		index, _ = l.indices.LoadOrStore(minor, l.index(minor))
	}
	return l.at(index.(map[versionKind]int)[versionKind{apiVersion, kind}])
}

type versionKind struct{ apiVersion, kind string }

// index lists the lines of the kinds that an Istio has, and of those that are not Istio's.
func (l *collection) index(minor int) map[versionKind]int {
	all := make(map[versionKind]int, len(l.roots))
	edition := l.edition(minor)
	for name, lines := range l.roots {
		line := lines[0]
		if line == 0 {
			line = lines[edition]
		}
		if line != 0 {
			all[cutKind(name)] = line
		}
	}
	return all
}

// cutKind takes group/version/Kind apart.
func cutKind(name string) versionKind {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return versionKind{name[:i], name[i+1:]}
	}
	return versionKind{"", name}
}

// editions are the minors of Istio that are known, in order.
func (l *collection) editions() []int {
	return slices.Sorted(maps.Keys(l.roots["networking.istio.io/v1alpha3/ServiceEntry"]))
}

// edition is the minor whose schemas stand for those of a minor: the next that is known, or else the newest.
func (l *collection) edition(minor int) int {
	all := l.editions()
	i, _ := slices.BinarySearch(all, minor)
	return all[min(i, len(all)-1)]
}
