package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh817 = validate.Rule{
	ID: "MSH817", Name: "contrast-double-tls", Category: validate.DoubleTLS, Severity: validate.Error, Anywhere: true,
	Title: "the application speaks TLS to the sidecar, which puts the mesh's around it",
	Check: func(p *validate.Pass) {
		for _, o := range outgoings(p) {
			names, port := socketNames(o.Listen)
			for _, m := range mentions(o.told(p), names, port) {
				if !tlsSchemes[m.scheme] {
					continue
				}
				p.Report(validate.Finding{
					Place:       p.At(m.object, m.field),
					Message:     fmt.Sprintf("%s is told to call %s by %s, where the sidecar waits to make the TLS to %s", o.object.ID, o.Listen, m.scheme, o.Remote),
					Consequence: "the server's sidecar takes off the mesh's TLS and hands the application's to its server, which expects none; and no certificate is for the name " + names[0],
					Fix:         "have the application speak plaintext to the sidecar, which is in its own pod",
					Related:     []validate.Place{o.written(p)},
					Edits:       []validate.Edit{m.plain(p, m.value[m.from:m.to])},
				})
			}
		}
		for _, c := range meshedPods(p) {
			if c.sure() {
				servesTLS(p, c)
			}
		}
	},
}

// serverKey finds what gives a server its private key: TLS_KEY_FILE, --tls-private-key-file, SSL_KEY.
var serverKey = regexp.MustCompile(`(?i)^(-{0,2}|.*[-_.])(tls|ssl|https)[-_.](server[-_.])?(private[-_.])?key([-_.](file|path))?$`)

// servesTLS says that an application may await TLS on its only port, where the mesh takes one TLS off.
func servesTLS(p *validate.Pass, c contrastPod) {
	var ports []int
	for _, one := range c.own() {
		for _, port := range one.Ports {
			if isTCP(port.Protocol) {
				ports = append(ports, int(port.ContainerPort))
			}
		}
	}
	if len(ports) != 1 || c.tls(ports[0]) == contrast.NoTLS {
		return
	}
	told := c.told(p)
	at := slices.IndexFunc(told, func(v variable) bool {
		name, _, _ := strings.Cut(v.value, "=")
		return serverKey.MatchString(v.name) || v.name == "" && strings.HasPrefix(name, "-") && serverKey.MatchString(name)
	})
	if at < 0 {
		return
	}
	s := c.source()
	entry := fmt.Sprintf("tls#%d#true", ports[0])
	p.Report(validate.Finding{
		Severity:    validate.Info, // the key may be for its calls
		Place:       p.At(told[at].object, told[at].field),
		Message:     fmt.Sprintf("%s seems to end TLS itself on port %d, and the mesh does so there too", c.object.ID, ports[0]),
		Consequence: "the sidecar takes off the mesh's TLS, and hands the application plaintext: it is understood only where the client puts one TLS in the other",
		Fix:         fmt.Sprintf("leave the port to the application, by the ingress entry %s; or have it take plaintext from the sidecar", entry),
		Related:     []validate.Place{c.where(p, s.Ingress)},
	})
}
