package schema

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A rule is one that a CRD states in CEL, put into Go: there are few, and CEL would cost each start what they all cost
// here in a thousand. A test holds every one of them against CEL.
type rule struct {
	holds func(v object) bool
	// id is the rule of the catalogue that it belongs to; says is what is wrong, fix how to mend it.
	id, says, fix string
	// field, within the value, is where the mistake is; "" is the value itself.
	field string
}

// ruleOf finds what is written for a rule, or makes it, of the form that allows one of several fields.
func ruleOf(text string) (rule, bool) {
	if r, ok := rules[text]; ok {
		return r, true
	}
	names, ok := atMostOne(text)
	if !ok {
		return rule{}, false
	}
	list := enumeration(names, "or")
	return rule{
		holds: func(v object) bool { return present(v, names) <= 1 },
		says:  "only one of " + enumeration(names, "and") + " can be set",
		fix:   "keep either " + list,
	}, true
}

var hasPart = regexp.MustCompile(`^\(has\(self\.(\w+)\)\?1:0\)$`)

// atMostOne takes a rule apart that counts fields.
func atMostOne(text string) (names []string, ok bool) {
	text, ok = strings.CutSuffix(text, "<=1")
	if !ok {
		return nil, false
	}
	for _, part := range strings.Split(text, "+") {
		m := hasPart.FindStringSubmatch(part)
		if m == nil {
			return nil, false
		}
		names = append(names, m[1])
	}
	return names, true
}

// present counts which of some fields are there.
func present(v object, names []string) int {
	n := 0
	for _, name := range names {
		if v.has(name) {
			n++
		}
	}
	return n
}

