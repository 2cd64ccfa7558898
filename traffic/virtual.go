package traffic

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"
)

// A virtualService is one as istiod keeps it: names in full, delegates put in.
type virtualService struct {
	namespace, name string
	hosts           []string // in full
	gateways        []string // "mesh", or NAMESPACE/NAME
	exportTo        visibility
	http            []*httpRoute
	tls             []*networking.TLSRoute
	tcp             []*networking.TCPRoute
	age             int
	source          *source
}

// An httpRoute is a rule of a VirtualService, or one of a delegate under it.
type httpRoute struct {
	*networking.HTTPRoute
	source *source // of the delegate, where it is one's
	field  string  // "spec.http[0]"
	under  string  // the field that names the delegate
}

func (x *Index) addVirtualService(spec *networking.VirtualService, namespace, name string, src *source) {
	v := &virtualService{namespace: namespace, name: name, age: src.age, source: src, exportTo: exported(spec.ExportTo, x.mesh.exportRoutes, namespace)}
	gateway := func(g string) string {
		switch {
		case strings.HasPrefix(g, "./"):
			return namespace + g[1:]
		case g == "mesh" || strings.Contains(g, "/"):
			return g
		case strings.Contains(g, "."):
			// The old way to write NAMESPACE/NAME, as NAME.NAMESPACE and perhaps more.
			name, rest, _ := strings.Cut(g, ".")
			ns, _, _ := strings.Cut(rest, ".")
			return ns + "/" + name
		default:
			return namespace + "/" + g
		}
	}
	each := func(list []string, change func(string) string) {
		for i := range list {
			list[i] = change(list[i])
		}
	}
	to := func(d *networking.Destination) {
		if d != nil {
			d.Host = fullName(d.Host, namespace)
		}
	}
	// The spec is ours: it was decoded for this.
	each(spec.Hosts, func(h string) string { return fullName(h, namespace) })
	each(spec.Gateways, gateway)
	v.hosts, v.gateways = spec.Hosts, spec.Gateways
	if len(v.gateways) == 0 {
		v.gateways = []string{"mesh"}
	}
	for i, r := range spec.Http {
		for _, m := range r.Match {
			each(m.Gateways, gateway)
		}
		for _, d := range r.Route {
			to(d.Destination)
		}
		to(r.Mirror)
		for _, m := range r.Mirrors {
			to(m.Destination)
		}
		v.http = append(v.http, &httpRoute{HTTPRoute: r, source: src, field: fmt.Sprintf("spec.http[%d]", i)})
	}
	for _, r := range spec.Tls {
		for _, m := range r.Match {
			each(m.Gateways, gateway)
		}
		for _, d := range r.Route {
			to(d.Destination)
		}
	}
	for _, r := range spec.Tcp {
		for _, m := range r.Match {
			each(m.Gateways, gateway)
		}
		for _, d := range r.Route {
			to(d.Destination)
		}
	}
	v.tls, v.tcp = spec.Tls, spec.Tcp
	if len(v.hosts) == 0 {
		x.delegates[namespace+"/"+name] = v
		return
	}
	x.virtualServices = append(x.virtualServices, v)
}

// joinDelegates puts the rules of delegates in the place of those that name them.
func (x *Index) joinDelegates() {
	for _, v := range x.virtualServices {
		if !slices.ContainsFunc(v.http, func(r *httpRoute) bool { return r.Delegate != nil }) {
			continue
		}
		var all []*httpRoute
		for _, r := range v.http {
			if r.Delegate == nil {
				all = append(all, r)
				continue
			}
			namespace := r.Delegate.Namespace
			if namespace == "" {
				namespace = v.namespace
			}
			d := x.delegates[namespace+"/"+r.Delegate.Name]
			if d == nil || !d.exportTo.to(v.namespace) {
				continue
			}
			for _, own := range d.http {
				if merged := mergeRoute(r.HTTPRoute, own.HTTPRoute); merged != nil {
					all = append(all, &httpRoute{HTTPRoute: merged, source: own.source, field: own.field, under: r.field + ".delegate"})
				}
			}
		}
		v.http = all
	}
}

// mergeRoute makes the rule that a delegate's becomes under the rule that names it, or nil where their matches exclude
// each other.
func mergeRoute(root, delegate *networking.HTTPRoute) *networking.HTTPRoute {
	match, fit := mergeMatches(root.Match, delegate.Match)
	if !fit {
		return nil
	}
	r := proto.Clone(delegate).(*networking.HTTPRoute)
	r.Match = match
	if r.Rewrite == nil {
		r.Rewrite = root.Rewrite
	}
	if r.DirectResponse == nil {
		r.DirectResponse = root.DirectResponse
	}
	if r.Fault == nil {
		r.Fault = root.Fault
	}
	if r.Mirror == nil {
		r.Mirror = root.Mirror
	}
	//lint:ignore SA1019 it still counts
	if r.MirrorPercent == nil {
		//lint:ignore SA1019 it still counts
		r.MirrorPercent = root.MirrorPercent
	}
	if r.MirrorPercentage == nil {
		r.MirrorPercentage = root.MirrorPercentage
	}
	if r.Mirrors == nil {
		r.Mirrors = root.Mirrors
	}
	if r.Headers == nil {
		r.Headers = root.Headers
	}
	return r
}

