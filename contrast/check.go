package contrast

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// A checker collects the faults of a model. What it finds, it finds in strings too, once they are taken apart.
type checker struct {
	names  Names
	legacy bool
	faults Faults
}

// Check finds the mistakes of a model before it is written: the error is [Faults], without offsets, for the current
// generation. An empty Listen is one: [Allot] first.
func (c Config) Check() error { return Current.check(c).err() }

func (g Generation) check(c Config) Faults {
	k := checker{names: g.Names(), legacy: g == Legacy}
	k.ingress(c.Ingress)
	k.egress(c.Egress, c.AdminPort)
	if c.AdminPort != 0 {
		k.adminPort(c.AdminPort)
	}
	return k.faults
}

// add says what the sidecar does not take, lax what it takes all the same.
func (k *checker) add(kind Kind, field Field, entry int, part, what, why, fix string) {
	k.faults = append(k.faults, &Fault{Kind: kind, Field: field, Entry: entry, Part: part, What: what, Why: why, Fix: fix})
}

func (k *checker) lax(kind Kind, field Field, entry int, part, what, why, fix string) {
	k.add(kind, field, entry, part, what, why, fix)
	k.faults[len(k.faults)-1].Stricter = true
}

// inRange tells whether a port is one. The sidecar keeps 16 bits of what is written, without a look at the rest.
func (k *checker) inRange(field Field, entry int, part string, port int) bool {
	if port >= 1 && port <= math.MaxUint16 {
		return true
	}
	why := "ports are 1 to 65535"
	if wrapped := uint16(port); int(wrapped) != port {
		why += fmt.Sprintf(", and the sidecar keeps 16 bits of it, which are %d", wrapped)
	}
	k.lax(PortRange, field, entry, part, fmt.Sprintf("%d is not a port", port), why, "write the port that is meant")
	return false
}

func (k *checker) adminPort(port int) {
	const fix = "write the port that is meant, or leave it away for no admin interface"
	switch read := uint32(port); { // which is what the sidecar keeps of it
	case port >= 1 && port <= math.MaxUint16:
		if port == MutualPort || port == ServerPort {
			k.lax(PortReserved, InAdminPort, -1, "", fmt.Sprintf("%d is the sidecar's own", port),
				"it listens there for the connections that iptables redirects to it", "choose another port, as 9901")
		}
	case read > math.MaxUint16:
		k.add(PortRange, InAdminPort, -1, "", fmt.Sprintf("%d is not a port", port), "ports are 1 to 65535, and Envoy's configuration is refused with it", fix)
	case read == 0:
		k.lax(PortRange, InAdminPort, -1, "", fmt.Sprintf("%d is not a port", port), "ports are 1 to 65535; the sidecar opens no admin interface", fix)
	default:
		k.lax(PortRange, InAdminPort, -1, "", fmt.Sprintf("%d is not a port", port), fmt.Sprintf("ports are 1 to 65535, and the sidecar keeps 32 bits of it, which are %d", read), fix)
	}
}

// name checks what all names need. Those of ingress entries are for people only: the sidecar does not use them.
func (k *checker) name(field Field, entry int, name string) bool {
	refuse := k.add
	if field == InIngress {
		refuse = k.lax
	}
	switch {
	case name == "":
		why := "Envoy calls a listener and a cluster by it"
		if field == InIngress {
			why = "nobody can tell what the entry is for"
		}
		refuse(NameEmpty, field, entry, NamePart, "there is no name", why, "write one, as the name of the service")
	case strings.Contains(name, "#"):
		k.add(NameSyntax, field, entry, NamePart, fmt.Sprintf("%q has a # in it", name), "# ends a name", "leave it away")
	case !utf8.ValidString(name):
		refuse(NameSyntax, field, entry, NamePart, fmt.Sprintf("%q is not UTF-8", name), "neither YAML nor Envoy's configuration can hold it", "write it in UTF-8")
	default:
		return true
	}
	return false
}