// rules are by what generate makes of their text. Where a spelling differs between Istios, so may the meaning.
var rules = map[string]rule{
	`duration(self)>=duration("1ms")`: {holds: atLeastMillisecond, says: "a duration is at least 1ms", fix: `write it like "5s" or "300ms"`},
	`0<self&&self<=65535`:             {holds: isPort, says: "a port is from 1 to 65535"},
	`self.all(key,0<int(key)&&int(key)<=65535)`: {holds: func(v object) bool {
		return allKeys(v, func(key string) bool {
			n, err := strconv.ParseInt(key, 10, 64)
			return err == nil && 0 < n && n <= 65535
		})
	}, says: "a port is from 1 to 65535"},
	`!self.contains("*")`: {holds: func(v object) bool { return !strings.Contains(v.string(), "*") },
		says: "a label is compared as it is written, so a wildcard selects nothing", fix: "write out the value of the label"},
	`self.all(key,!key.contains("*"))`: {holds: func(v object) bool { return allKeys(v, func(key string) bool { return !strings.Contains(key, "*") }) },
		says: "a label is compared as it is written, so a wildcard selects nothing", fix: "write out the key of the label"},
	`self.all(key,key.size()!=0)`: {holds: func(v object) bool { return allKeys(v, func(key string) bool { return key != "" }) },
		says: "the key of a label is empty"},
	`self.size()==0`: {holds: func(v object) bool { return v.string() == "" },
		says: "a policy cannot refer to another namespace", fix: "remove namespace, and put the policy into the namespace of what it refers to"},
	`[self.group,self.kind]in[["core","Service"],["","Service"],["gateway.networking.k8s.io","Gateway"],["networking.istio.io","ServiceEntry"]]`: policyTarget(
		"a Service, a ServiceEntry, or a Gateway of the Gateway API", "core/Service", "/Service", "gateway.networking.k8s.io/Gateway", "networking.istio.io/ServiceEntry"),
	`[self.group,self.kind]in[["core","Service"],["","Service"],["gateway.networking.k8s.io","Gateway"]]`: policyTarget(
		"a Service, or a Gateway of the Gateway API", "core/Service", "/Service", "gateway.networking.k8s.io/Gateway"),

	`self!="*"`: {id: "MSH102", holds: func(v object) bool { return !v.is("*") },
		says: "a ServiceEntry cannot stand for every host", fix: `name the hosts, or a domain like "*.example.com"`},
	`!((has(self.addresses)?self.addresses:[]).exists(k,k.contains("/"))&&!((has(self.resolution)?self.resolution:"NONE")in["STATIC","NONE"]))`: {
		id: "MSH107", holds: rangesAreLiteral, field: "addresses",
		says: "a range of addresses is only allowed with resolution NONE or STATIC", fix: "remove the range, or set resolution to NONE"},
	`!(has(self.addresses)&&self.addresses.exists(k,k.contains("/"))&&(has(self.resolution)&&self.resolution!="STATIC"&&self.resolution!="NONE"))`: {
		id: "MSH107", holds: rangesAreLiteral, field: "addresses",
		says: "a range of addresses is only allowed with resolution NONE or STATIC", fix: "remove the range, or set resolution to NONE"},
	`(!has(self.resolution)||self.resolution=="NONE")?!has(self.endpoints):true`:        noneWithoutEndpoints,
	`((has(self.resolution)?self.resolution:"NONE")=="NONE")?!has(self.endpoints):true`: noneWithoutEndpoints,
	`((has(self.resolution)?self.resolution:"")=="DNS_ROUND_ROBIN")?((has(self.endpoints)?self.endpoints:[]).size()<=1):true`: {
		id: "MSH106", field: "endpoints", holds: func(v object) bool {
			return !v.get("resolution").is("DNS_ROUND_ROBIN") || v.get("endpoints").size() <= 1
		},
		says: "DNS_ROUND_ROBIN takes one endpoint", fix: "keep one endpoint, or set resolution to DNS"},
	`(has(self.resolution)&&self.resolution=="DNS_ROUND_ROBIN")?(!has(self.endpoints)||size(self.endpoints)==1):true`: {
		id: "MSH106", field: "endpoints", holds: func(v object) bool {
			return !v.get("resolution").is("DNS_ROUND_ROBIN") || !v.has("endpoints") || v.get("endpoints").size() == 1
		},
		says: "DNS_ROUND_ROBIN takes one endpoint", fix: "keep one endpoint, or set resolution to DNS"},
	`self.all(l1,self.exists_one(l2,l1.number==l2.number))`: {id: "MSH108", holds: numbersDiffer,
		says: "two ports have the same number", fix: "keep one of them, with the protocol that the clients speak"},
	`has(self.address)||has(self.network)`: {id: "MSH106", holds: func(v object) bool { return v.has("address") || v.has("network") },
		says: "an endpoint has neither address nor network", fix: "set address"},
	`(has(self.address)?self.address:"").startsWith("unix://")?!has(self.ports):true`: {id: "MSH106", holds: socketHasNoPorts, field: "ports",
		says: "a Unix socket has no ports", fix: "remove ports"},
	`(has(self.address)&&self.address.startsWith("unix://"))?!has(self.ports):true`: {id: "MSH106", holds: socketHasNoPorts, field: "ports",
		says: "a Unix socket has no ports", fix: "remove ports"},
	`self.startsWith("unix://")?(self.substring(7,8)=="/"||self.substring(7,8)=="@"):true`: {id: "MSH106",
		holds: func(v object) bool {
			path, socket := strings.CutPrefix(v.string(), "unix://")
			return !socket || strings.HasPrefix(path, "/") || strings.HasPrefix(path, "@")
		},
		says: "the path of a Unix socket begins with / or, in the abstract namespace, with @"},
	`self.startsWith("unix://")?!self.endsWith("/"):true`: {id: "MSH106",
		holds: func(v object) bool {
			return !strings.HasPrefix(v.string(), "unix://") || !strings.HasSuffix(v.string(), "/")
		},
		says: "the path of a Unix socket is one of a file, not of a folder"},
	`self.all(key,size(key)<63&&key.matches("^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$"))`: {id: "MSH106",
		holds: func(v object) bool {
			return allKeys(v, func(key string) bool { return utf8.RuneCountInString(key) < 63 && portName.MatchString(key) })
		},
		says: "the keys of an endpoint's ports are names of ports: letters, digits and dashes"},

	`((has(self.operation)?self.operation:"")=="REMOVE")?!has(self.value):true`: {
		holds: func(v object) bool { return !v.get("operation").is("REMOVE") || !v.has("value") }, field: "value",
		says: "REMOVE takes no value", fix: "remove value"},
	`((has(self.operation)?self.operation:"")=="UPSERT")?self.value!="":true`:   upsertHasValue,
	`((has(self.operation)?self.operation:"")=="UPSERT")?(self.value!=""):true`: upsertHasValue,

	`(has(self.selector)&&has(self.selector.matchLabels)&&self.selector.matchLabels.size()>0)||!has(self.portLevelMtls)`:          portsNeedSelector,
	`has(self.portLevelMtls)?(((has(self.selector)&&has(self.selector.matchLabels))?self.selector.matchLabels:{}).size()>0):true`: portsNeedSelector,
	`(has(self.serviceAccounts)||has(self.notServiceAccounts))?(!has(self.principals)&&!has(self.notPrincipals)&&!has(self.namespaces)&&!has(self.notNamespaces)):true`: {
		holds: func(v object) bool {
			return present(v, []string{"serviceAccounts", "notServiceAccounts"}) == 0 || present(v, []string{"principals", "notPrincipals", "namespaces", "notNamespaces"}) == 0
		},
		says: "serviceAccounts cannot be set together with principals or namespaces", fix: "write two sources"},
	`url(self).getScheme()in["http","https"]`: {holds: func(v object) bool { s, ok := scheme(v.string()); return ok && (s == "http" || s == "https") },
		says: "this is no URL with http:// or https://"},
	`self in["","HTTP","HTTPS"]`: {holds: func(v object) bool { return slices.Contains([]string{"", "HTTP", "HTTPS"}, v.string()) },
		says: "the scheme is HTTP or HTTPS, in capitals"},
	`isURL(self)?(url(self).getScheme()in["","http","https","oci","file"]):(isURL("http://"+self)&&url("http://"+self).getScheme()in["","http","https","oci","file"])`: imageURL,
	`isURL(self)?(url(self).getScheme()in["","http","https","file","oci"]):(isURL("http://"+self)&&url("http://"+self).getScheme()in["","http","https","file","oci"])`: imageURL,
	`(has(self.valueFrom)?self.valueFrom:"")!="HOST"||!has(self.value)`: {holds: func(v object) bool { return !v.get("valueFrom").is("HOST") || !v.has("value") },
		field: "value", says: "a value that comes from the HOST cannot be written here as well", fix: "remove value, or set valueFrom to INLINE"},
	`has(self.wasm)!=has(self.lua)`: {holds: func(v object) bool { return v.has("wasm") != v.has("lua") },
		says: "an extension is either wasm or lua", fix: "set one of the two"},
	`has(self.context)?((self.context=="WAYPOINT")?has(self.waypoint):!has(self.waypoint)):!has(self.waypoint)`: {
		holds: func(v object) bool { return v.get("context").is("WAYPOINT") == v.has("waypoint") },
		says:  "waypoint is set where context is WAYPOINT, and only there"},

	`self.metadata.name=="default"`: {holds: func(v object) bool { return v.get("metadata", "name").is("default") }, field: "metadata.name",
		says: `there is one in a cluster, and its name is "default"`, fix: `name it "default"`},
	`self.metadata.name=="default"?(!has(self.spec.values.revision)||size(self.spec.values.revision)==0):self.spec.values.revision==self.metadata.name`: {
		holds: func(v object) bool {
			name, values := v.get("metadata", "name").string(), v.get("spec", "values")
			if values == nil || !v.has("spec") {
				return false // as CEL fails
			}
			if name == "default" {
				return values.get("revision").string() == ""
			}
			return values.get("revision").is(name)
		},
		field: "spec.values.revision", says: "the revision is the object's name, and empty where that is \"default\""},
	`!has(self.values)||!has(self.values.global)||!has(self.values.global.istioNamespace)||self.values.global.istioNamespace==self.__namespace__`: {
		holds: func(v object) bool {
			own := v.get("values", "global", "istioNamespace")
			namespace := "istio-system" // unless another is written
			if v.has("namespace") {
				namespace = v.get("namespace").string()
			}
			return own == nil || own.string() == namespace
		},
		field: "values.global.istioNamespace", says: "istioNamespace is not the namespace of the control plane", fix: "remove it"},
	`self.values.global.istioNamespace==self.__namespace__`: {
		holds: func(v object) bool {
			own := v.get("values", "global", "istioNamespace")
			return own != nil && own.string() == v.get("namespace").string()
		},
		field: "values.global.istioNamespace", says: "istioNamespace must be the namespace of the control plane"},

	`!(has(self.certificate)&&has(self.externalCertificate))`: {holds: func(v object) bool { return !v.has("certificate") || !v.has("externalCertificate") },
		field: "externalCertificate", says: "a Route has one certificate", fix: "keep either certificate or externalCertificate"},
	`!has(self.tls)||self.tls.termination!="passthrough"||!has(self.httpHeaders)`: {
		holds: func(v object) bool {
			return !v.has("tls") || v.has("tls", "termination") && !v.get("tls", "termination").is("passthrough") || !v.has("httpHeaders") && v.has("tls", "termination")
		},
		field: "httpHeaders", says: "the router cannot change headers that pass it encrypted", fix: "remove httpHeaders, or terminate TLS at the router"},
	`has(self.termination)&&has(self.insecureEdgeTerminationPolicy)?!((self.termination=="passthrough")&&(self.insecureEdgeTerminationPolicy=="Allow")):true`: {
		holds: func(v object) bool {
			return !v.get("termination").is("passthrough") || !v.get("insecureEdgeTerminationPolicy").is("Allow")
		},
		field: "insecureEdgeTerminationPolicy", says: "what passes the router encrypted cannot be allowed in plaintext as well", fix: "set it to None or Redirect"},
	`has(self.type)&&self.type=="Set"?has(self.set):!has(self.set)`: {holds: func(v object) bool { return v.get("type").is("Set") == v.has("set") },
		says: "set is given where type is Set, and only there"},
	`self.lowerAscii()!="strict-transport-security"`: notHeader("strict-transport-security"),
	`self.lowerAscii()!="proxy"`:                     notHeader("proxy"),
	`self.lowerAscii()!="cookie"`:                    notHeader("cookie"),
	`self.lowerAscii()!="set-cookie"`:                notHeader("set-cookie"),
	headerValues("req"):                              headerValuesRule("req"),
	headerValues("res"):                              headerValuesRule("res"),
}

