package traffic

import (
	"fmt"
	pathpkg "path"
	"regexp"
	"strings"
	"sync"

	networking "istio.io/api/networking/v1alpha3"
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

func (m *message) clone() *message {
	other := *m
	other.headers = make(map[string]string, len(m.headers))
	for k, v := range m.headers {
		other.headers[k] = v
	}
	return &other
}

// at is the message as a proxy sees it, before it is routed: its path made plain.
func (m *message) at(tls bool) *message {
	seen := *m
	seen.scheme = "http"
	if tls {
		seen.scheme = "https"
	}
	path, query, asks := strings.Cut(seen.path, "?")
	trailing := strings.HasSuffix(path, "/") && path != "/"
	if path = pathpkg.Clean(path); trailing && path != "/" {
		path += "/"
	}
	seen.path = withQuery(path, query, asks)
	return &seen
}

func withQuery(path, query string, asks bool) string {
	if asks {
		return path + "?" + query
	}
	return path
}

// withoutPort takes the port off a Host header: after the last colon, unless that is within the brackets of an address.
func withoutPort(host string) string {
	if i := strings.LastIndex(host, ":"); i > strings.LastIndex(host, "]") {
		return host[:i]
	}
	return host
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
	value, there := m.headers[strings.ToLower(name)]
	return value, there
}

// fits tells whether a request is one that a match asks for. The error is a match that the model does not evaluate.
func (m *message) fits(r *networking.HTTPMatchRequest) (bool, error) {
	if r == nil {
		return true, nil
	}
	path, query, _ := strings.Cut(m.path, "?")
	fold := func(s string) string {
		if r.IgnoreUriCase {
			return strings.ToLower(s)
		}
		return s
	}
	switch u := r.Uri.GetMatchType().(type) {
	case *networking.StringMatch_Exact:
		if fold(path) != fold(u.Exact) {
			return false, nil
		}
	case *networking.StringMatch_Prefix:
		if !strings.HasPrefix(fold(path), fold(u.Prefix)) {
			return false, nil
		}
	case *networking.StringMatch_Regex:
		if ok, err := matchesRegex(u.Regex, path); err != nil || !ok {
			return false, err
		}
	}
	for _, special := range []struct {
		name  string
		match *networking.StringMatch
	}{{":method", r.Method}, {":authority", r.Authority}, {":scheme", r.Scheme}} {
		if special.match == nil {
			continue
		}
		value, _ := m.header(special.name)
		if ok, err := matchesText(special.match, value, true); err != nil || !ok {
			return false, err
		}
	}
	for _, name := range headerNames(r.Headers) {
		if strings.HasPrefix(name, "@request.auth.claims") {
			return false, fmt.Errorf("a match by the claims of a token is not evaluated")
		}
		value, present := m.header(name)
		if ok, err := matchesText(r.Headers[name], value, present); err != nil || !ok {
			return false, err
		}
	}
	for _, name := range headerNames(r.WithoutHeaders) {
		if strings.HasPrefix(name, "@request.auth.claims") {
			return false, fmt.Errorf("a match by the claims of a token is not evaluated")
		}
		value, present := m.header(name)
		want := r.WithoutHeaders[name]
		// Where a text is given, a missing header counts as an empty one.
		ok, err := matchesText(want, value, present || !asksPresence(want))
		if err != nil || ok {
			return false, err
		}
	}
	for _, name := range headerNames(r.QueryParams) {
		value, present := queryParameter(query, name)
		if ok, err := matchesText(r.QueryParams[name], value, present); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// asksPresence tells whether a match is only about whether something is there.
func asksPresence(m *networking.StringMatch) bool {
	return m == nil || m.MatchType == nil || m.GetRegex() == "*"
}

func matchesText(m *networking.StringMatch, s string, present bool) (bool, error) {
	if asksPresence(m) || !present {
		return present, nil
	}
	switch t := m.MatchType.(type) {
	case *networking.StringMatch_Exact:
		return s == t.Exact, nil
	case *networking.StringMatch_Prefix:
		return strings.HasPrefix(s, t.Prefix), nil
	case *networking.StringMatch_Regex:
		return matchesRegex(t.Regex, s)
	}
	return false, nil
}

func queryParameter(query, name string) (string, bool) {
	for _, pair := range strings.Split(query, "&") {
		if k, v, _ := strings.Cut(pair, "="); k == name && pair != "" {
			return v, true
		}
	}
	return "", false
}

// expressions holds compiled ones: a bundle uses few, and many times.
var expressions sync.Map

func compile(text string) (*regexp.Regexp, error) {
	if known, ok := expressions.Load(text); ok {
		return known.(*regexp.Regexp), nil
	}
	r, err := regexp.Compile(text)
	if err == nil {
		expressions.Store(text, r)
	}
	return r, err
}

func matchesRegex(text, s string) (bool, error) {
	r, err := compile("^(?:" + text + ")$")
	if err != nil {
		return false, err
	}
	return r.MatchString(s), nil
}

// A way is one of those that a request may go: to a cluster, as a message, by a weight.
type way struct {
	to      weighted
	message *message
	weight  int
}

// ways are those that a route gives, each with the message as it is sent on.
func (m *message) ways(x *Index, r *route) ([]way, error) {
	if r.rule == nil {
		return []way{{to: r.to, message: m, weight: 1}}, nil
	}
	h := r.rule.HTTPRoute
	onward := m.clone()
	path, query, asks := strings.Cut(m.path, "?")
	if rewrite := h.Rewrite; rewrite != nil {
		if by := rewrite.GetUriRegexRewrite(); by != nil {
			var err error
			if path, err = substitute(by.Match, by.Rewrite, path); err != nil {
				return nil, err
			}
		} else if rewrite.Uri != "" {
			path = rewrite.Uri + r.unmatched(path)
		}
	}
	onward.path = withQuery(path, query, asks)
	authority := authorityOf(h.Headers)
	if a := h.Rewrite.GetAuthority(); a != "" {
		authority = a
	}
	if authority != "" {
		onward.host = authority
	}
	from := r.rule.source
	list := fieldAt(r.rule.field, -1, "route", -1)
	if len(h.Route) == 1 {
		d := h.Route[0]
		if own := authorityOf(d.Headers); own != "" && authority == "" {
			onward.host = own
		}
		onward.change(h.Headers, d.Headers)
		to := r.destination(x, d.Destination)
		to.decided = from.decision(itemField(list, 0) + ".destination")
		return []way{{to: to, message: onward, weight: 1}}, nil
	}
	var all []way
	for i, d := range h.Route {
		if d.Weight == 0 {
			continue
		}
		mine := onward.clone()
		if own := authorityOf(d.Headers); own != "" {
			mine.host = own
		}
		mine.change(d.Headers)
		mine.change(h.Headers)
		to := r.destination(x, d.Destination)
		to.decided = from.decision(itemField(list, i) + ".destination")
		all = append(all, way{to: to, message: mine, weight: int(d.Weight)})
	}
	return all, nil
}

func (r *route) destination(x *Index, d *networking.Destination) weighted {
	host, number, in := x.destination(d, r.find(d.GetHost()), r.on)
	return weighted{host: host, port: number, subset: in, weight: 1}
}

// unmatched is what a match by prefix left of a path; a rewrite replaces the rest.
func (r *route) unmatched(path string) string {
	switch u := r.match.GetUri().GetMatchType().(type) {
	case nil:
		return path[1:] // the prefix is "/"
	case *networking.StringMatch_Prefix:
		return path[len(u.Prefix):]
	case *networking.StringMatch_Regex:
		return ""
	default:
		return ""
	}
}

// authorityOf is the Host that header operations set: what is set goes before what is added.
func authorityOf(h *networking.Headers) string {
	for _, list := range []map[string]string{h.GetRequest().GetSet(), h.GetRequest().GetAdd()} {
		for k, v := range list {
			if strings.EqualFold(k, "host") || strings.EqualFold(k, ":authority") {
				return v
			}
		}
	}
	return ""
}

// change applies header operations as one: all removals come first, then what is set and added, list by list.
func (m *message) change(operations ...*networking.Headers) {
	internal := func(name string) bool { return strings.HasPrefix(name, ":") || strings.EqualFold(name, "host") }
	for _, h := range operations {
		for _, name := range h.GetRequest().GetRemove() {
			if !internal(name) {
				delete(m.headers, strings.ToLower(name))
			}
		}
	}
	for _, h := range operations {
		for name, value := range h.GetRequest().GetSet() {
			if !internal(name) {
				m.headers[strings.ToLower(name)] = value
			}
		}
		for name, value := range h.GetRequest().GetAdd() {
			if internal(name) {
				continue
			}
			name = strings.ToLower(name)
			if old, there := m.headers[name]; there {
				value = old + "," + value
			}
			m.headers[name] = value
		}
	}
}

var group = regexp.MustCompile(`\\(\d)`)

func substitute(pattern, by, s string) (string, error) {
	expression, err := compile(pattern)
	if err != nil {
		return "", err
	}
	return expression.ReplaceAllString(s, group.ReplaceAllString(strings.ReplaceAll(by, "$", "$$"), "$${$1}")), nil
}

// codes are the names of what a redirect answers with.
var codes = map[uint32]string{0: "MOVED_PERMANENTLY", 301: "MOVED_PERMANENTLY", 302: "FOUND", 303: "SEE_OTHER", 307: "TEMPORARY_REDIRECT", 308: "PERMANENT_REDIRECT"}

// redirected is where a redirect leads.
func (m *message) redirected(r *route, d *networking.HTTPRedirect) string {
	scheme, host := m.scheme, m.host
	if d.Scheme != "" {
		scheme = d.Scheme
	}
	if d.Authority != "" {
		host = d.Authority
	}
	number := 0
	switch p := d.RedirectPort.(type) {
	case *networking.HTTPRedirect_DerivePort:
		if p.DerivePort == networking.HTTPRedirect_FROM_REQUEST_PORT {
			number = r.on
		}
	case *networking.HTTPRedirect_Port:
		number = int(p.Port)
	}
	if d.RedirectPort != nil {
		assumed := d.Scheme
		if assumed == "" {
			assumed = "http"
			if r.tls {
				assumed = "https"
			}
		}
		if number == 80 && assumed == "http" || number == 443 && assumed == "https" {
			number = 0
		}
	}
	if number != 0 {
		host = joinHost(strings.Trim(withoutPort(host), "[]"), number)
	}
	path, query, asks := strings.Cut(m.path, "?")
	if d.PrefixRewrite != "" {
		path = d.PrefixRewrite + r.unmatched(path)
	} else if d.Uri != "" {
		path = d.Uri
		asks = asks && !strings.Contains(path, "?")
	}
	return scheme + "://" + host + withQuery(path, query, asks)
}
