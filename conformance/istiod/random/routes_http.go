package random

func (g *generator) httpRoutes(namespace string, gateways list) list {
	var all list
	n := 1 + g.odds(50, 32, 18)
	for i := range n {
		route := object{}
		switch g.odds(78, 8, 8, 6) {
		case 0:
			route["route"] = g.destinations(namespace, true)
		case 1:
			route["redirect"] = g.redirect()
		case 2:
			route["directResponse"] = object{"status": pick(g.dice, 200, 404, 503)}
		default:
			if d := g.delegate(); d != nil {
				route["delegate"] = d
			} else {
				route["route"] = g.destinations(namespace, true)
			}
		}
		if i < n-1 && g.chance(92) || i == n-1 && g.chance(35) {
			var matches list
			for range 1 + g.odds(85, 15) {
				matches = append(matches, g.httpMatch(gateways))
			}
			route["match"] = matches
		}
		if route["route"] != nil {
			g.adjust(route, namespace)
		}
		if g.chance(8) {
			route["name"] = pick(g.dice, "first", "default", "api")
		}
		all = append(all, route)
	}
	return all
}

// adjust adds what a route does beside leading somewhere.
func (g *generator) adjust(route object, namespace string) {
	if g.chance(22) {
		rewrite := object{}
		if g.chance(60) {
			rewrite["authority"] = g.concrete(pick(g.dice, g.host(namespace), pick(g.dice, outside...)))
		}
		switch g.odds(60, 30, 10) {
		case 1:
			rewrite["uri"] = pick(g.dice, "/", "/v1", "/other/")
		case 2:
			rewrite["uriRegexRewrite"] = object{"match": "^/v([0-9]+)/(.*)$", "rewrite": `/api/\1/\2`}
		}
		if len(rewrite) > 0 {
			route["rewrite"] = rewrite
		}
	}
	if g.chance(8) {
		route["headers"] = g.headerOperations()
	}
	if g.chance(4) {
		route["mirror"] = g.destination(namespace)
	} else if g.chance(3) {
		route["mirrors"] = list{object{"destination": g.destination(namespace)}}
	}
	if g.chance(4) {
		route["timeout"] = "5s"
	}
	if g.chance(4) {
		route["retries"] = object{"attempts": 3, "perTryTimeout": "2s"}
	}
}

// delegate names a VirtualService without hosts, where there is one.
func (g *generator) delegate() object {
	for _, o := range g.of("VirtualService") {
		if specOf(o)["hosts"] == nil {
			return object{"name": nameOf(o), "namespace": namespaceOf(o)}
		}
	}
	return nil
}

func (g *generator) redirect() object {
	r := object{}
	for len(r) == 0 {
		if g.chance(40) {
			r["uri"] = pick(g.dice, "/", "/v2")
		} else if g.chance(15) {
			r["prefixRewrite"] = "/v2"
		}
		if g.chance(50) {
			r["authority"] = pick(g.dice, outside...)
		}
		if g.chance(25) {
			r["scheme"] = pick(g.dice, "https", "http")
		}
	}
	if g.chance(20) {
		r["redirectCode"] = pick(g.dice, 301, 302, 307, 308)
	}
	switch g.odds(80, 10, 10) {
	case 1:
		r["port"] = pick(g.dice, 443, 8443)
	case 2:
		r["derivePort"] = pick(g.dice, "FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT")
	}
	return r
}

// The patterns, and what fits them, are shared with the requests.
var (
	paths    = []string{"/", "/v1", "/v1/items", "/v2", "/V1/items", "/other"}
	patterns = []object{
		{"prefix": "/v1"}, {"prefix": "/v1"}, {"prefix": "/v1/"}, {"prefix": "/"}, {"exact": "/v1/items"}, {"exact": "/v2"},
		{"regex": "/v[0-9]+/.*"}, {"regex": ".*items"}, {"regex": "/v1"},
	}
)

func (g *generator) httpMatch(gateways list) object {
	m := object{}
	if g.chance(70) {
		m["uri"] = copied(pick(g.dice, patterns...))
		if g.chance(8) {
			m["ignoreUriCase"] = true
		}
	}
	if g.chance(18) {
		m["headers"] = g.headerMatch()
	}
	if g.chance(5) {
		m["withoutHeaders"] = g.headerMatch()
	}
	if g.chance(7) {
		m["method"] = pick(g.dice, object{"exact": "GET"}, object{"exact": "POST"}, object{"regex": "GET|HEAD"}, object{"prefix": "P"})
	}
	if g.chance(7) {
		name := g.concrete(pick(g.dice, g.host("shop"), pick(g.dice, outside...)))
		m["authority"] = pick(g.dice, object{"exact": name}, object{"exact": name}, object{"prefix": name}, object{"regex": `.*\.example`})
	}
	if g.chance(4) {
		m["scheme"] = pick(g.dice, object{"exact": "http"}, object{"exact": "https"}, object{"prefix": "http"}, object{"regex": "https?"})
	}
	if g.chance(6) {
		m["queryParams"] = object{"q": pick(g.dice, object{"exact": "1"}, object{"regex": "[0-9]+"}, object{"prefix": "1"})}
	}
	if g.chance(3) {
		m["name"] = "first"
	}
	if g.chance(2) {
		m["statPrefix"] = "first"
	}
	g.limit(m, gateways, 20)
	return m
}

func (g *generator) headerMatch() object {
	return object{pick(g.dice, "x-version", "x-version", "x-user", "X-Version"): pick(g.dice,
		object{"exact": "v2"}, object{"exact": "v2"}, object{"prefix": "v"}, object{"regex": "v[0-9]"}, object{})}
}