var (
	noneWithoutEndpoints = rule{id: "MSH106", field: "endpoints",
		holds: func(v object) bool {
			return v.has("resolution") && !v.get("resolution").is("NONE") || !v.has("endpoints")
		},
		says: "with resolution NONE the address that the client chose is used, and endpoints are not allowed", fix: "set resolution to STATIC for addresses, or DNS for names"}
	upsertHasValue = rule{holds: func(v object) bool { return !v.get("operation").is("UPSERT") || v.get("value").string() != "" },
		says: "UPSERT needs a value", fix: "set value"}
	portsNeedSelector = rule{holds: func(v object) bool { return !v.has("portLevelMtls") || v.get("selector", "matchLabels").size() > 0 }, field: "portLevelMtls",
		says: "ports can only be treated apart where a selector says of which workloads", fix: "add selector.matchLabels"}
	imageURL = rule{holds: func(v object) bool {
		s, ok := scheme(v.string())
		if !ok {
			s, ok = scheme("http://" + v.string())
		}
		return ok && slices.Contains([]string{"", "http", "https", "oci", "file"}, s)
	}, says: "the URL begins with http://, https://, file:// or oci://"}
	portName = regexp.MustCompile(`^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$`)
)

// policyTarget is the rule of what a policy may be attached to.
func policyTarget(says string, pairs ...string) rule {
	return rule{says: "a policy can refer to " + says, holds: func(v object) bool {
		return v.has("group") && v.has("kind") && slices.Contains(pairs, v.get("group").string()+"/"+v.get("kind").string())
	}}
}

