package rules

import (
	"fmt"
	"regexp"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

var (
	javaImage   = regexp.MustCompile(`(?i)(^|[-/:._])(openjdk|temurin|corretto|jdk|jre|zulu|java)([-:._0-9]|$)`)
	redHatImage = regexp.MustCompile(`(?i)(^|[-/:._])(ubi|rhel|centos|fedora|rockylinux|almalinux)([-:._/0-9]|$)`)
)

var msh836 = validate.Rule{
	ID: "MSH836", Name: "tyk-truststore", Category: validate.CA, Severity: validate.Warning, Anywhere: true,
	Title: "an application does not look for CAs where tyk-k8s puts the mesh's",
	Check: func(p *validate.Pass) {
		if on, known := tykTLS(p); !known || !on {
			return
		}
		for _, c := range tykConfigs(p) {
			if c.has("Injector") {
				p.Report(validate.Finding{
					Place: c.place(p, "Injector.enableMeshTLS"), Severity: validate.Info,
					Message:     fmt.Sprintf("each container of the mesh gets %s from the init container's image, whose CAs are of 2017, in the place of its own", tyk.CertMount),
					Consequence: "servers outside whose CA is younger are not trusted any more; images that look elsewhere do not trust the mesh",
					Fix:         "build the init container anew on a current image, or have applications trust the CA by SSL_CERT_FILE",
				})
			}
		}
		for _, w := range tykPods(p) {
			for _, c := range tykCalls(p, w.template) {
				i, store := otherStore(w.Spec.Containers)
				if c.Host != meshHost || !c.tls() || store == "" {
					continue
				}
				p.Report(validate.Finding{
					Place:       p.At(w.object, w.at(fmt.Sprintf("spec.containers[%d].image", i))),
					Message:     fmt.Sprintf("%s calls %s, and its image looks for CAs in %s: tyk-k8s puts the mesh's into %s", w.object.ID, c, store, tyk.CertMount),
					Consequence: "the application does not trust its own sidecar: unable to find valid certification path, or certificate verify failed",
					Fix:         "give it the CA itself: a trust store made by an init container and -Djavax.net.ssl.trustStore in JAVA_TOOL_OPTIONS, or SSL_CERT_FILE, from ConfigMap ca-pem",
					Related:     []validate.Place{c.at},
				})
				break
			}
		}
	},
}

// otherStore is the first container whose image, by its name, has CAs somewhere else, unless it is told where.
func otherStore(containers []corev1.Container) (i int, store string) {
	for i, c := range containers {
		for _, name := range []string{"JAVA_TOOL_OPTIONS", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"} {
			if _, at := variableOf(c, name); at >= 0 {
				return 0, ""
			}
		}
		switch {
		case javaImage.MatchString(c.Image):
			return i, "Java's own trust store"
		case redHatImage.MatchString(c.Image):
			return i, "/etc/pki"
		}
	}
	return 0, ""
}
