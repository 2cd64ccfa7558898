package tyk

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
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
