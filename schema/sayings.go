package schema

import (
	"regexp"
	"strings"
	"sync"
)

// A saying is something that Istio's validation says, and what the catalogue makes of it.
type saying struct {
	// text is a regular expression for all of it, whose groups are the values in message and fix: $1, $2.
	text string
	rule string
	kind Kind
	// message is what is wrong in our words, or "" for Istio's.
	message, fix string
	// at are the fields, by their names in the protocol buffer, that are spoken of where several would do.
	at []string
	// first is of the sayings where the first of several is at fault, not the last.
	first bool
	// stop is the field at which what is missing would be.
	stop string
	// field is the place where that is no field of the spec.
	field string
	// edit is what becomes of the field, where that is safe: "remove".
	edit string
	// varies says that the text changes with other fields, so that the same words mean the same fault.
	varies bool
	// comes is what comes of it where Istio only warns.
	comes string
	// severity is that of a warning of Istio's; "" is a warning.
	severity Severity
	// skip leaves it to other rules, which know more than one object.
	skip bool
}

func (s saying) id() string { return s.text }

// sayings are looked through in order. Their texts are those of the Istio that is built in; a test has each of them said.
var sayings = []saying{
	// ServiceEntry
	{text: `invalid host \*`, rule: "MSH102", message: "a ServiceEntry cannot stand for every host", fix: `name the hosts, or a domain like "*.example.com"`},
	{text: `service entry must have at least one host`, rule: "MSH102", message: "a ServiceEntry needs a host", fix: "add it to hosts"},
	{text: `hosts must be FQDN .* for resolution mode (\w+), .*"([^"]*\*[^"]*)" invalid.*`, rule: "MSH103", at: []string{"hosts"}, varies: true,
		message: "%1 asks the name server for the hosts themselves, and there is no address for a wildcard",
		fix:     "set resolution to NONE, name the hosts, or add an endpoint that serves all of them"},
	{text: `hosts must be FQDN .* for resolution mode (\w+), .*`, skip: true}, // it is said of the host as well
	{text: `partial wildcard "(.*)" not allowed`, rule: "MSH104", severity: Error, message: `the wildcard of "%1" is only a part of a label, and never matches as it is meant`, fix: `write "*." and a domain, or list the names`},
	{text: `multiple hosts provided with non-HTTP, non-TLS ports`, rule: "MSH105", at: []string{"ports"}, kind: Contradicts,
		message: "connections of this protocol do not tell which of the hosts they are for", fix: "write a ServiceEntry for each host, with addresses of its own"},
	{text: `service entry can not have more than one host specified simultaneously with address and tcp port`, rule: "MSH105", at: []string{"ports"}, kind: Contradicts,
		message: "connections of TCP do not tell which of the hosts they are for", fix: "write a ServiceEntry for each host, with addresses of its own"},
	{text: `no endpoints should be provided for resolution type none`, rule: "MSH106", at: []string{"endpoints"}, kind: Contradicts,
		message: "with resolution NONE the address that the client chose is used, and endpoints are not allowed", fix: "set resolution to STATIC for addresses, or DNS for names"},
	{text: `workloadSelector should not be set when resolution mode is NONE`, rule: "MSH106", at: []string{"workload_selector"}, kind: Ineffective,
		comes:   "no connection reaches the workloads by this ServiceEntry",
		message: "with resolution NONE no workload is selected", fix: "set resolution to STATIC"},
	{text: `endpoint address "(.*)" is not a valid IP address`, rule: "MSH106", message: `with resolution STATIC an endpoint's address is an IP address, and "%1" is none`, at: []string{"endpoints", "address"}, fix: "set resolution to DNS, or write the address"},
	{text: `endpoint address "(.*)" is not a valid FQDN or an IP address`, rule: "MSH106", at: []string{"endpoints", "address"}, message: `"%1" is neither a name nor an IP address`, fix: "write one of the two"},
	{text: `endpoint port (\d+) is not defined by the service entry`, rule: "MSH106", at: []string{"endpoints", "ports"}, message: "an endpoint's ports are named as those of its ServiceEntry, which has none of this name", fix: "write the name of one of the ports in spec.ports"},
	{text: `there must only be 0 or 1 endpoint for resolution mode (\w+)`, rule: "MSH106", at: []string{"endpoints"}, message: "%1 takes one endpoint", fix: "keep one endpoint, or set resolution to DNS"},
	{text: `only one of WorkloadSelector or Endpoints is allowed in Service Entry`, rule: "MSH106", at: []string{"endpoints"}, kind: Contradicts, message: "endpoints come either from workloadSelector or from endpoints", fix: "remove one of the two"},
	{text: `unix endpoint (\S+) must not include ports`, rule: "MSH106", at: []string{"ports"}, kind: Contradicts, message: "a Unix socket has no ports", fix: "remove ports"},
	{text: `exactly 1 service port required for unix endpoints`, rule: "MSH106", at: []string{"endpoints"}, message: "a ServiceEntry with a Unix socket has one port", fix: "keep one port"},
	{text: `address is required`, rule: "MSH106", kind: Missing, message: "an endpoint has neither address nor network", fix: "set address"},
	{text: `address is unset with network .*`, skip: true},
	{text: `CIDR addresses are allowed only for NONE/STATIC resolution types`, rule: "MSH107", at: []string{"addresses"}, kind: Contradicts, message: "a range of addresses is only allowed with resolution NONE or STATIC",
		fix: "remove the range, or set resolution to NONE"},
	{text: `service entry port (\d+) already defined`, rule: "MSH108", at: []string{"ports"}, message: "port %1 is declared twice", fix: "keep one of them, with the protocol that the clients speak"},
	{text: `service entry port name "(.*)" already defined`, rule: "MSH108", at: []string{"ports"}, message: `two ports have the name "%1"`, fix: "rename one of them"},
	{text: `addresses are required for ports serving TCP .*`, skip: true}, // what comes of it depends on the other objects
	{text: `(?:host must be wildcarded|at least one wildcard host must be provided) for resolution (?:mode|type) DYNAMIC_DNS`, rule: "MSH103", at: []string{"hosts"},
		message: "DYNAMIC_DNS looks up the name that is called, and only takes wildcards", fix: "write a wildcard, or set resolution to DNS"},
	{text: `only HTTP, TLS, GRPC, and HTTP2 protocols are supported for resolution type DYNAMIC_DNS`, rule: "MSH103", at: []string{"ports"},
		message: "DYNAMIC_DNS only takes ports of HTTP, HTTP2, GRPC and TLS", fix: "set protocol to TLS where the application makes TLS itself, or resolution to NONE"},
	{text: `(addresses|endpoints) cannot be set for resolution type DYNAMIC_DNS.*`, rule: "MSH103", at: []string{"addresses", "endpoints"}, kind: Contradicts,
		message: "DYNAMIC_DNS finds the addresses by itself, and takes no %1", fix: "remove %1, or set resolution to DNS"},

	// TLS of clients
	{text: `client certificate required for mutual tls`, rule: "MSH109", kind: Missing, message: "MUTUAL needs a client certificate, and there is none", fix: "set credentialName, or clientCertificate and privateKey; SIMPLE if the server asks for no certificate", at: []string{"mode"}},
	{text: `private key required for mutual tls`, rule: "MSH109", kind: Missing, message: "MUTUAL needs the key of the client certificate, and there is none", fix: "set credentialName, or clientCertificate and privateKey; SIMPLE if the server asks for no certificate", at: []string{"mode"}},
	{text: `cannot specify client certificates or CA certificate or CA CRL If credentialName is set`, rule: "MSH110", at: []string{"credential_name"}, kind: Contradicts,
		message: "the certificates come either from credentialName or from files", fix: "keep credentialName at a gateway, and the files at sidecars that have them mounted"},
	{text: `cannot specify CaCertificates (?:or CredentialName )?or SubjectAltNames when InsecureSkipVerify is set true`, rule: "MSH111", at: []string{"insecure_skip_verify"}, kind: Contradicts,
		message: "insecureSkipVerify verifies nothing, and the other fields say what to verify", fix: "remove insecureSkipVerify"},
	{text: `invalid configmap:// credentialName: .*`, rule: "MSH110", at: []string{"credential_name"}, message: "a ConfigMap named by credentialName is one of the object's own namespace", fix: "write configmap://NAME"},

	// TLS of servers
	{text: `ISTIO_MUTUAL TLS cannot have associated (.*)`, edit: "remove", rule: "MSH113", at: []string{"server_certificate", "private_key", "ca_certificates", "tls_certificates", "credential_name", "credential_names"}, kind: Contradicts,
		message: "ISTIO_MUTUAL takes the certificates of the mesh, and none may be named", fix: "remove it, or set mode to SIMPLE or MUTUAL if a certificate of your own is meant"},
	{text: `configuration is invalid: cannot set mode to (\w+) in sidecar ingress tls`, rule: "MSH113", at: []string{"mode"}, message: "a sidecar cannot serve %1", fix: "set SIMPLE or MUTUAL; within the mesh, leave tls out: sidecars serve its mutual TLS by themselves"},
	{text: `server must have TLS settings for HTTPS/TLS protocols`, rule: "MSH114", kind: Missing, stop: "servers", message: "a server of HTTPS or TLS needs tls", fix: "add tls with a mode: SIMPLE or MUTUAL to terminate, PASSTHROUGH to route by name"},
	{text: `server cannot have TLS settings for plain text HTTP ports`, rule: "MSH114", at: []string{"tls"}, stop: "tls", kind: Contradicts, message: "a server of plain HTTP has no TLS but httpsRedirect", fix: "set protocol to HTTPS, or remove tls"},
	{text: `server cannot have TLS settings for non HTTPS/TLS ports`, rule: "MSH114", at: []string{"tls"}, stop: "tls", kind: Contradicts, message: "only servers of HTTPS and TLS have tls", fix: "set protocol to HTTPS or TLS, or remove tls"},
	{text: `tls\.httpsRedirect should only be used with http servers`, rule: "MSH114", at: []string{"https_redirect"}, kind: Ineffective, message: "httpsRedirect is for servers of plain HTTP", fix: "move it to the server of port 80"},
	{text: `(\w+) mode does not use certificates, they will be ignored`, rule: "MSH114", kind: Ineffective, message: "%1 does not terminate TLS, and the certificates are not used",
		comes: "the gateway hands TLS on as it came, and clients see the certificate of the server behind it",
		fix:   "remove them, or set mode to SIMPLE or MUTUAL if the gateway is to terminate", at: []string{"server_certificate", "private_key", "ca_certificates", "credential_name", "credential_names", "tls_certificates"}},
	{text: `MUTUAL TLS requires a client CA bundle`, rule: "MSH115", at: []string{"mode"}, kind: Missing, message: "to ask clients for a certificate, the server needs the CA that issued theirs", fix: "set caCertificates, or credentialName with a ca.crt in the Secret"},
	{text: `(SIMPLE|MUTUAL) TLS requires a (server certificate|private key)`, rule: "MSH115", at: []string{"mode"}, kind: Missing, message: "%1 needs a %2, and there is none", fix: "set credentialName to the Secret that holds certificate and key, in the namespace of the gateway's pods"},
	{text: `only one of credential_name, credential_names, .* should be specified`, rule: "MSH110", at: []string{"credential_name"}, kind: Contradicts, message: "the server's certificates come from several places", fix: "keep one of credentialName, credentialNames, tlsCertificates and the files"},
	{text: `CRL is not supported with (.*)`, rule: "MSH110", at: []string{"ca_crl"}, kind: Contradicts, message: "caCrl does not go with the certificates as they are given here", fix: "put the list into the Secret as ca.crl"},
	{text: `TLS version below TLSV1_2 require .*`, skip: true},
	{text: `ignoring (invalid|duplicate) cipher suites: (.*)`, rule: general, at: []string{"cipher_suites"}, kind: Ineffective, message: "these cipher suites are %1 and ignored: %2", fix: "remove them"},

	// ports, names and hosts
	{text: `(?:unsupported protocol: |invalid protocol ")([^"]*)(?:", supported .*)?`, rule: "MSH116", message: `there is no protocol "%1"`,
		fix: "write HTTP, HTTPS, HTTP2, GRPC, TLS, TCP, MONGO, MYSQL or REDIS"},
	{text: `invalid port name: (.*)`, rule: "MSH116", at: []string{"name"}, message: `"%1" is no name for a port`, fix: "write small letters, digits and dashes, such as https-443", varies: true},
	{text: `port name must be set: .*`, rule: "MSH116", varies: true, kind: Missing, message: "a server's port needs a name", fix: "set name, such as https"},
	{text: `port is required`, rule: "MSH116", kind: Missing, message: "a server needs a port", fix: "set port, with number, name and protocol"},
	{text: `targetPort has no impact on (Gateways|Sidecars)`, edit: "remove", rule: "MSH116", kind: Ineffective, message: "targetPort does nothing here", comes: "the gateway or sidecar listens as if it were not there", fix: "remove it"},
	{text: `port names in servers must be unique: duplicate name (.*)`, rule: "MSH117", at: []string{"servers"}, message: `two servers have a port named "%1"`, fix: "rename one of them"},
	{text: `invalid gateway name: "(.*)"`, field: "metadata.name", rule: "MSH117", message: `"%1" is no name for a Gateway: it has to be small letters, digits and dashes, without dots`, fix: "rename it, here and in gateways of the VirtualServices that name it"},
	{text: `invalid value for (?:gateway name|namespace): "(.*)"`, rule: "MSH117", message: `"%1" is no name: small letters, digits and dashes`, fix: "write NAMESPACE/NAME of the Gateway"},
	{text: `short names \(non FQDN\) are not allowed`, rule: "MSH117", at: []string{"hosts"}, message: "a host of a Gateway is a full name, and this one has no domain", fix: "write the full name; that of a Service is NAME.NAMESPACE.svc.cluster.local", varies: false},
	{text: `invalid namespace value "(.*)" in (gateway|sidecar)`, rule: "MSH117", message: `"%1" is no namespace`, fix: `write the namespace, "." for its own, or "*"`},
	{text: `config namespace and dnsName in host entry cannot be empty`, rule: "MSH117", message: "a part of NAMESPACE/HOST is empty", fix: "write both"},
	{text: `server config must contain at least one host`, rule: "MSH117", kind: Missing, message: "a server needs a host", fix: "add it to hosts"},
	{text: `gateway must have at least one server`, rule: "MSH117", kind: Missing, message: "a Gateway needs a server", fix: "add it to servers"},
	{text: `using legacy gatewayName format "(.*)"; prefer the <namespace>/<name> format: "(.*)"`, rule: "MSH126", kind: Outdated, severity: Info, message: "gateways are named NAMESPACE/NAME", fix: "write %2"},

	// VirtualService
	{text: `TLS match must have at least one SNI host`, rule: "MSH118", kind: Missing, message: "a match of TLS needs sniHosts", fix: "add the name that the clients ask for"},
	{text: `SNI host "(.*)" is not a compatible subset of any of the virtual service hosts: .*`, rule: "MSH118", at: []string{"tls", "sni_hosts"}, message: `"%1" is not among spec.hosts`, fix: "add it to spec.hosts, or correct it"},
	{text: `wildcard host \* is not allowed for virtual services bound to the mesh gateway`, rule: "MSH119", at: []string{"hosts"}, message: "for sidecars a VirtualService names its hosts: * would be all of them", fix: "list the hosts, or bind it to a gateway"},
	{text: `authority header cannot be set multiple times: .*`, rule: "MSH123", at: []string{"http", "headers", "request", "set", "add"}, varies: true, kind: Contradicts, message: "the Host of the request is set twice", fix: "keep rewrite.authority"},
	{text: `(?:virtualService rule .*)`, skip: true}, // unreachable routes
	{text: `using deprecated setting "mirrorPercent", .*`, rule: "MSH126", kind: Outdated, severity: Info, at: []string{"mirror_percent"}, message: "mirrorPercent is deprecated", fix: "write mirrorPercentage: {value: …}"},

	// exportTo
	{text: `duplicate entries in exportTo.*`, edit: "remove", rule: "MSH120", at: []string{"export_to"}, message: `a namespace stands twice in exportTo; "." is the object's own`, fix: "remove one of the two"},
	{text: `cannot have both public \(\*\) and non-public exportTo values for a resource`, rule: "MSH120", at: []string{"export_to"}, kind: Contradicts, message: `"*" is every namespace, and the others are in it`, fix: `keep either "*" or the namespaces`},
	{text: `cannot export service entry to no one \(~\) and someone`, rule: "MSH120", at: []string{"export_to"}, kind: Contradicts, message: `"~" is nobody, and there are others`, fix: `remove "~"`},
	{text: `exportTo ~ \(none\) is not allowed for Istio configuration objects`, rule: "MSH120", at: []string{"export_to"}, message: `only a ServiceEntry can be exported to nobody, "~"`, fix: `write "." for its own namespace`},
	{text: `only \.,\*, or a valid DNS 1123 label is allowed as exportTo entry`, rule: "MSH120", at: []string{"export_to"}, message: `this is no namespace`, fix: `write the name of a namespace, ".", or "*"`},
	{text: `destination rule with workload selector cannot have .*`, rule: "MSH120", at: []string{"export_to"}, kind: Contradicts, message: "with a workloadSelector a DestinationRule is for its own namespace", fix: `set exportTo to ["."], or remove it`},

	// Sidecar
	{text: `sidecar: the egress listener with empty port should be the last listener in the list`, first: true, rule: "MSH121", at: []string{"egress"}, message: "a listener without port takes what the others leave, and has to be the last one", fix: "move it to the end, or set its port"},
	{text: `sidecar: egress listener must contain at least one host`, rule: "MSH121", at: []string{"egress"}, kind: Missing, message: "a listener needs hosts", fix: `write "./*" for the own namespace, or "*/*" for all`},
	{text: `sidecar: ports on IP bound listeners must be unique`, rule: "MSH121", at: []string{"egress", "ingress"}, message: "two listeners have the same port", fix: "merge them"},
	{text: `sidecar: ports with 0 value must have a unix domain socket bind address`, rule: "MSH121", at: []string{"egress", "port"}, message: "a listener with bind needs the number of its port", fix: "set port.number"},
	{text: `host must be of form namespace/dnsName`, rule: "MSH121", at: []string{"egress", "hosts"}, message: "a host of a Sidecar is NAMESPACE/HOST, and this has no namespace", fix: `write "./HOST" for the own namespace, or "*/HOST"`, varies: false},
	{text: `sidecar: empty configuration provided`, rule: "MSH121", kind: Missing, message: "the Sidecar says nothing", fix: "add egress, ingress or outboundTrafficPolicy"},
	{text: `sidecar: .*`, rule: "MSH121", at: []string{"egress", "ingress"}},
	{text: `duplicated egress host: (.*)`, rule: "MSH121", at: []string{"egress", "hosts"}, severity: Info, message: "%1 is among the other hosts already", fix: "remove it"},
	{text: "`\\*/\\*` host select all resources, no other hosts can be added", rule: "MSH121", at: []string{"egress"}, severity: Info, message: "*/* is every host, and the others are in it", fix: "keep either */* or the others"},

	// TrafficPolicy
	{text: `tunnel and proxyProtocol must not be set together`, rule: "MSH122", at: []string{"tunnel"}, kind: Contradicts, message: "tunnel and proxyProtocol do not go together", fix: "keep one of the two"},
	{text: `tunnel protocol must be .*`, rule: "MSH122", at: []string{"tunnel", "protocol"}, message: "a tunnel is made by CONNECT or POST", fix: "write protocol: CONNECT"},
	{text: `tunnel target host must be valid .*`, rule: "MSH122", at: []string{"tunnel", "target_host"}, message: "a tunnel needs targetHost, a name or an IP address", fix: "set targetHost to the service behind the proxy", varies: true},
	{text: `tunnel target port is invalid: .*`, rule: "MSH122", at: []string{"tunnel", "target_port"}, message: "a tunnel needs targetPort", fix: "set targetPort to the port of the service behind the proxy", varies: true},
	{text: `(port )?traffic policy must have at least one field`, rule: "MSH124", kind: Missing, message: "a traffic policy is empty", fix: "remove it, or say what it is for"},
	{text: `connection pool must have at least one field`, rule: "MSH124", kind: Missing, message: "connectionPool is empty", fix: "remove it, or set tcp or http"},
	{text: `outlier detection consecutive errors is deprecated, .*`, rule: "MSH126", kind: Outdated, severity: Info, at: []string{"consecutive_errors"}, message: "consecutiveErrors is deprecated, and does nothing", fix: "write consecutive5xxErrors or consecutiveGatewayErrors"},
	{text: `consistent hash MinimumRingSize is deprecated, .*`, rule: "MSH126", kind: Outdated, severity: Info, at: []string{"minimum_ring_size"}, message: "minimumRingSize is deprecated", fix: "write ringHash.minimumRingSize"},

	// names of hosts everywhere
	{text: `domain name "([^"]*\*[^"]*)" invalid.*`, rule: "MSH104", message: `a star stands for whole labels, and only at the beginning of a name, as in "*.example.com"`, fix: `write "*." and a domain, or list the names`},
	{text: `domain name "([^"]*)" invalid \(label "(.*)" invalid\)`, rule: general, message: `"%1" is no name of a host, because of "%2": labels are letters, digits and dashes`, fix: "write a name such as ledger.shop.svc.cluster.local"},

	{text: `domain name "([^"]*)" invalid \(top level domain .*`, rule: general, message: `"%1" is no name of a host: its last label cannot be a number`, fix: "write a name; an IP address is written into addresses, or into those of endpoints"},
	{text: `empty domain name not allowed`, rule: general, kind: Missing, at: []string{"host", "hosts"}, message: "the host is empty", fix: "name it"},
	{text: `domain name ".*" too long .*`, rule: general, message: "this name is longer than 255 characters", fix: "shorten it"},

	// the rest of what people get wrong
	{text: `HTTP route(?: rule)? cannot contain both (\w+) and (\w+)`, rule: general, at: []string{"redirect", "direct_response", "fault", "rewrite"}, kind: Contradicts, message: "one rule cannot have both %1 and %2", fix: "keep one of them, or write two rules that match different requests"},
	{text: `percentage (\S+) is neither 0\.0, nor in range .*`, rule: general, message: "%1 is no percentage", fix: "write a number from 0 to 100"},
	{text: `attempts cannot be negative`, rule: general, at: []string{"attempts"}, message: "there cannot be fewer than no attempts", fix: "write 0 to have no retries"},
	{text: `invalid destination host \*`, rule: general, at: []string{"host"}, message: "a route leads to one service, and * is none", fix: "name the service"},
	{text: `port number (-?\d+) must be in the range 1\.\.65535`, rule: general, message: "%1 is no port: ports are from 1 to 65535", fix: "write the number of the port", at: []string{"number", "port", "target_port"}},
	{text: `duplicate subset names: (.*)`, rule: general, at: []string{"subsets"}, message: `two subsets have the name "%1"`, fix: "rename one of them"},
	{text: `subset name is invalid: (.*)`, rule: general, message: `"%1" is no name for a subset`, fix: "write small letters, digits and dashes"},
	{text: `subset name cannot be empty`, rule: general, kind: Missing, at: []string{"subsets"}, message: "a subset needs a name", fix: "set name"},
	{text: `duplicate hosts in virtual service: (.*) & (.*)`, rule: general, at: []string{"hosts"}, message: "%1 and %2 are among each other", fix: "keep one of them"},
	{text: `http, tcp or tls must be provided in virtual service`, rule: general, kind: Missing, message: "a VirtualService needs routes", fix: "add http, tls or tcp"},
	{text: `(HTTP|TLS|TCP) route(?:, redirect or direct_response)? is required`, rule: general, kind: Missing, message: "a rule says nothing of where requests go", fix: "add route", stop: "http"},
	{text: `total destination weight = 0`, rule: general, at: []string{"route"}, message: "the weights add up to 0, so that no request goes anywhere", fix: "write weights of which at least one is more than 0"},
	{text: `duration must be greater than 1ms`, rule: general, message: "a duration is at least 1ms", fix: `write it like "5s" or "300ms"`},
	{text: `only durations to ms precision are supported`, rule: general, message: "a duration is of whole milliseconds", fix: `write it like "5s" or "300ms"`},
	{text: `HTTP status (\d+) is not in range 200-599`, rule: general, message: "%1 is no status of an answer: they are from 200 to 599", fix: "write the status that clients are to see"},
	{text: `"(.*)" is not a valid retryOn policy`, rule: general, at: []string{"retry_on"}, message: `"%1" is nothing to retry on`, fix: "write conditions like 5xx,connect-failure without spaces"},
	{text: `workload selector specified without labels|.*: workload selector specified without labels, will be applied to all services in namespace`, rule: general, at: []string{"workload_selector", "selector"}, kind: Ineffective,
		message: "a selector without labels selects every workload", fix: "name labels, or remove it"},
	{text: `mesh/namespace peer authentication cannot have port level mTLS`, rule: general, at: []string{"port_level_mtls"}, kind: Contradicts,
		message: "ports can only be treated apart where a selector says of which workloads", fix: "add selector.matchLabels"},
	{text: `only one of targetRefs or workloadSelector can be set`, rule: general, kind: Contradicts, at: []string{"selector"}, message: "a policy is for the workloads of a selector or for what targetRefs names", fix: "keep one of the two"},
	{text: "invalid `(?:value|notValue)` for `key` .*: unknown attribute: (.*)", rule: general, at: []string{"when", "key"}, message: `a condition knows no key "%1"`, fix: "write a key such as source.namespace, destination.port, request.headers[NAME] or request.auth.claims[NAME]"},
	{text: "`?(to|from|to\\.operation|from\\.source)`? must not be empty, found at rule (\\d+)", rule: general, at: []string{"rules"}, kind: Missing, message: "%1 is empty", fix: "remove it, or say what it is for"},

	// AuthorizationPolicy
	{text: `configured AuthorizationPolicy will deny all traffic to TCP ports .*`, skip: true},
}