func mergeMatches(root, delegate []*networking.HTTPMatchRequest) ([]*networking.HTTPMatchRequest, bool) {
	if len(root) == 0 {
		return delegate, true
	}
	if len(delegate) == 0 {
		return root, true
	}
	var all []*networking.HTTPMatchRequest
	for _, d := range delegate {
		before := len(all)
		for _, r := range root {
			if !excludes(r, d) {
				all = append(all, mergeMatch(r, d))
			}
		}
		if len(all) == before {
			return nil, false
		}
	}
	return all, true
}

func mergeMatch(root, delegate *networking.HTTPMatchRequest) *networking.HTTPMatchRequest {
	m := proto.Clone(delegate).(*networking.HTTPMatchRequest)
	if m.Uri == nil {
		m.Uri = root.Uri
	}
	if m.Scheme == nil {
		m.Scheme = root.Scheme
	}
	if m.Method == nil {
		m.Method = root.Method
	}
	if m.Authority == nil {
		m.Authority = root.Authority
	}
	m.Headers = both(root.Headers, m.Headers)
	m.WithoutHeaders = both(root.WithoutHeaders, m.WithoutHeaders)
	m.QueryParams = both(root.QueryParams, m.QueryParams)
	m.SourceLabels = both(root.SourceLabels, m.SourceLabels)
	if m.Port == 0 {
		m.Port = root.Port
	}
	if m.SourceNamespace == "" {
		m.SourceNamespace = root.SourceNamespace
	}
	if len(m.Gateways) == 0 {
		m.Gateways = root.Gateways
	}
	return m
}

func both[V any](a, b map[string]V) map[string]V {
	if len(a) == 0 {
		return b
	}
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// excludes tells whether a delegate's match asks for what the root's leaves out.
func excludes(root, delegate *networking.HTTPMatchRequest) bool {
	if textExcludes(root.Uri, delegate.Uri) || textExcludes(root.Scheme, delegate.Scheme) ||
		textExcludes(root.Method, delegate.Method) || textExcludes(root.Authority, delegate.Authority) {
		return true
	}
	for _, pair := range []struct {
		root, own map[string]*networking.StringMatch
	}{
		{root.Headers, delegate.Headers}, {root.WithoutHeaders, delegate.WithoutHeaders}, {root.QueryParams, delegate.QueryParams},
	} {
		for k, m := range pair.own {
			if textExcludes(pair.root[k], m) {
				return true
			}
		}
	}
	if root.IgnoreUriCase != delegate.IgnoreUriCase || root.Port > 0 && delegate.Port > 0 && root.Port != delegate.Port ||
		root.SourceNamespace != "" && delegate.SourceNamespace != root.SourceNamespace {
		return true
	}
	for k, v := range delegate.SourceLabels {
		if of, ok := root.SourceLabels[k]; ok && of != v {
			return true
		}
	}
	if len(root.Gateways) > 0 && len(delegate.Gateways) > 0 {
		if len(root.Gateways) < len(delegate.Gateways) {
			return true
		}
		return slices.ContainsFunc(delegate.Gateways, func(g string) bool { return !slices.Contains(root.Gateways, g) })
	}
	return false
}

func textExcludes(root, own *networking.StringMatch) bool {
	if root == nil || own == nil {
		return false
	}
	said := func(m *networking.StringMatch) bool {
		return m.GetRegex() != "" || m.GetPrefix() != "" || m.GetExact() != ""
	}
	if root.GetRegex() != "" && said(own) || own.GetRegex() != "" && said(root) {
		return true
	}
	if exact := root.GetExact(); exact != "" {
		return own.GetPrefix() != "" || own.GetExact() != exact
	}
	if prefix := root.GetPrefix(); prefix != "" {
		if p := own.GetPrefix(); p != "" {
			return !strings.HasPrefix(p, prefix)
		}
		if e := own.GetExact(); e != "" {
			return !strings.HasPrefix(e, prefix)
		}
	}
	return true
}

// destinations are the hosts that the VirtualService leads to, and their ports; 0 is any. Rules for other source
// namespaces do not count.
func (v *virtualService) destinations(namespace string, each func(host string, port int)) {
	to := func(d *networking.Destination) {
		if d != nil {
			each(d.Host, int(d.GetPort().GetNumber()))
		}
	}
	for _, r := range v.http {
		matched := true
		for _, m := range r.Match {
			if m.SourceNamespace != "" {
				if matched = m.SourceNamespace == namespace; matched {
					break
				}
			}
		}
		if !matched {
			continue
		}
		for _, d := range r.Route {
			to(d.Destination)
		}
		to(r.Mirror)
		for _, m := range r.Mirrors {
			to(m.Destination)
		}
	}
	for _, r := range v.tcp {
		for _, d := range r.Route {
			to(d.Destination)
		}
	}
	for _, r := range v.tls {
		for _, d := range r.Route {
			to(d.Destination)
		}
	}
}
