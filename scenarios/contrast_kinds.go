package scenarios

import (
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshscenario/scenario/contrast"
)

// What package contrast itself checks (names of entries, sockets, remotes) has no kind: see checkContrast.

func badPortName(s string) string {
	if len(validation.IsValidPortName(s)) > 0 {
		return fmt.Sprintf("%q is not the name of a port: at most 15 lower case letters, digits and inner hyphens, with a letter among them", s)
	}
	return ""
}

func badVariable(s string) string {
	if len(validation.IsEnvVarName(s)) > 0 {
		return fmt.Sprintf("%q is not the name of a variable", s)
	}
	return ""
}

var schemeForm = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`) // RFC 3986, section 3.1

func badScheme(s string) string {
	if !schemeForm.MatchString(s) {
		return fmt.Sprintf("%q is not the scheme of a URL, such as http", s)
	}
	return ""
}

var digestForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]*@sha256:[0-9a-f]{64}$`)

func badDigest(s string) string {
	if !digestForm.MatchString(s) {
		return fmt.Sprintf("%q is not an image with its digest: NAME@sha256: and 64 hexadecimal digits", s)
	}
	return ""
}

func badContrastClass(s string) string {
	if len(validation.IsDNS1123Subdomain(s)) > 0 || !strings.HasPrefix(s, contrast.RuntimeClassPrefix) {
		return fmt.Sprintf("%q is not a runtime class of Contrast: contrast generate passes over pods whose class does not begin with %s", s, contrast.RuntimeClassPrefix)
	}
	return ""
}
