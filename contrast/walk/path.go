package walk

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
)

// A walk is one request under way.
type walk struct {
	*Mesh
	traffic.Path
	// own says that the application sends TLS of its own, and meshed that the sidecar's is around what it sends.
	own, meshed bool
	client      *workload // nil where it is outside, or the files do not hold it
	namespace   string    // of the client, "" outside
	host        string
	port        int
}

// question takes a request apart. The error is about how it is asked.
func question(r traffic.Request) (host string, port int, own bool, err error) {
	u, err := url.Parse(r.To)
	if err != nil {
		return "", 0, false, fmt.Errorf("to: %w", err)
	}
	usual, known := map[string]int{"http": 80, "h2c": 80, "https": 443, "tcp": 0, "tls": 0}[u.Scheme]
	switch port, err = strconv.Atoi(cmp.Or(u.Port(), strconv.Itoa(usual))); {
	case !known:
		return "", 0, false, fmt.Errorf("to %q: scheme %q: want http, h2c, https, tcp or tls", r.To, u.Scheme)
	case u.Hostname() == "":
		return "", 0, false, fmt.Errorf("to %q: it has no host", r.To)
	case err != nil || port < 1 || port > 65535:
		return "", 0, false, fmt.Errorf("to %q: a port from 1 to 65535 is wanted", r.To)
	}
	return u.Hostname(), port, u.Scheme == "https" || u.Scheme == "tls", nil
}

// end is the path with how it ends.
func (k *walk) end(code traffic.Code, cause traffic.Cause, format string, args ...any) traffic.Path {
	k.Outcome = traffic.Outcome{Code: code, Cause: cause, Reason: fmt.Sprintf(format, args...)}
	return k.Path
}

func (k *walk) arrives() traffic.Path {
	k.Outcome = traffic.Outcome{Code: traffic.Arrives}
	return k.Path
}

func (k *walk) assume(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(k.Assumed, text) {
		k.Assumed = append(k.Assumed, text)
	}
}

func (k *walk) hop(h traffic.Hop) { k.Hops = append(k.Hops, h) }

// last is the hop under way.
func (k *walk) last() *traffic.Hop { return &k.Hops[len(k.Hops)-1] }

// by names an object and field as what made the last hop what it is.
func (k *walk) by(o *bundle.Object, field string) {
	if o == nil {
		return
	}
	at := o.At(field)
	k.last().DecidedBy = append(k.last().DecidedBy, traffic.Decision{
		Kind: o.Kind, Namespace: o.Namespace, Name: o.Name, Field: field, File: at.File, Line: at.Line, Column: at.Column,
	})
}

// wire is what is on the wire now.
func (k *walk) wire() traffic.Wire {
	switch {
	case k.meshed && k.own:
		return traffic.Wire{Layers: 2, Mode: traffic.Mutual}
	case k.meshed:
		return traffic.Wire{Layers: 1, Mode: traffic.Mutual}
	case k.own:
		return traffic.Wire{Layers: 1, Mode: traffic.Own, SNI: k.sni()}
	}
	return traffic.Wire{Mode: traffic.Plaintext}
}
