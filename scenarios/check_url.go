package scenarios

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// badURL: where a server is, without user, path and query.
func badURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || badDialled(u.Hostname()) || s != u.Scheme+"://"+u.Host || u.Port() != "" && badPort(u.Port()) {
		return fmt.Sprintf("%q is not an address such as https://host:8443", s)
	}
	return ""
}

func badHostPorts(s string) string {
	for _, address := range strings.Split(s, ",") {
		if host, port, err := net.SplitHostPort(address); err != nil || badPort(port) || badDialled(host) {
			return fmt.Sprintf("%q is not HOST:PORT, or several of them with commas between", s)
		}
	}
	return ""
}

func badDialled(host string) bool { return badName(host) != "" && badAddress(host) != "" }

func badPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err != nil || n == 0
}
