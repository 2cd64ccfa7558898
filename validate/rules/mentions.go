package rules

import (
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// A mention is an address that a text names.
type mention struct {
	variable
	scheme   string // of the URL that it is in; "" where it is in none
	from, to int    // the bytes of host and port
	bare     bool   // the whole text is the host, without a port
}

// instead is the text with another address in the place of the mention's.
func (m mention) instead(address string) string { return m.value[:m.from] + address + m.value[m.to:] }

// edit writes the text with another address.
func (m mention) edit(p *validate.Pass, address string) validate.Edit {
	at := p.At(m.object, m.field)
	return validate.Edit{Object: at.Object, Field: at.Field, Value: m.instead(address)}
}

// tlsSchemes are those of URLs whose connection begins with TLS, and plainSchemes what they are without.
var (
	tlsSchemes   = map[string]bool{"https": true, "wss": true, "grpcs": true, "tls": true, "rediss": true, "amqps": true}
	plainSchemes = map[string]string{"https": "http", "wss": "ws", "grpcs": "grpc", "tls": "tcp", "rediss": "redis", "amqps": "amqp"}
)

// plain writes the text with another address, and without the TLS that its URL asks for.
func (m mention) plain(p *validate.Pass, address string) validate.Edit {
	edit := m.edit(p, address)
	before := m.value[:m.from]
	if at := strings.LastIndex(lower(before), m.scheme+"://"); m.scheme != "" && at >= 0 {
		edit.Value = before[:at] + plainSchemes[m.scheme] + before[at+len(m.scheme):] + address + m.value[m.to:]
	}
	return edit
}

// mentions finds a port of a host, by any of its names, in texts.
func mentions(all []variable, names []string, port int) []mention {
	var found []mention
	for _, v := range all {
		if lower(v.name) == "no_proxy" {
			continue // nobody is called there
		}
		text := lower(v.value)
		for _, name := range names {
			name = lower(name)
			for from := 0; name != ""; from++ {
				next := strings.Index(text[from:], name)
				if next < 0 {
					break
				}
				from += next
				if m, ok := mentionAt(v, text, from, from+len(name), port); ok {
					found = append(found, m)
				}
			}
		}
	}
	return found
}

// hostVariable is the name of a variable that holds a host to call, and not what a service is called.
var hostVariable = regexp.MustCompile(`(?i)host|addr|server|endpoint|ur[il]|target|upstream|backend`)

// mentionAt reads what stands around a name: it is a mention where the name is whole, and the port is the one.
func mentionAt(v variable, text string, from, to, port int) (mention, bool) {
	m := mention{variable: v, from: from, to: to}
	if from > 0 && partOfName(text[from-1]) || commented(text, from) {
		return m, false
	}
	before := text[:from]
	if at := strings.LastIndexAny(before, "@ \t\n\"'"); at >= 0 && before[at] == '@' && at == len(before)-1 {
		before = before[:strings.LastIndexAny(before[:at], "/ \t\n\"'")+1]
	}
	if url, ok := strings.CutSuffix(before, "://"); ok {
		m.scheme = url[strings.LastIndexFunc(url, func(r rune) bool { return r > 0x7f || !partOfName(byte(r)) && r != '+' })+1:]
	}
	after := strings.TrimPrefix(text[to:], ".")
	switch digits := len(after) - len(strings.TrimLeft(strings.TrimPrefix(after, ":"), "0123456789")); {
	case strings.HasPrefix(after, ":") && digits > 1:
		m.to = len(text) - len(after) + digits
		return m, after[1:digits] == strconv.Itoa(port)
	case after != "" && partOfName(after[0]):
		return m, false
	case m.scheme != "":
		return m, map[string]int{"http": 80, "ws": 80, "grpc": 80, "https": 443, "wss": 443, "grpcs": 443}[m.scheme] == port
	}
	m.bare = from == 0 && after == "" && hostVariable.MatchString(v.name)
	return m, m.bare
}

// commented tells whether a byte of a text is in a line of comment, in the forms that configuration files have.
func commented(text string, at int) bool {
	line := strings.TrimSpace(text[strings.LastIndexByte(text[:at], '\n')+1 : at])
	return strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") || strings.HasPrefix(line, ";")
}

func partOfName(b byte) bool {
	return b == '-' || b == '_' || b == '.' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// lower is a text with small letters of ASCII, each at its place.
func lower(text string) string {
	all := []byte(text)
	for i, b := range all {
		if b >= 'A' && b <= 'Z' {
			all[i] = b + 'a' - 'A'
		}
	}
	return string(all)
}

// socketNames are the names by which the application may call a socket of the sidecar.
func socketNames(listen string) (names []string, port int) {
	host, text, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, 0
	}
	names = []string{host}
	if host == "127.0.0.1" {
		names = append(names, "localhost")
	}
	if address, err := netip.ParseAddr(host); err != nil || !address.Is4() {
		return nil, 0
	}
	port, _ = strconv.Atoi(text)
	return names, port
}
