package rules

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// A remote is where an egress entry leads, as far as its name tells.
type remote struct {
	host string
	port int
	// full is the Service's name in the cluster, if it is one's; "" where it may be or is something else.
	full string
	// outside says that it can only be outside the cluster, where no certificate of the mesh is.
	outside bool
}

// publicDomains are top-level domains that nobody calls a namespace by: a host of two labels may be SERVICE.NAMESPACE.
var publicDomains = []string{"com", "org", "net", "io", "dev", "app", "edu", "gov", "example"}

// remoteOf reads HOST:PORT, as a pod of a namespace means it.
func remoteOf(p *validate.Pass, text, namespace string) (remote, bool) {
	host, number, err := net.SplitHostPort(text)
	port, err2 := strconv.Atoi(number)
	if err != nil || err2 != nil {
		return remote{}, false
	}
	host = strings.TrimSuffix(lower(host), ".")
	r := remote{host: host, port: port}
	if address, err := netip.ParseAddr(host); err == nil {
		shared := netip.MustParsePrefix("100.64.0.0/10").Contains(address)
		r.outside = address.IsGlobalUnicast() && !address.IsPrivate() && !shared
		return r, true
	}
	labels := strings.Split(host, ".")
	switch last := labels[len(labels)-1]; {
	case len(labels) == 1:
		r.full = fullName(host, namespace)
	case strings.HasSuffix(host, ".svc"), strings.HasSuffix(host, ".svc.cluster.local"):
		r.full = strings.TrimSuffix(host, ".cluster.local") + ".cluster.local"
	case len(labels) == 2:
		full := fullName(labels[0], labels[1])
		if _, ok := serviceNamed(p, full); ok {
			r.full = full
		}
		r.outside = r.full == "" && slices.Contains(publicDomains, last)
	default:
		r.outside = !isPrivate(host)
	}
	return r, true
}

// serviceNames are the names by which pods of a namespace may call a Service.
func serviceNames(full, namespace string) []string {
	name, rest, _ := strings.Cut(full, ".")
	of, _, ok := strings.Cut(rest, ".svc")
	if !ok {
		return []string{full}
	}
	names := []string{full, name + "." + of + ".svc", name + "." + of}
	if of == namespace {
		names = append(names, name)
	}
	return names
}

// names are all by which the pod may call where the entry leads.
func (r remote) names(namespace string) []string {
	if r.full == "" {
		return []string{r.host}
	}
	return serviceNames(r.full, namespace)
}
