package contrast

import (
	"strconv"
	"strings"
)

// FormatIngress writes entries as the sidecar reads them. A port with mutual TLS is said by leaving it out.
func FormatIngress(all []Ingress) string {
	var entries []string
	for _, i := range all {
		if i.TLS != MutualTLS {
			entries = append(entries, i.Name+"#"+strconv.Itoa(i.Port)+"#"+strconv.FormatBool(i.TLS == NoTLS))
		}
	}
	return strings.Join(entries, "##")
}

// FormatEgress writes entries as the sidecar reads them.
func FormatEgress(all []Egress) string {
	var entries []string
	for _, e := range all {
		entries = append(entries, e.Name+"#"+e.Listen+"#"+e.Remote)
	}
	return strings.Join(entries, "##")
}

// Strings writes the configuration as the sidecar reads it. [Parse] reads it back, but for entries with mutual TLS.
func (c Config) Strings() Strings {
	s := Strings{Ingress: FormatIngress(c.Ingress), Egress: FormatEgress(c.Egress)}
	if c.IngressDisabled {
		s.Ingress = Disabled
	}
	if c.AdminPort != 0 {
		s.AdminPort = strconv.Itoa(c.AdminPort)
	}
	return s
}