func allKeys(v object, holds func(key string) bool) bool {
	all := true
	v.raw.entries(func(key string, value raw) bool {
		all = all && (value.null() || holds(key))
		return all
	})
	return all
}

func isPort(v object) bool {
	n, ok := v.number()
	return ok && 0 < n && n <= 65535
}

func atLeastMillisecond(v object) bool {
	d, err := time.ParseDuration(v.string())
	return err == nil && d >= time.Millisecond
}

func rangesAreLiteral(v object) bool {
	addresses, resolution := v.get("addresses"), v.get("resolution")
	if addresses == nil || resolution == nil || resolution.is("NONE") || resolution.is("STATIC") {
		return true
	}
	literal := true
	addresses.items(func(_ int, address raw) bool {
		literal = !strings.Contains(address.string(), "/")
		return literal
	})
	return literal
}

func numbersDiffer(v object) bool {
	var room [8]raw
	seen, differ := room[:0], true
	v.items(func(_ int, port raw) bool {
		n := port.get("number")
		differ = n != nil && !slices.ContainsFunc(seen, func(other raw) bool { return bytes.Equal(n, other) })
		seen = append(seen, n)
		return differ
	})
	return differ
}

func socketHasNoPorts(v object) bool {
	return !strings.HasPrefix(v.get("address").string(), "unix://") || !v.has("ports")
}

// scheme is that of a URL, as CEL's library takes it: one that could stand in a request.
func scheme(text string) (string, bool) {
	u, err := url.ParseRequestURI(text)
	if err != nil {
		return "", false
	}
	return u.Scheme, true
}

func notHeader(name string) rule {
	return rule{holds: func(v object) bool { return !strings.EqualFold(v.string(), name) },
		says: "a Route cannot change the header " + name}
}

// headerPattern is what a Route may write into a header, of requests or responses.
func headerPattern(of string) string {
	return `^(?:%(?:%|(?:\{[-+]?[QXE](?:,[-+]?[QXE])*\})?\[(?:` + of + `\.hdr\([0-9A-Za-z-]+\)|ssl_c_der)(?:,(?:lower|base64))*\])|[^%[:cntrl:]])+$`
}

func headerValues(of string) string {
	return `self.all(key,key.action.type=="Delete"||(has(key.action.set)&&key.action.set.value.matches("` + strings.ReplaceAll(headerPattern(of), `\`, `\\`) + `")))`
}

func headerValuesRule(of string) rule {
	pattern := regexp.MustCompile(headerPattern(of))
	return rule{holds: func(v object) bool {
		all := true
		v.items(func(_ int, header raw) bool {
			action := header.get("action")
			all = action.get("type").is("Delete") || action.has("set", "value") && pattern.MatchString(action.get("set", "value").string())
			return all
		})
		return all
	}, says: "a header's value is text, in which % is written %%, or a fetch like %[" + of + ".hdr(X-Name)]"}
}
