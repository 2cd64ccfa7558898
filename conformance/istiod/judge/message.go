package judge

import (
	"fmt"
	pathpkg "path"
	"regexp"
	"strings"

	envoycore "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	envoyroute "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	envoymatcher "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
)

// A message is the HTTP request inside a connection.
type message struct {
	speaks  string
	method  string
	scheme  string // of the last listener: "https" where it took TLS off
	host    string
	path    string // with its query
	headers map[string]string
}

func (m *message) header(name string) (string, bool) {
	switch strings.ToLower(name) {
	case ":authority", "host":
		return m.host, true
	case ":method":
		return m.method, true
	case ":path":
		return m.path, true
	case ":scheme":
		return m.scheme, true
	}
	for k, v := range m.headers {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}

func (m *message) clone() *message {
	other := *m
	other.headers = make(map[string]string, len(m.headers))
	for k, v := range m.headers {
		other.headers[k] = v
	}
	return &other
}

// at is the message as a connection manager sees it, before it is routed.
func (m *message) at(manager *hcm.HttpConnectionManager, tls bool) *message {
	seen := m.clone()
	seen.scheme = "http"
	if tls {
		seen.scheme = "https"
	}
	// With trusted proxies in front, what they say of the scheme is believed.
	if said := m.headers["x-forwarded-proto"]; said != "" && manager.XffNumTrustedHops > 0 {
		seen.scheme = said
	}
	path, query, asks := strings.Cut(seen.path, "?")
	if manager.MergeSlashes {
		for strings.Contains(path, "//") {
			path = strings.ReplaceAll(path, "//", "/")
		}
	}
	if manager.GetNormalizePath().GetValue() {
		trailing := strings.HasSuffix(path, "/") && path != "/"
		if path = pathpkg.Clean(path); trailing && path != "/" {
			path += "/"
		}
	}
	seen.path = withQuery(path, query, asks)
	return seen
}

func withQuery(path, query string, asks bool) string {
	if asks {
		return path + "?" + query
	}
	return path
}

// ways are those that a route action gives, each with the message as it is sent on.
func (m *message) ways(config *envoyroute.RouteConfiguration, v *envoyroute.VirtualHost, route *envoyroute.Route, action *envoyroute.RouteAction) ([]way, error) {
	onward := m.clone()
	path, query, asks := strings.Cut(m.path, "?")
	if action.PrefixRewrite != "" {
		path = action.PrefixRewrite + path[len(matchedPath(route.Match, path)):]
	} else if action.RegexRewrite != nil {
		var err error
		if path, err = substitute(action.RegexRewrite, path); err != nil {
			return nil, err
		}
	}
	onward.path = withQuery(path, query, asks)
	switch host := action.HostRewriteSpecifier.(type) {
	case nil:
	case *envoyroute.RouteAction_HostRewriteLiteral:
		onward.host = host.HostRewriteLiteral
	case *envoyroute.RouteAction_HostRewriteHeader:
		if value, ok := m.header(host.HostRewriteHeader); ok {
			onward.host = value
		}
	default:
		return nil, fmt.Errorf("rewriting the host by %T is not understood", host)
	}
	// The most specific first: a less specific one that overwrites has the last word.
	finish := func(m *message) {
		m.change(route.RequestHeadersToAdd, route.RequestHeadersToRemove)
		m.change(v.RequestHeadersToAdd, v.RequestHeadersToRemove)
		m.change(config.RequestHeadersToAdd, config.RequestHeadersToRemove)
	}
	switch to := action.ClusterSpecifier.(type) {
	case *envoyroute.RouteAction_Cluster:
		finish(onward)
		return []way{{cluster: to.Cluster, message: onward, weight: 1}}, nil
	case *envoyroute.RouteAction_WeightedClusters:
		var ways []way
		for _, c := range to.WeightedClusters.Clusters {
			own := onward.clone()
			if host := c.GetHostRewriteLiteral(); host != "" {
				own.host = host
			}
			own.change(c.RequestHeadersToAdd, c.RequestHeadersToRemove)
			finish(own)
			ways = append(ways, way{cluster: c.Name, message: own, weight: int(c.Weight.GetValue())})
		}
		return ways, nil
	default:
		return nil, fmt.Errorf("cluster specifier %T is not understood", to)
	}
}

// change removes headers and then adds others.
func (m *message) change(add []*envoycore.HeaderValueOption, remove []string) {
	for _, name := range remove {
		delete(m.headers, strings.ToLower(name))
	}
	for _, h := range add {
		name, value := strings.ToLower(h.Header.GetKey()), h.Header.GetValue()
		if name == ":authority" || name == "host" {
			m.host = value
			continue
		}
		old, there := m.headers[name]
		switch h.AppendAction {
		case envoycore.HeaderValueOption_ADD_IF_ABSENT:
			if there {
				continue
			}
		case envoycore.HeaderValueOption_OVERWRITE_IF_EXISTS:
			if !there {
				continue
			}
		case envoycore.HeaderValueOption_APPEND_IF_EXISTS_OR_ADD:
			if there {
				value = old + "," + value
			}
		}
		m.headers[name] = value
	}
}

// matchedPath is the part of a path that a route's match took, which a rewrite replaces.
func matchedPath(m *envoyroute.RouteMatch, path string) string {
	switch p := m.PathSpecifier.(type) {
	case *envoyroute.RouteMatch_Prefix:
		return path[:len(p.Prefix)]
	case *envoyroute.RouteMatch_PathSeparatedPrefix:
		return path[:len(p.PathSeparatedPrefix)]
	}
	return path
}

var group = regexp.MustCompile(`\\(\d)`)

func substitute(r *envoymatcher.RegexMatchAndSubstitute, s string) (string, error) {
	expression, err := regexp.Compile(r.Pattern.GetRegex())
	if err != nil {
		return "", err
	}
	return expression.ReplaceAllString(s, group.ReplaceAllString(strings.ReplaceAll(r.Substitution, "$", "$$"), "$${$1}")), nil
}

// redirected is where a redirect leads.
func redirected(match *envoyroute.RouteMatch, r *envoyroute.RedirectAction, m *message) (string, error) {
	scheme, host := m.scheme, m.host
	if r.GetHttpsRedirect() {
		scheme = "https"
	} else if s := r.GetSchemeRedirect(); s != "" {
		scheme = s
	}
	if r.HostRedirect != "" {
		host = r.HostRedirect
	}
	if r.PortRedirect != 0 {
		host = fmt.Sprintf("%s:%d", withoutPort(host), r.PortRedirect)
	}
	path, query, asks := strings.Cut(m.path, "?")
	switch to := r.PathRewriteSpecifier.(type) {
	case *envoyroute.RedirectAction_PathRedirect:
		if to.PathRedirect != "" {
			path = to.PathRedirect
			asks = asks && !strings.Contains(path, "?")
		}
	case *envoyroute.RedirectAction_PrefixRewrite:
		path = to.PrefixRewrite + path[len(matchedPath(match, path)):]
	case *envoyroute.RedirectAction_RegexRewrite:
		var err error
		if path, err = substitute(to.RegexRewrite, path); err != nil {
			return "", err
		}
	}
	return scheme + "://" + host + withQuery(path, query, asks && !r.StripQuery), nil
}
