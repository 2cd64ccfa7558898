package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/traffic"
)

// scheme is what the application of a request sends.
func scheme(r traffic.Request) string {
	s, _, _ := strings.Cut(r.To, "://")
	return s
}

// host is the request's, without scheme, port and path.
func host(r traffic.Request) string {
	_, rest, _ := strings.Cut(r.To, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return strings.Trim(withoutPort(rest), "[]")
}

func withoutPort(host string) string {
	if i := strings.LastIndex(host, ":"); i > strings.LastIndex(host, "]") {
		return host[:i]
	}
	return host
}

// inside is what is left when all TLS is off.
func inside(r traffic.Request) string {
	switch scheme(r) {
	case "tcp", "tls":
		return "plaintext tcp"
	case "h2c":
		return "plaintext HTTP/2"
	}
	return "plaintext http"
}

// layer names what is on a wire, by its outermost TLS.
func layer(w traffic.Wire, r traffic.Request) string {
	switch w.Mode {
	case traffic.Plaintext:
		return inside(r)
	case traffic.Simple:
		return "TLS"
	case traffic.Mutual:
		return "mutual TLS"
	case traffic.IstioMutual:
		return "mesh mTLS"
	case traffic.Own:
		return "TLS by the application"
	}
	return w.Mode
}

// wire says what is on the wire of a hop.
func wire(h traffic.Hop, r traffic.Request) string {
	w := h.Wire
	text := layer(w, r)
	switch {
	case w.Mode == "":
		return none
	case w.Layers > 1:
		text = "TLS within TLS: " + text
	}
	switch {
	case w.Mode == traffic.Plaintext:
	case w.SNI == "":
		text += ", no" + tie + "sni"
	case w.SNI == madeUp(h.Cluster):
		text += ", Istio's" + tie + "own" + tie + "sni"
	default:
		text += ", sni" + tie + w.SNI
	}
	return text
}

// none stands where there is nothing.
const none = "–"

// madeUp is the SNI that Istio makes up for a cluster, where nobody chose one.
func madeUp(cluster string) string {
	parts := strings.Split(cluster, "|")
	if len(parts) != 4 {
		return none
	}
	return parts[0] + "_." + parts[1] + "_." + parts[2] + "_." + parts[3]
}

// credential names what is shown.
func credential(c string) string {
	switch kind, name, _ := strings.Cut(c, " "); kind {
	case "mesh":
		return "the mesh's certificate"
	case "secret":
		return "Secret " + name
	case "configmap":
		return "ConfigMap " + name
	case "Route":
		return "the certificate of " + c
	case "certificate":
		return "the certificate for " + name
	}
	return c
}

// authority names who must have signed a certificate.
func authority(ca string) string {
	switch ca {
	case "mesh":
		return "mesh CA"
	case "system":
		return "the CAs of the proxy's image"
	case "service CA":
		return "OpenShift's service CA"
	}
	return credential(ca)
}

func or(names []string) string { return strings.Join(names, " or ") }

// server says how a proxy verifies the server, or "" where it makes no TLS.
func server(h traffic.Hop) string {
	of := h.Verify.Server
	switch {
	case h.Wire.Mode != traffic.Simple && h.Wire.Mode != traffic.Mutual && h.Wire.Mode != traffic.IstioMutual:
		return ""
	case of.CA == "":
		return "not verified"
	case len(of.Names) == 0:
		return authority(of.CA) + ", any name"
	}
	return authority(of.CA) + " as " + or(of.Names)
}

// shows is the client certificate that is not a matter of course.
func shows(h traffic.Hop) string {
	c := h.Verify.Client.Credential
	if c == "" || h.Wire.Mode == traffic.IstioMutual && c == "mesh" {
		return ""
	}
	return credential(c)
}

// takesOff says what TLS a proxy ends, and what it asks of the client.
func takesOff(t *traffic.Termination) string {
	switch {
	case t == nil:
		return ""
	case t.Credential == "mesh" && t.ClientCA == "mesh" && t.Required:
		return "mesh mTLS"
	}
	text := "TLS, showing " + credential(t.Credential)
	switch {
	case strings.HasPrefix(t.Credential, "Route "):
		return text
	case t.ClientCA == "":
		return text + "; asks for no client certificate"
	case t.Required:
		text += "; the client must show a certificate by "
	default:
		text += "; the client may show a certificate by "
	}
	text += authority(t.ClientCA)
	if len(t.ClientNames) > 0 {
		text += " as " + or(t.ClientNames)
	}
	return text
}

// sendsTo is where a hop sends, with the subset.
func sendsTo(h traffic.Hop, r traffic.Request) string {
	text := place(h, r)
	if s := h.Destination.Subset; s != "" && text != none {
		text += ", subset" + tie + s
	}
	return text
}

// place is where a hop sends.
func place(h traffic.Hop, r traffic.Request) string {
	d := h.Destination
	switch {
	case h.Inward():
		d.Host = "the" + tie + "application"
	case d.Host == "" && d.Address == "" && d.Port != 0, strings.HasPrefix(d.Host, "*"):
		d.Host = cmp.Or(withoutPort(d.Authority), host(r))
	}
	d.Host = strings.TrimSuffix(d.Host, ".svc.cluster.local")
	return cmp.Or(d.String(), none)
}

// A manner is how a path ends, as far as people care first.
type manner int

const (
	arrives manner = iota
	fails
	passes   // as it came: nothing of the mesh's has a say
	answered // by a proxy
	denied   // by a policy
	unknown
)

// manners are those that are counted, in order, as one or many are said to do.
var manners = []struct {
	of        manner
	one, many string
}{
	{arrives, "arrives", "arrive"},
	{passes, "is passed on as it came", "are passed on as they came"},
	{answered, "is answered by a proxy", "are answered by a proxy"},
	{denied, "is refused by a policy", "are refused by a policy"},
	{fails, "does not arrive", "do not arrive"},
	{unknown, "cannot be told", "cannot be told"},
}

func mannerOf(c traffic.Code) manner {
	switch c {
	case traffic.Arrives:
		return arrives
	case traffic.Passthrough:
		return passes
	case traffic.Response:
		return answered
	case traffic.Denied:
		return denied
	case traffic.Unknown:
		return unknown
	}
	return fails
}

// faults are codes in words.
var faults = map[traffic.Code]string{
	traffic.Blackhole:     "refused, not declared",
	traffic.NoRoute:       "no route",
	traffic.NoCluster:     "no such service, port or subset",
	traffic.NoEndpoints:   "no endpoint",
	traffic.TLSFailure:    "TLS fails",
	traffic.ProtocolError: "wrong protocol",
	traffic.Loop:          "goes round",
	traffic.Denied:        "refused by a policy",
	traffic.Passthrough:   "passed on as it came",
	traffic.Response:      "answered by a proxy",
	traffic.Unknown:       "cannot be told",
}

// fault is a code in words.
func fault(c traffic.Code) string { return cmp.Or(faults[c], string(c)) }

// legs are the hops of a path that cross the network: not from an application to its own sidecar, nor back.
func legs(p traffic.Path) []traffic.Hop {
	var all []traffic.Hop
	for i, h := range p.Hops {
		switch {
		case h.Wire.Mode == "", h.Proxy == traffic.Workload, h.Inward():
		case i == 0 && len(p.Hops) > 1 && p.Hops[1].Proxy == traffic.Sidecar && p.Hops[1].Workload == h.Workload:
		default:
			all = append(all, h)
		}
	}
	return all
}

// goal is what a path leads to: the workload at its end, or what the last hop sends to.
func goal(p traffic.Path) string {
	last := p.Hops[len(p.Hops)-1]
	if last.Proxy == traffic.Workload {
		return last.Workload
	}
	return place(last, p.Request)
}

// outside tells whether a path ends at something that the model does not know as a workload.
func outside(p traffic.Path) bool { return p.Hops[len(p.Hops)-1].Proxy != traffic.Workload }

// whose names a hop's proxy in a sentence.
func whose(h traffic.Hop, r traffic.Request) string {
	switch {
	case h.Proxy == traffic.Router:
		return "the router"
	case h.Workload == r.From || h.Workload == "":
		return "the " + h.Proxy
	case h.Proxy == traffic.Gateway:
		return h.Workload
	}
	return "the " + h.Proxy + " of " + h.Workload
}

// closing says in a sentence how a path ends.
func closing(p traffic.Path) string {
	switch mannerOf(p.Outcome.Code) {
	case arrives:
		return arrival(p)
	case passes:
		text := "passed on as it came: " + strings.TrimSuffix(p.Outcome.Reason, ": forwarded as it came")
		if last := p.Hops[len(p.Hops)-1]; last.Wire.Mode == traffic.Plaintext {
			text += "; nothing is encrypted or verified"
		}
		return text
	case answered:
		return "does not go further: " + p.Outcome.Reason
	case denied:
		return "is refused: " + p.Outcome.Reason
	case unknown:
		return "cannot be told: " + p.Outcome.Reason
	}
	return "does not arrive: " + cmp.Or(p.Outcome.Reason, fault(p.Outcome.Code))
}

// arrival says how well protected what arrives is, on the last leg first.
func arrival(p traffic.Path) string {
	all := legs(p)
	if len(all) == 0 {
		return "arrives: " + goal(p)
	}
	plain := func(h traffic.Hop) bool { return h.Wire.Mode == traffic.Plaintext }
	last, before := all[len(all)-1], all[:len(all)-1]
	var text string
	if plain(last) {
		first := last
		for len(before) > 0 && plain(before[len(before)-1]) {
			first, before = before[len(before)-1], before[:len(before)-1]
		}
		text = "arrives in plaintext: nothing is encrypted or verified between " + whose(first, p.Request) + " and " + goal(p)
	} else {
		text = protection(last, p)
	}
	for i, h := range slices.DeleteFunc(slices.Clone(before), func(h traffic.Hop) bool { return !plain(h) }) {
		if i == 0 {
			text += "; but it goes in plaintext"
		} else {
			text += " and"
		}
		text += " from " + whose(h, p.Request) + " to " + place(h, p.Request)
	}
	for i, h := range p.Hops {
		t := h.Terminates
		if t == nil || t.Credential == "mesh" || i == 0 {
			continue
		}
		of := "the application's TLS"
		made := i - 1 // a router may have passed it on
		for made > 0 && p.Hops[made].Proxy == traffic.Router && p.Hops[made].Terminates == nil && p.Hops[made-1].Wire.Mode == p.Hops[made].Wire.Mode {
			made--
		}
		if from := p.Hops[made]; from.Wire.Mode != traffic.Own {
			of = "the TLS of " + whose(from, p.Request)
		}
		text += "; " + whose(h, p.Request) + " takes off " + of + asked(t)
	}
	return text
}

// asked says what of its client a proxy wants to see.
func asked(t *traffic.Termination) string {
	switch {
	case t.ClientCA == "":
		return " and asks for no client certificate"
	case t.Required:
		return " and verifies the client against " + authority(t.ClientCA)
	}
	return " and verifies the client against " + authority(t.ClientCA) + ", if it shows a certificate"
}

// protection says what TLS the last leg has, and who verifies whom.
func protection(last traffic.Hop, p traffic.Path) string {
	text := "arrives: " + goal(p) + " by " + layer(last.Wire, p.Request)
	of, shown := last.Verify.Server, last.Verify.Client.Credential
	switch end := p.Hops[len(p.Hops)-1].Wire; {
	case end.Layers > 1:
		return "arrives as TLS within TLS: " + goal(p) + " takes off " + layer(end, p.Request) + ", and finds TLS again"
	case last.Wire.Layers > 1 && end.Mode == traffic.Own:
		return text + " around the application's own TLS; to verify the server's is up to the application"
	case last.Wire.Mode == traffic.Own && end.Mode == "" && opener(p) != nil:
		of := opener(p)
		text = "arrives: " + goal(p) + " by TLS of the client's own, which its sidecar takes off: it shows " + credential(of.Terminates.Credential) + ", which is the client's to verify, and asks for "
		if of.Terminates.Required {
			return text + "one by " + authority(of.Terminates.ClientCA)
		}
		return text + "none"
	case last.Wire.Mode == traffic.Own:
		return "arrives: " + goal(p) + " by the application's own TLS, which no proxy opens; to verify the server is up to the application"
	case of.CA == "":
		text += ", but the server is not verified: anybody may be there"
	case last.Wire.Mode == traffic.IstioMutual && of.CA == "mesh" && outside(p):
		return text + "; the server must show a certificate of the mesh's CA, which nothing outside the mesh has"
	case last.Wire.Mode == traffic.IstioMutual && of.CA == "mesh":
		return text + "; both sides are verified by the mesh's CA"
	case of.CA == "mesh" && shown == "mesh":
		return text + "; both sides are verified by the mesh's CA, whatever their names"
	default:
		text += "; the server is verified against " + authority(of.CA)
		if strings.HasPrefix(of.CA, "secret ") {
			text += " (ca.crt)"
		}
		if len(of.Names) == 0 {
			text += ", whatever its name"
		} else {
			text += " as " + or(of.Names)
		}
	}
	switch {
	case shown == "":
	case shown == of.CA:
		text += ", and sees the client certificate of that " + kindOf(shown)
	case shown == "mesh":
		text += ", and sees the mesh's certificate"
	case strings.HasPrefix(shown, "certificate "):
		text += "; it sees " + credential(shown)
	default:
		text += "; it sees the client certificate of " + credential(shown)
	}
	return text
}

// opener is the sidecar that takes the application's own TLS off at the end of a path, if one does.
func opener(p traffic.Path) *traffic.Hop {
	i := slices.IndexFunc(p.Hops, func(h traffic.Hop) bool { return h.Inward() && h.Terminates != nil })
	if i < 0 {
		return nil
	}
	return &p.Hops[i]
}

func kindOf(credential string) string {
	kind, _, _ := strings.Cut(credential, " ")
	return strings.NewReplacer("secret", "Secret", "configmap", "ConfigMap").Replace(kind)
}
