package contrast

import "fmt"

// ingress checks the entries for incoming connections. Only a # in a name or an unknown TLS, which no string holds, is
// something the sidecar does not take.
func (k *checker) ingress(all []Ingress) {
	first := map[int]string{}
	for i, entry := range all {
		k.name(InIngress, i, entry.Name)
		switch before, seen := first[entry.Port]; {
		case !k.inRange(InIngress, i, PortPart, entry.Port):
		case entry.Port == MutualPort || entry.Port == ServerPort:
			why := "it listens there for redirected connections, and drops those that come directly"
			if k.legacy {
				why = "it listens there for redirected connections, and would connect to itself without end for one that comes directly"
			}
			k.lax(PortReserved, InIngress, i, PortPart, fmt.Sprintf("port %d is the sidecar's own", entry.Port), why, "take the entry out")
		case seen:
			k.lax(PortTaken, InIngress, i, PortPart, fmt.Sprintf("the entry %q has port %d already", before, entry.Port),
				"iptables asks the rules in their order, so this one has no effect", "keep one of the two")
		default:
			first[entry.Port] = entry.Name
		}
		switch entry.TLS {
		case MutualTLS, ServerTLS, NoTLS:
		default:
			k.add(TLSSyntax, InIngress, i, TLSPart, fmt.Sprintf("%q is no kind of TLS", entry.TLS), "there are mutual, server and none", "write one of them")
		}
	}
}
