package scenarios

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshscenario/scenario/contrast"
)

func init() {
	// What package contrast itself checks (names, sockets, remotes) has no kind here: see checkContrast.
	for kind, bad := range map[string]func(reflect.Value) string{
		"portName": text(func(s string) string {
			if len(validation.IsValidPortName(s)) > 0 {
				return fmt.Sprintf("%q is not the name of a port: at most 15 lower case letters, digits and inner hyphens, with a letter among them", s)
			}
			return ""
		}),
		"variable": text(func(s string) string {
			if len(validation.IsEnvVarName(s)) > 0 {
				return fmt.Sprintf("%q is not the name of a variable", s)
			}
			return ""
		}),
		"scheme": text(func(s string) string {
			if !schemeForm.MatchString(s) {
				return fmt.Sprintf("%q is not the scheme of a URL, such as http", s)
			}
			return ""
		}),
		"digest": text(func(s string) string {
			if !digestForm.MatchString(s) {
				return fmt.Sprintf("%q is not an image with its digest: NAME@sha256: and 64 hexadecimal digits", s)
			}
			return ""
		}),
		"contrastClass": text(func(s string) string {
			if len(validation.IsDNS1123Subdomain(s)) > 0 || !strings.HasPrefix(s, contrast.RuntimeClassPrefix) {
				return fmt.Sprintf("%q is not a runtime class of Contrast: contrast generate passes over pods whose class does not begin with %s", s, contrast.RuntimeClassPrefix)
			}
			return ""
		}),
	} {
		kinds[kind] = bad
	}
}

var (
	schemeForm = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`) // RFC 3986, section 3.1
	digestForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]*@sha256:[0-9a-f]{64}$`)
)
