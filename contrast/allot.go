package contrast

import (
	"math"
	"net"
	"net/netip"
	"slices"
	"strconv"
)

// firstAllotted is where [Allot] begins: the addresses that Contrast's own examples use, which nothing else does.
var firstAllotted = netip.MustParseAddr("127.137.0.1")

// Allot gives each entry without a Listen one. Every remote gets an address of its own, 127.137.0.1, 127.137.0.2 and so
// on in the order of the entries, so that one added at the end changes none before it; those that entries have already
// are passed over. The port is the remote's, so that what the application was told changes only in its host, or the
// next one that is free: taken are ports that the pod's containers listen on, on every address, with the admin
// interface's among them. The result is a copy. An entry whose remote has no port keeps its empty Listen.
func Allot(all []Egress, taken ...int) []Egress {
	all = slices.Clone(all)
	given := map[netip.Addr]bool{}
	for _, e := range all {
		if socket, err := netip.ParseAddrPort(e.Listen); err == nil {
			given[socket.Addr()] = true
		}
	}
	taken = append([]int{MutualPort, ServerPort}, taken...)
	address := firstAllotted
	for i, e := range all {
		if e.Listen != "" {
			continue
		}
		for given[address] {
			address = address.Next()
		}
		if port := freePort(e.Remote, taken); port != 0 {
			all[i].Listen = netip.AddrPortFrom(address, uint16(port)).String()
		}
		address = address.Next()
	}
	return all
}

// freePort is the remote's port or the first after it that is not taken; 0 where it has none.
func freePort(remote string, taken []int) int {
	_, text, err := net.SplitHostPort(remote)
	if err != nil {
		return 0
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > math.MaxUint16 {
		return 0
	}
	for range math.MaxUint16 {
		if !slices.Contains(taken, port) {
			return port
		}
		if port++; port > math.MaxUint16 {
			port = 1024 // below, only root may listen
		}
	}
	return 0
}
