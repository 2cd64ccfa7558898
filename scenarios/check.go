package scenarios

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"net/netip"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// kinds says what a string or number must look like, by the kind tag of its field. Each answers "" or what is wrong.
var kinds = map[string]func(reflect.Value) string{
	"label": text(func(s string) string {
		if len(validation.IsDNS1123Label(s)) > 0 {
			return fmt.Sprintf("%q is not a DNS label: at most 63 lower case letters, digits and inner hyphens", s)
		}
		return ""
	}),
	"subdomain": text(func(s string) string {
		if len(validation.IsDNS1123Subdomain(s)) > 0 {
			return fmt.Sprintf("%q is not a Kubernetes name: lower case letters, digits, hyphens and dots, at most 253", s)
		}
		return ""
	}),
	"service": text(func(s string) string {
		if len(validation.IsDNS1035Label(s)) > 0 {
			return fmt.Sprintf("%q is not the name of a Service: at most 63 lower case letters, digits and inner hyphens, beginning with a letter", s)
		}
		return ""
	}),
	"host": text(badHost),
	"clusterHost": text(func(s string) string {
		if why := badHost(s); why != "" {
			return why
		}
		name, ok := strings.CutSuffix(s, clusterSuffix)
		if service, _, _ := strings.Cut(name, "."); !ok || strings.Count(name, ".") != 1 || len(validation.IsDNS1035Label(service)) > 0 {
			return fmt.Sprintf("%q is not the name of a Service of the mesh: <name>.<namespace>%s", s, clusterSuffix)
		}
		return ""
	}),
	"name": text(badName),
	"san":  text(badSAN),
	"locality": text(func(s string) string {
		if !localityForm.MatchString(s) {
			return fmt.Sprintf("%q is not region, region/zone or region/zone/subzone", s)
		}
		return ""
	}),
	"image": text(func(s string) string {
		if !imageForm.MatchString(s) {
			return fmt.Sprintf("%q is not the name of an image", s)
		}
		return ""
	}),
	"address":       text(badAddress),
	"addressOrHost": text(badEndpoint),
	"path": text(func(s string) string {
		if !pathForm.MatchString(s) {
			return fmt.Sprintf("%q is not an absolute path", s)
		}
		return ""
	}),
	"mountPath": text(func(s string) string {
		if !mountForm.MatchString(s) || s != path.Clean(s) {
			return fmt.Sprintf("%q is not the absolute path of a folder, without a slash at its end", s)
		}
		for _, taken := range []string{"/etc/istio", "/var/run/secrets", "/var/lib/istio"} {
			if s == "/" || s == taken || strings.HasPrefix(s, taken+"/") {
				return fmt.Sprintf("%q is where the proxy keeps its own files", s)
			}
		}
		return ""
	}),
	"pem":           text(badPEM),
	"portName":      text(badPortName),
	"variable":      text(badVariable),
	"scheme":        text(badScheme),
	"digest":        text(badDigest),
	"contrastClass": text(badContrastClass),
	"url":           text(badURL),
	"hostPorts":     text(badHostPorts),
	"port": func(v reflect.Value) string {
		if v.Int() < 1 || v.Int() > 65535 {
			return fmt.Sprintf("%d is not a port: 1 to 65535", v.Int())
		}
		return ""
	},
	"percent": func(v reflect.Value) string {
		if v.Int() < 1 || v.Int() > 100 {
			return fmt.Sprintf("%d is not a share of a hundred calls: 1 to 100", v.Int())
		}
		return ""
	},
}

func text(bad func(string) string) func(reflect.Value) string {
	return func(v reflect.Value) string { return bad(v.String()) }
}