// matchers are the sayings, ready to be compared with.
var matchers = sync.OnceValue(func() []*regexp.Regexp {
	all := make([]*regexp.Regexp, len(sayings))
	for i, s := range sayings {
		all[i] = regexp.MustCompile(`(?s)^(?:` + s.text + `)$`)
	}
	return all
})

// sayingOf finds a text among the sayings, and its values. What is not among them speaks for itself.
func sayingOf(text string) (saying, []string) {
	for i, m := range matchers() {
		if values := m.FindStringSubmatch(text); values != nil {
			return sayings[i], values
		}
	}
	return saying{text: text, rule: general}, nil
}

func (s saying) problem(v verdict, values []string, field string) Problem {
	p := Problem{Rule: s.rule, Kind: s.kind, Severity: Error, Field: field, Message: fill(s.message, values), Fix: fill(s.fix, values),
		Consequence: refusedByIstio}
	if p.Kind == "" {
		p.Kind = WrongValue
	}
	if p.Message == "" {
		p.Message = "Istio's validation says: " + v.text
	}
	if s.edit == "remove" {
		p.Edits, p.Safe = []Edit{{Field: field}}, true
	}
	if v.warning {
		p.Severity, p.Consequence = Warning, s.comes
		if s.severity != "" {
			p.Severity = s.severity
		}
	}
	return p
}

// fill puts values into the places %1, %2.
func fill(text string, values []string) string {
	for i := 1; i < len(values); i++ {
		text = strings.ReplaceAll(text, "%"+string(rune('0'+i)), values[i])
	}
	return text
}
