package contrast

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// loopback are the addresses on which the sidecar may wait for the pod's own application.
var loopback = netip.MustParsePrefix("127.0.0.0/8")

// hostName is a name of DNS: https://www.rfc-editor.org/rfc/rfc1123#section-2.1, with the underscores that some have.
var hostName = regexp.MustCompile(`^([a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?\.)*[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?\.?$`)

// egress checks the entries for outgoing connections.
func (k *checker) egress(all []Egress, admin int) {
	names, sockets := map[string]bool{}, map[netip.AddrPort]string{}
	for i, entry := range all {
		if k.name(InEgress, i, entry.Name) {
			if names[entry.Name] {
				k.lax(NameTaken, InEgress, i, NamePart, fmt.Sprintf("an entry before is called %q too", entry.Name),
					"Envoy tells listeners and clusters apart by their names", "give each entry its own name")
			} else if slices.Contains(k.names.listeners, entry.Name) || slices.Contains(k.names.clusters, entry.Name) {
				k.lax(NameReserved, InEgress, i, NamePart, fmt.Sprintf("%q is a name of the sidecar's own", entry.Name),
					"Envoy tells listeners and clusters apart by their names", "choose another name")
			} else {
				names[entry.Name] = true
			}
		}
		if socket, ok := k.listen(i, entry.Listen); ok {
			if before, seen := sockets[socket]; seen {
				k.lax(ListenTaken, InEgress, i, ListenPart, fmt.Sprintf("the entry %q listens on %s already", before, socket),
					"a socket leads to one remote", "choose another address, as "+next(socket, sockets).String())
			} else {
				sockets[socket] = entry.Name
			}
			if port := int(socket.Port()); port == MutualPort || port == ServerPort || port == admin {
				k.lax(ListenReserved, InEgress, i, ListenPart, fmt.Sprintf("port %d is the sidecar's own", port),
					"it listens there on every address of the pod, 127.0.0.0/8 among them", "choose another port")
			}
		}
		k.remote(i, entry.Remote)
	}
}

// next is the first address after socket's, on the same port, that is not taken.
func next(socket netip.AddrPort, taken map[netip.AddrPort]string) netip.AddrPort {
	for {
		address := socket.Addr().Next()
		if !loopback.Contains(address) {
			address = loopback.Addr().Next()
		}
		socket = netip.AddrPortFrom(address, socket.Port())
		if _, seen := taken[socket]; !seen {
			return socket
		}
	}
}

// listen is the socket that is written, where it is one.
func (k *checker) listen(i int, text string) (netip.AddrPort, bool) {
	const fix = "write an address of 127.0.0.0/8 and a port, as 127.137.0.1:8081"
	socket, err := netip.ParseAddrPort(text)
	switch {
	case err != nil:
		k.add(ListenSyntax, InEgress, i, ListenPart, fmt.Sprintf("%q is not an IP address with a port", text), "the sidecar listens there for the application", fix)
	case !loopback.Contains(socket.Addr()):
		k.add(ListenOutside, InEgress, i, ListenPart, fmt.Sprintf("%s is not in 127.0.0.0/8", socket.Addr()), "only the pod itself may reach what the sidecar shows its certificate for", fix)
	case socket.Port() == 0 && k.legacy:
		k.lax(PortRange, InEgress, i, ListenPart, "0 is not a port", "ports are 1 to 65535, and Envoy would listen on one that nobody knows", "write a port that the pod does not use")
	case socket.Port() == 0:
		k.add(PortRange, InEgress, i, ListenPart, "0 is not a port", "ports are 1 to 65535", "write a port that the pod does not use")
	default:
		return socket, true
	}
	return netip.AddrPort{}, false
}

func (k *checker) remote(i int, text string) {
	const fix = "write the host and port that the application called before, as billing-svc:8080"
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		k.add(RemoteSyntax, InEgress, i, RemotePart, fmt.Sprintf("%q is not a host with a port", text), "the sidecar must know whom to call", fix)
		return
	}
	switch address, err := netip.ParseAddr(host); {
	case host == "":
		k.add(RemoteSyntax, InEgress, i, RemotePart, fmt.Sprintf("%q has no host", text), "the sidecar must know whom to call", fix)
	case !utf8.ValidString(host):
		k.add(RemoteSyntax, InEgress, i, RemotePart, fmt.Sprintf("%q is not UTF-8", host), "neither YAML nor Envoy's configuration can hold it", fix)
	case err == nil && address.Unmap().IsLoopback(), strings.EqualFold(strings.TrimSuffix(host, "."), "localhost"):
		k.lax(RemoteSelf, InEgress, i, RemotePart, fmt.Sprintf("%s is the pod itself", host), "inside a pod nothing speaks the mesh's TLS, so the handshake fails", fix)
	case err == nil && address.Is6():
		k.lax(RemoteIPv6, InEgress, i, RemotePart, fmt.Sprintf("%s is an IPv6 address", host), "the sidecar looks up IPv4 addresses only", "write a name that has an IPv4 address, or that address")
	case err != nil && !hostName.MatchString(host):
		k.lax(RemoteSyntax, InEgress, i, RemotePart, fmt.Sprintf("%q is not a name that DNS knows", host), "nothing can be found by it", fix)
	}
	if number, err := strconv.Atoi(port); err != nil {
		k.add(PortSyntax, InEgress, i, RemotePart, fmt.Sprintf("%q is not a port", port), "ports are written in digits", fix)
	} else {
		k.inRange(InEgress, i, RemotePart, number)
	}
}