var (
	localityForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]+){0,2}$`)
	// Of a URL's path (RFC 3986, section 3.3) without what quotes and expands in a shell; the files of a mount still less.
	pathForm  = regexp.MustCompile(`^/[A-Za-z0-9._~!&()*+,;=:@%/-]*$`)
	mountForm = regexp.MustCompile(`^/[A-Za-z0-9._~@%+,=/-]*$`)
	// https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md, section 2
	spiffeForm = regexp.MustCompile(`^spiffe://[a-z0-9._-]+(/[A-Za-z0-9._-]+)*$`)
	imageForm  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/@-]*$`)
)

// clusterSuffix ends the names of the cluster's Services.
const clusterSuffix = ".svc.cluster.local"

// badHost: a DNS name with at least one dot, whose first label may be a whole wildcard. Istio refuses short names in
// ServiceEntries and Gateways (istio/istio pkg/config/validation, ValidateFQDN and ValidateWildcardDomain).
func badHost(s string) string {
	name := strings.TrimPrefix(s, "*.")
	not := func(why string) string { return fmt.Sprintf("%q is not a host name%s", s, why) }
	if _, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return fmt.Sprintf("%q is an address, not a host name", s)
	}
	switch {
	case strings.Contains(s, "/"):
		return not(": leave out the scheme and the path")
	case strings.Contains(s, ":"):
		return not(": the port goes into the field port")
	case strings.Contains(name, "*"):
		return not(": a wildcard is the whole first label, as in *.example.com")
	case strings.ToLower(name) != name:
		return not(": write it in lower case")
	case strings.Contains(name, "_"):
		return not(": underscores stand in no host name")
	case slices.ContainsFunc(strings.Split(name, "."), func(label string) bool { return len(label) > validation.DNS1123LabelMaxLength }):
		return not(": a label of it is longer than 63")
	case len(name) > validation.DNS1123SubdomainMaxLength:
		return not(": it is longer than 253")
	case badName(name) != "":
		return not("")
	case !strings.Contains(name, ".") && name != s:
		return not(": a wildcard needs two labels after it, as in *.example.com")
	case !strings.Contains(name, "."):
		return fmt.Sprintf("%q is not a full host name: it has no dot", s)
	}
	last := name[strings.LastIndex(name, ".")+1:]
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return not(": its last label is a number")
	}
	if service, ok := strings.CutSuffix(s, clusterSuffix); ok && !strings.Contains(service, ".") {
		return not(" of a Service: it lacks the namespace, as in <name>.<namespace>" + clusterSuffix)
	}
	return ""
}

func badName(s string) string {
	if len(validation.IsDNS1123Subdomain(s)) > 0 {
		return fmt.Sprintf("%q is not a DNS name", s)
	}
	for _, label := range strings.Split(s, ".") {
		if len(label) > validation.DNS1123LabelMaxLength {
			return fmt.Sprintf("%q is not a DNS name: %q is longer than 63", s, label)
		}
	}
	return ""
}

// badSAN: what Envoy can compare with a certificate's subject alternative name.
func badSAN(s string) string {
	if spiffeForm.MatchString(s) {
		return ""
	}
	if badName(strings.TrimPrefix(s, "*.")) == "" || badAddress(s) == "" {
		return ""
	}
	return fmt.Sprintf("%q is not a DNS name, an address or a SPIFFE URI", s)
}

func badAddress(s string) string {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		return ""
	}
	return fmt.Sprintf("%q is not an IP address", s)
}

func badEndpoint(s string) string {
	if badAddress(s) == "" || badHost(s) == "" && !isWildcard(s) {
		return ""
	}
	return fmt.Sprintf("%q is neither an IP address nor a full host name", s)
}

func badPEM(s string) string {
	if !strings.HasPrefix(strings.TrimSpace(s), "-----BEGIN CERTIFICATE-----") || strings.ContainsFunc(s, func(r rune) bool { return r > '~' }) {
		return "not a PEM certificate"
	}
	for rest := []byte(s); ; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil {
			return "no PEM certificate in it"
		}
		if block.Type != "CERTIFICATE" {
			return fmt.Sprintf("a PEM block %q, where only certificates may stand", block.Type)
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return "the PEM certificate cannot be read"
		}
		if len(strings.TrimSpace(string(rest))) == 0 {
			return ""
		}
	}
}

func isWildcard(host string) bool { return strings.HasPrefix(host, "*.") }

// check holds every written field against its kind.
func check(d *Draft) []error {
	var problems []error
	add := func(at, why string) {
		problems = append(problems, &Problem{At: d.Place(at), Path: at, Text: why})
	}
	var walk func(v reflect.Value, where, kind string)
	walk = func(v reflect.Value, where, kind string) {
		switch v.Kind() {
		case reflect.Struct:
			for i := 0; i < v.NumField(); i++ {
				f := v.Type().Field(i)
				at := f.Tag.Get("json")
				if where != "" {
					at = where + "." + at
				}
				walk(v.Field(i), at, f.Tag.Get("kind"))
			}
		case reflect.Slice:
			for i := 0; i < v.Len(); i++ {
				at := fmt.Sprintf("%s[%d]", where, i)
				switch item := v.Index(i); {
				case item.Kind() != reflect.String:
					walk(item, at, kind)
				case item.String() == "":
					add(at, "empty")
				case kind != "":
					if why := kinds[kind](item); why != "" {
						add(at, why)
					}
				}
			}
		case reflect.Map:
			labels := v.Interface().(map[string]string)
			for _, key := range slices.Sorted(maps.Keys(labels)) {
				at := where + "." + key
				if len(validation.IsQualifiedName(key)) > 0 {
					add(at, fmt.Sprintf("%q is not the name of a label", key))
				} else if len(validation.IsValidLabelValue(labels[key])) > 0 {
					add(at, fmt.Sprintf("%q is not the value of a label", labels[key]))
				}
			}
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem(), where, kind)
			}
		default:
			if kind == "" || !d.Written(where) {
				return
			}
			if why := kinds[kind](v); why != "" {
				add(where, why)
			}
		}
	}
	walk(reflect.ValueOf(d.Definition), "", "")
	return problems
}
