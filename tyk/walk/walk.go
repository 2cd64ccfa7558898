package walk

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/tyk"
)

// A walk is one request under way.
type walk struct {
	*Mesh
	traffic.Path
	config    tyk.Controller
	pods      []*pod
	client    *pod // nil outside of the mesh
	namespace string

	scheme, host, path string
	port               int
	// encrypted says that what is under way is in TLS: of the application, or of the sidecar that sent it on.
	encrypted bool
	// caller is the workload whose sidecar sent the request on; nil before.
	caller *pod
}

// Walk follows one request from the application that makes it to where it ends. The error is about the question; what
// goes wrong with the request is the path's outcome.
func (m *Mesh) Walk(r traffic.Request) (traffic.Path, error) {
	host, port, path, err := r.Target()
	if err != nil {
		return traffic.Path{}, err
	}
	scheme, _, _ := strings.Cut(r.To, "://")
	k := &walk{Mesh: m, Path: traffic.Path{Request: r, Share: 100}, scheme: scheme, host: host, port: port, path: path}
	k.encrypted = scheme == "https" || scheme == "tls"
	k.configured()
	if err := k.from(); err != nil {
		return traffic.Path{}, err
	}
	k.hop(traffic.Hop{Proxy: traffic.Application, Workload: k.name(), Destination: traffic.Destination{Host: host, Port: port}, Wire: k.own()})
	if k.encrypted {
		k.last().Verify.Client.Credential = r.Credential
		k.last().Verify.Server.Names = []string{k.sni()}
	}
	end := k.leave()
	if len(m.notRead) > 0 && end.Outcome.Code != traffic.Arrives {
		end.NotRead = m.notRead
	}
	return end, nil
}

// configured makes the pods, by the configuration of the files, or by one that goes with the request.
func (k *walk) configured() {
	if k.controller != nil {
		k.config = *k.controller
	} else {
		k.config = assumed(k.encrypted)
		k.assume("tyk-k8s with last-mile TLS %s: its configuration is not in the files", map[bool]string{true: "on", false: "off"}[k.encrypted])
	}
	for _, s := range k.found {
		k.pods = append(k.pods, podOf(s, k.config))
	}
}

// from finds the client. One that the files do not hold is taken to be meshed.
func (k *walk) from() error {
	if k.Request.From == traffic.Outside {
		return nil
	}
	namespace, name, ok := strings.Cut(k.Request.From, "/")
	if !ok || namespace == "" || name == "" {
		return fmt.Errorf("from %q: want NAMESPACE/WORKLOAD, or %s", k.Request.From, traffic.Outside)
	}
	k.namespace = namespace
	i := slices.IndexFunc(k.pods, func(p *pod) bool { return p.String() == k.Request.From })
	if i >= 0 {
		k.client = k.pods[i]
		return nil
	}
	w := tyk.Workload{Namespace: namespace, Name: name, App: name, Route: "/" + name, Annotations: map[string]string{tyk.InjectKey: "true"}}
	if name == "*" {
		w.App = "any"
	}
	k.client = podOf(source{Workload: w}, k.config)
	k.assume("workload %s, meshed", k.Request.From)
	return nil
}

func (k *walk) name() string {
	if k.client == nil {
		return ""
	}
	return k.client.String()
}

// leave is what becomes of the request in the pod that makes it.
func (k *walk) leave() traffic.Path {
	here := k.host == "localhost" || slices.Contains(tyk.MeshHosts, k.host)
	if ip, err := netip.ParseAddr(k.host); err == nil && ip.IsLoopback() {
		here = true
	}
	switch {
	case k.client != nil && k.client.refused != "":
		return k.end(traffic.NoEndpoints, traffic.NobodyBehind, "there is no pod of %s: %s", k.client, k.client.refused)
	case k.client == nil || !k.client.sidecar:
		if here {
			return k.end(traffic.NoCluster, traffic.UnknownService, "%s means the meshed pods' own sidecars, and the client has none", k.host)
		}
		return k.dial(k.host, k.port)
	}
	if to, captured := tyk.Redirected(k.port); captured {
		k.by(k.client.object, k.client.field(tyk.InjectKey))
		if to == tyk.AppPort {
			return k.application(k.client)
		}
		return k.enter(k.client, true)
	}
	if here && k.port == tyk.SidecarPort {
		return k.enter(k.client, true)
	}
	if here {
		return k.end(traffic.Unknown, traffic.NotInTheFiles, "port %d is the pod's own, and no sidecar's", k.port)
	}
	return k.dial(k.host, k.port)
}

// field is where an annotation of the pods stands.
func (p *pod) field(key string) string {
	return strings.TrimPrefix(p.Field+`.metadata.annotations["`+key+`"]`, ".")
}

// sni is what the application's own TLS sends, and the name that it expects.
func (k *walk) sni() string {
	if _, err := netip.ParseAddr(k.host); err == nil || k.Request.SNI == "-" {
		return ""
	}
	return cmp.Or(k.Request.SNI, k.host)
}

// own is what the application puts on the wire.
func (k *walk) own() traffic.Wire {
	if k.encrypted {
		return traffic.Wire{Layers: 1, Mode: traffic.Own, SNI: k.sni()}
	}
	return traffic.Wire{Mode: traffic.Plaintext}
}

// authority is the Host header, without its port: the gateway's router cuts it off.
func (k *walk) authority() string {
	host := cmp.Or(k.Request.Host, k.host)
	if name, port, ok := strings.Cut(host, ":"); ok {
		if _, err := strconv.Atoi(port); err == nil {
			return name
		}
	}
	return host
}

// end is the path with how it ends.
func (k *walk) end(code traffic.Code, cause traffic.Cause, format string, args ...any) traffic.Path {
	k.Outcome = traffic.Outcome{Code: code, Cause: cause, Reason: fmt.Sprintf(format, args...)}
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
