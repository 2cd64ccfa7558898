package scenarios

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
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
	"host":          text(badHost),
	"name":          text(badName),
	"address":       text(badAddress),
	"addressOrHost": text(badEndpoint),
	"path": text(func(s string) string {
		if !strings.HasPrefix(s, "/") || strings.ContainsAny(s, " \t\r\n\"'?#") {
			return fmt.Sprintf("%q is not an absolute path", s)
		}
		return ""
	}),
	"pem": text(badPEM),
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

// badHost: a DNS name with at least one dot, whose first label may be a whole wildcard. Istio refuses short names in
// ServiceEntries and Gateways (istio/istio pkg/config/validation, ValidateFQDN and ValidateWildcardDomain).
func badHost(s string) string {
	if _, err := netip.ParseAddr(s); err == nil {
		return fmt.Sprintf("%q is an address, not a host name", s)
	}
	if strings.Contains(s, "/") {
		return fmt.Sprintf("%q is not a host name: leave out the scheme and the path", s)
	}
	if strings.Contains(s, ":") {
		return fmt.Sprintf("%q is not a host name: the port goes into the field port", s)
	}
	if strings.Contains(strings.TrimPrefix(s, "*."), "*") {
		return fmt.Sprintf("%q is not a host name: a wildcard is the whole first label, as in *.example.com", s)
	}
	if why := badName(strings.TrimPrefix(s, "*.")); why != "" {
		return fmt.Sprintf("%q is not a host name", s)
	}
	if !strings.Contains(strings.TrimPrefix(s, "*."), ".") {
		return fmt.Sprintf("%q is not a full host name: it has no dot", s)
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

func badAddress(s string) string {
	if _, err := netip.ParseAddr(s); err == nil {
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
	add := func(path, why string) {
		problems = append(problems, &Problem{At: d.Place(path), Path: path, Text: why})
	}
	var walk func(v reflect.Value, path, kind string)
	walk = func(v reflect.Value, path, kind string) {
		switch v.Kind() {
		case reflect.Struct:
			for i := 0; i < v.NumField(); i++ {
				f := v.Type().Field(i)
				at := f.Tag.Get("json")
				if path != "" {
					at = path + "." + at
				}
				walk(v.Field(i), at, f.Tag.Get("kind"))
			}
		case reflect.Slice:
			for i := 0; i < v.Len(); i++ {
				at := fmt.Sprintf("%s[%d]", path, i)
				if v.Index(i).Kind() == reflect.String && v.Index(i).String() == "" {
					add(at, "empty")
					continue
				}
				walk(v.Index(i), at, kind)
			}
		case reflect.Map:
			labels := v.Interface().(map[string]string)
			for _, key := range slices.Sorted(maps.Keys(labels)) {
				at := path + "." + key
				if len(validation.IsQualifiedName(key)) > 0 {
					add(at, fmt.Sprintf("%q is not the name of a label", key))
				} else if len(validation.IsValidLabelValue(labels[key])) > 0 {
					add(at, fmt.Sprintf("%q is not the value of a label", labels[key]))
				}
			}
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem(), path, kind)
			}
		default:
			if kind == "" || !d.Written(path) {
				return
			}
			if why := kinds[kind](v); why != "" {
				add(path, why)
			}
		}
	}
	walk(reflect.ValueOf(d.Definition), "", "")
	return problems
}
