package lint

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// leaf looks at the request of a server or a client.
func (l *linter) leaf(root *value) {
	hosts := root.list("hosts")
	if len(hosts) == 0 {
		if !root.explained("hosts") {
			l.add(Error, "no-hosts", root.at("hosts"), "the request has no hosts", "The certificate names nobody: clients look at its alternative names, and never at its CN", `Write "hosts": ["shop.example"], or for a CA "ca": {"expiry": "87600h", "pathlenzero": true}`)
		}
		return
	}
	cn := root.str("CN")
	same := slices.ContainsFunc(hosts, func(h *value) bool { s, _ := h.string(); return strings.EqualFold(s, cn) })
	if dnsName.MatchString(cn) && strings.Contains(cn, ".") && !same {
		l.add(Warning, "cn-not-host", root.at("CN"), fmt.Sprintf("the CN %q is not among hosts", cn), "Clients look at hosts only: by that name the server is refused", "Add it to hosts")
	}
}

var dnsName = regexp.MustCompile(`^(\*\.)?([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$`)

var port = regexp.MustCompile(`:\d*$`)

// host looks at one name. cfssl takes it for an address, an e-mail address, a URI or else a DNS name, in this order, and
// asks no more of it.
func (l *linter) host(h *value) {
	name, ok := h.string()
	if !ok {
		return
	}
	u, err := url.ParseRequestURI(name)
	uri := err == nil
	_, isMail := mail.ParseAddress(name)
	const nobody = "The certificate carries it, and no client calls anything by that name"
	switch {
	case net.ParseIP(name) != nil || isMail == nil:
	case uri && (u.Scheme == "https" || u.Scheme == "http"):
		l.add(Error, "bad-host", h, fmt.Sprintf("%q is a URL", name), "cfssl makes it a name of the kind URI, which no client compares with a host", fmt.Sprintf("Write %q", u.Hostname()))
	case uri && u.Scheme != "" && u.Opaque == "":
	case port.MatchString(name):
		l.add(Error, "bad-host", h, fmt.Sprintf("%q has a port", name), "cfssl makes it a name that no client compares with a host", fmt.Sprintf("Write %q", port.ReplaceAllString(name, "")))
	case strings.Contains(name, ","):
		l.add(Error, "bad-host", h, fmt.Sprintf("%q is one name with commas in it", name), nobody, "Write each as an item of its own")
	case !ascii(name):
		l.refuse("bad-host", h, fmt.Sprintf("%q is not ASCII", name), "Write it as Punycode: xn--…")
	case !dnsName.MatchString(name) || len(name) > 253:
		l.add(Error, "bad-host", h, fmt.Sprintf("%q is neither a host, an address, nor a URI", name), nobody, "Write a name such as shop.example or *.shop.example")
	}
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}
