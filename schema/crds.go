package schema

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
)

//go:generate go run ./generate crds.txt

// crds holds, a line each, the schemas of all kinds: generate says how. Lines are read when they are needed first.
//
//go:embed crds.txt
var crds string

// A library gives the schemas out.
type library struct {
	roots map[string]map[int]int // group/version/Kind, Istio's minor or 0, line
	lines []string
	nodes []atomic.Pointer[node]
	kinds sync.Map // kindAt, *node
	texts sync.Map // of patterns, *regexp.Regexp
}

type kindAt struct {
	kind  string
	minor int
}

var shelf = sync.OnceValue(func() *library {
	l := &library{lines: strings.Split(strings.TrimSuffix(crds, "\n"), "\n")}
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
func (l *library) at(line int) *node {
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
func (l *library) field(n *node, name string) *node {
	if line, ok := n.Fields[name]; ok {
		return l.at(line)
	}
	return l.at(n.Values)
}

// root is the schema of a kind, as an Istio has it, or the next newer one that is known. Without one, the kind may be
// known at other minors.
func (l *library) root(kind string, minor int) *node {
	if n, ok := l.kinds.Load(kindAt{kind, minor}); ok {
		return n.(*node)
	}
	n := l.at(l.lineOf(kind, minor))
	l.kinds.Store(kindAt{kind, minor}, n)
	return n
}

func (l *library) lineOf(kind string, minor int) int {
	lines := l.roots[kind]
	if line, ok := lines[0]; ok {
		return line // no kind of Istio's
	}
	return lines[l.edition(minor)]
}

// edition is the minor whose schemas stand for those of a minor: the next that is known, or else the newest.
func (l *library) edition(minor int) int {
	next, newest := 0, 0
	for m := range l.roots["networking.istio.io/v1alpha3/ServiceEntry"] {
		newest = max(newest, m)
		if m >= minor && (next == 0 || m < next) {
			next = m
		}
	}
	if next == 0 {
		return newest
	}
	return next
}
