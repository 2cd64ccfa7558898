package contrast

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Parse reads the strings of a pod as the current sidecar does, and finds more wrong with them. See [Generation.Parse].
func Parse(s Strings) (Config, error) { return Current.Parse(s) }

// ParseIngress is [Parse] of an ingress string alone.
func ParseIngress(s string) ([]Ingress, error) {
	c, err := Parse(Strings{Ingress: s})
	return c.Ingress, err
}

// ParseEgress is [Parse] of an egress string alone.
func ParseEgress(s string) ([]Egress, error) {
	c, err := Parse(Strings{Egress: s})
	return c.Egress, err
}

// Parse reads the strings of a pod. The error is [Faults], all there are, with their places in the strings; the sidecar
// itself tells the first of those that it does not start with ([Faults.Crash]). The configuration is what it makes of
// the rest: a port beyond 65535 is the one that it wraps around to, and entries that cannot be read are left out.
func (g Generation) Parse(s Strings) (Config, error) {
	ingress, egress := g.readIngress(s.Ingress), readEgress(s.Egress)
	raw := Config{Ingress: ingress.models, Egress: egress.models, IngressDisabled: s.Ingress == Disabled && g != Legacy}
	var admin Faults
	if s.AdminPort != "" {
		port, err := strconv.Atoi(s.AdminPort)
		if err != nil {
			admin = Faults{{Kind: PortSyntax, Field: InAdminPort, Entry: -1, Length: len(s.AdminPort), What: fmt.Sprintf("%q is not a port", s.AdminPort),
				Why: "ports are written in digits", Fix: "write a number, or leave it away for no admin interface"}}
		} else if raw.AdminPort = port; port == 0 {
			k := checker{}
			k.adminPort(0)
			admin = k.faults
			admin[0].Length = len(s.AdminPort)
		}
	}
	found := map[Field]Faults{}
	for _, f := range g.check(raw) {
		switch f.Field {
		case InIngress:
			ingress.place(f)
		case InEgress:
			egress.place(f)
		case InAdminPort:
			f.Length = len(s.AdminPort)
		}
		found[f.Field] = append(found[f.Field], f)
	}
	faults := append(inOrder(ingress.faults, found[InIngress]), inOrder(egress.faults, found[InEgress])...)
	return wrap(raw), append(faults, append(admin, found[InAdminPort]...)...).err()
}

// wrap is what the sidecar keeps of a configuration: 16 bits of each port, 32 of the admin interface's.
func wrap(c Config) Config {
	for i := range c.Ingress {
		c.Ingress[i].Port = int(uint16(c.Ingress[i].Port))
	}
	for i, e := range c.Egress {
		if socket, err := netip.ParseAddrPort(e.Listen); err == nil {
			c.Egress[i].Listen = socket.String()
		}
		if host, port, err := net.SplitHostPort(e.Remote); err == nil {
			if number, err := strconv.Atoi(port); err == nil {
				c.Egress[i].Remote = net.JoinHostPort(host, strconv.Itoa(int(uint16(number))))
			}
		}
	}
	c.AdminPort = int(uint32(c.AdminPort))
	return c
}

// An entries is a string taken apart. Where a model came from is in the spans at its index.
type entries[M any] struct {
	models []M
	spans  []span
	faults Faults
}

// A span is an entry of a string: which it is, and where its three parts are.
type span struct {
	entry int
	from  int
	parts []string
}

// at is where a part begins, and how long it is; the whole entry for -1.
func (s span) at(part int) (offset, length int) {
	if part < 0 {
		return s.from, len(strings.Join(s.parts, "#"))
	}
	return s.from + len(strings.Join(append(s.parts[:part:part], ""), "#")), len(s.parts[part])
}

// partAt says which of the three each part is.
var partAt = map[string]int{NamePart: 0, PortPart: 1, ListenPart: 1, TLSPart: 2, RemotePart: 2}

// place gives a fault of a model its place in the string.
func (e *entries[M]) place(f *Fault) {
	s := e.spans[f.Entry]
	f.Entry = s.entry
	f.Offset, f.Length = s.at(partAt[f.Part])
}

// split takes a string apart as the sidecar does: ## from the left on, empty entries passed over.
func split(text string) []span {
	var all []span
	from := 0
	for _, entry := range strings.Split(text, "##") {
		if entry != "" {
			all = append(all, span{entry: len(all), from: from, parts: strings.Split(entry, "#")})
		}
		from += len(entry) + len("##")
	}
	return all
}

// inOrder puts the faults of a string's grammar and those of its meaning in the order of the string.
func inOrder(a, b Faults) Faults {
	all := append(a[:len(a):len(a)], b...)
	sortStable(all)
	return all
}
