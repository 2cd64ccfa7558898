package rules

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/validate"
)

// A cfsslServer is a container of the files that serves CFSSL.
type cfsslServer struct {
	template
	corev1.Container
	i    int      // its place among the containers
	args []string // what its program is called with; none where that is the image's own
}

// at is a field of the container.
func (s cfsslServer) at(field string) string {
	return s.template.at(fmt.Sprintf("spec.containers[%d].%s", s.i, field))
}

// flag is the value of a flag that is given, as -flag value or -flag=value, with one dash or two.
func (s cfsslServer) flag(name string) (value string, ok bool) {
	for i, arg := range s.args {
		arg, dashed := strings.CutPrefix(strings.TrimPrefix(arg, "-"), "-")
		if !dashed && !strings.HasPrefix(s.args[i], "-") {
			continue
		}
		key, value, given := strings.Cut(arg, "=")
		switch {
		case key != name:
		case given:
			return value, true
		case i+1 < len(s.args):
			return s.args[i+1], true
		}
	}
	return "", false
}

// cfsslServers are the files' containers that serve CFSSL: those whose arguments say so, and those of an image of that name
// whose program is not named.
func cfsslServers(p *validate.Pass) []cfsslServer {
	var all []cfsslServer
	for _, t := range templates(p) {
		for i, c := range t.Spec.Containers {
			s := cfsslServer{template: t, Container: c, i: i}
			for _, text := range slices.Concat(c.Command, c.Args) { // each may be a line of the shell
				s.args = append(s.args, strings.Fields(text)...)
			}
			j := slices.Index(s.args, "serve")
			image := strings.Contains(c.Image[strings.LastIndexByte(c.Image, '/')+1:], "cfssl")
			switch program := slices.ContainsFunc(s.args[:max(j, 0)], func(a string) bool { return strings.HasSuffix(a, "cfssl") }); {
			case j >= 0 && (image || program):
				s.args = s.args[j:]
			case j < 0 && image && len(s.args) == 0:
			default:
				continue
			}
			all = append(all, s)
		}
	}
	return all
}
