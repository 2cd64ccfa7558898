package tyk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/meshscenario/scenario/nearest"
)

// A Fault is what is wrong in a configuration, and where.
type Fault struct {
	Line int    // from 1; 0 where it is about what is not there
	Path string // such as "CA.certPath"
	What string // one clause
	// Fatal says that the controller ends because of it; else it works, and not as written.
	Fatal bool
}

// String is the fault for people, its place before it.
func (f Fault) String() string {
	if f.Path == "" {
		return f.What
	}
	return f.Path + ": " + f.What
}

// ParseController reads a configuration, YAML or JSON, as the controller does, and more strictly: it gives what the
// controller makes of it, and as faults what the controller passes over in silence. Of a text that is not YAML, or no map,
// there is nothing but the fault.
//
// The controller reads with viper and mapstructure 1.1.2: letters of either case in keys, a text for a number or a truth and
// back; an embedded struct of Kubernetes' types is none of its keys.
func ParseController(data []byte) (*Controller, []Fault) {
	c := &Controller{lines: map[string]int{}}
	r := reader{c: c}
	var doc yaml.Node
	switch err := yaml.Unmarshal(data, &doc); {
	case err != nil:
		r.fatal(&doc, "", "no YAML: "+strings.TrimPrefix(err.Error(), "yaml: "))
		return c, r.faults
	case len(doc.Content) == 0 || resolved(doc.Content[0]).Kind != yaml.MappingNode:
		r.fatal(&doc, "", "a configuration is a map of sections: "+strings.Join(sectionNames, ", "))
		return c, r.faults
	}
	r.walk(doc.Content[0], "", 0)
	r.section(doc.Content[0], "", entries{
		"Server": func(n *yaml.Node, at string) {
			r.section(n, at, entries{"addr": r.text(&c.Server.Addr), "certFile": r.text(&c.Server.CertFile), "keyFile": r.text(&c.Server.KeyFile)})
		},
		"Tyk": func(n *yaml.Node, at string) {
			d := &c.Dashboard
			r.section(n, at, entries{
				"url": r.text(&d.URL), "secret": r.text(&d.Secret), "org": r.text(&d.Org), "templates": r.text(&d.Templates),
				"isGateway": r.truth(&d.IsGateway), "isHybrid": r.truth(&d.IsHybrid), "insecureSkipVerify": r.truth(&d.InsecureSkipVerify),
			})
		},
		"Ingress": func(n *yaml.Node, at string) {
			r.section(n, at, entries{"watchNamespaces": func(n *yaml.Node, at string) {
				r.list(n, at, func(n *yaml.Node, at string) {
					var name string
					r.text(&name)(n, at)
					c.Ingress.WatchNamespaces = append(c.Ingress.WatchNamespaces, name)
				})
			}})
		},
		"CA":       r.authority,
		"Injector": r.injector,
	})
	return c, r.faults
}

var sectionNames = []string{"Server", "Tyk", "Ingress", "CA", "Injector"}

// entries are the keys of a map, and what reads each.
type entries map[string]func(n *yaml.Node, at string)

// A reader fills a controller and gathers faults.
type reader struct {
	c      *Controller
	faults []Fault
}

func (r *reader) fault(n *yaml.Node, at, format string, args ...any) {
	r.faults = append(r.faults, Fault{Line: n.Line, Path: at, What: fmt.Sprintf(format, args...)})
}

func (r *reader) fatal(n *yaml.Node, at, what string) {
	r.faults = append(r.faults, Fault{Line: n.Line, Path: at, What: what, Fatal: true})
}

// resolved is what an alias stands for.
func resolved(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// walk writes down the line of everything, to a depth that no configuration has and an endless alias would.
func (r *reader) walk(n *yaml.Node, at string, depth int) {
	if n.Kind == yaml.AliasNode || depth > 20 {
		return
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		path := below(at, n.Content[i].Value)
		r.c.lines[strings.ToLower(path)] = n.Content[i].Line
		r.walk(n.Content[i+1], path, depth+1)
	}
	for i, item := range n.Content {
		if n.Kind == yaml.SequenceNode {
			r.c.lines[strings.ToLower(at+index(i))] = item.Line
			r.walk(item, at+index(i), depth+1)
		}
	}
}

// section reads a map by its keys, letters of either case, and says which keys nothing reads.
func (r *reader) section(n *yaml.Node, at string, known entries) {
	if n = resolved(n); n.Kind != yaml.MappingNode {
		if n.Tag != "!!null" {
			r.fatal(n, at, "a map is wanted here")
		}
		return
	}
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		path := below(at, key.Value)
		if j := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, key.Value) }); j >= 0 {
			known[names[j]](value, path)
			continue
		}
		if key.Tag == "!!merge" {
			r.fault(key, path, "what is merged here is not looked at; write it out")
			continue
		}
		hint := "the keys here are " + strings.Join(names, ", ")
		if meant := nearest.Of(strings.ReplaceAll(key.Value, "_", ""), names); meant != "" {
			hint = "write " + meant
		}
		r.fault(key, path, "the controller reads no such key; %s", hint)
	}
}

func (r *reader) list(n *yaml.Node, at string, each func(n *yaml.Node, at string)) {
	switch n = resolved(n); {
	case n.Kind == yaml.SequenceNode:
		for i, item := range n.Content {
			each(item, at+index(i))
		}
	case n.Tag != "!!null":
		r.fault(n, at, "a list is wanted here")
	}
}

func (r *reader) text(into *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) {
		if n = resolved(n); n.Kind != yaml.ScalarNode {
			r.fatal(n, at, "a text is wanted here")
		} else if n.Tag != "!!null" {
			*into = n.Value
		}
	}
}

func (r *reader) truth(into *bool) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) {
		n = resolved(n)
		var yes bool
		if err := n.Decode(&yes); err == nil {
			*into = yes
			return
		}
		// What YAML does not take for a truth, mapstructure may: it goes by strconv, and an empty text is false.
		yes, err := strconv.ParseBool(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil && n.Value != "" {
			r.fatal(n, at, fmt.Sprintf("%q is neither true nor false", n.Value))
		}
		*into = yes
	}
}
