package walk

import (
	"fmt"
	"slices"

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
