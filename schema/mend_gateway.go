package schema

import (
	"fmt"
	"slices"
	"strings"
)

// serverMaterial are the fields of a server's tls that name certificates.
var serverMaterial = []string{
	"credentialName", "credentialNames", "tlsCertificates", "caCrl", "caCertCredentialName", "serverCertificate", "privateKey", "caCertificates",
}

// material are fields of tls.
func material(tls string, names ...string) []string {
	var all []string
	for _, name := range names {
		all = append(all, tls+"."+name)
	}
	return all
}

// mendCredential keeps the credential where the other certificates are not enough, or the same.
func mendCredential(o patient, p *Problem) {
	tls := p.Field
	if last(tls) != "tls" {
		tls = parent(tls)
	}
	credential := o.text(tls + ".credentialName")
	has := func(name string) bool { return o.has(tls + "." + name) }
	switch {
	case strings.HasPrefix(credential, "configmap://") && strings.HasSuffix(p.Field, "credentialName"):
		name := credential[strings.LastIndexByte(credential, '/')+1:]
		if name == "" {
			return
		}
		right := fmt.Sprintf("configmap://%s/%s", o.namespace, name)
		if right == credential {
			return
		}
		p.Fix = fmt.Sprintf("write %s, and see that the ConfigMap is in that namespace", right)
		p.Edits = set(tls+".credentialName", right)
	case last(p.Field) == "caCrl" && o.text(tls+".mode") == "SIMPLE" && !has("credentialName"):
		p.Fix = "remove caCrl: mode SIMPLE asks clients for no certificate"
		p.Edits = o.drop(p.Field)
	case last(p.Field) == "caCrl" || credential == "":
	case strings.HasPrefix(tls, "spec.servers"):
		if slices.Contains(o.texts(tls+".credentialNames"), credential) && !has("tlsCertificates") && (!has("serverCertificate") || !has("privateKey")) {
			p.Fix = "remove credentialName: credentialNames has it too"
			p.Edits = o.drop(tls + ".credentialName")
		}
	case o.text(tls+".mode") == "MUTUAL" && !(has("clientCertificate") && has("privateKey")) && !has("caCrl"):
		files := o.drop(material(tls, "clientCertificate", "privateKey", "caCertificates")...)
		var names []string
		for _, e := range files {
			names = append(names, last(e.Field))
		}
		p.Fix = "remove " + enumeration(names, "and") + ": without a pair of files the certificates are those of credentialName"
		if slices.Contains(names, "caCertificates") {
			p.Fix += ", whose Secret has to hold the CA as ca.crt"
		}
		p.Edits = files
	}
}

func mendSkipVerify(o patient, p *Problem) { p.Edits = o.drop(p.Field) }

// mendSidecarTLS leaves the mesh's own TLS to the sidecar.
func mendSidecarTLS(o patient, p *Problem) {
	if last(p.Field) != "mode" || o.text(p.Field) != "ISTIO_MUTUAL" {
		return
	}
	p.Fix = "remove tls: sidecars serve the mesh's mutual TLS by themselves; or set SIMPLE or MUTUAL for a certificate of your own"
	p.Edits = o.drop(parent(p.Field))
	protocol := parent(parent(p.Field)) + ".port.protocol"
	plain := map[string]string{"HTTPS": "HTTP", "TLS": "TCP"}[strings.ToUpper(o.text(protocol))]
	if plain != "" { // the others ask for tls
		p.Fix = strings.Replace(p.Fix, "remove tls", "remove tls and set protocol to "+plain, 1)
		p.Edits = append(p.Edits, Edit{Field: protocol, Value: plain})
	}
}

// mendServerTLS makes protocol and tls of a server go together.
func mendServerTLS(o patient, p *Problem) {
	server := p.Field
	for server != "" && !serverItem(server) {
		server = parent(server)
	}
	if server == "" || strings.HasPrefix(server, "spec.ingress") && o.text(server+".tls.mode") == "ISTIO_MUTUAL" {
		return // of which mendSidecarTLS is
	}
	tls, protocol := server+".tls", strings.ToUpper(o.text(server+".port.protocol"))
	mode := o.text(tls + ".mode")
	if mode == "" {
		mode = "PASSTHROUGH"
	}
	certificates := o.drop(material(tls, serverMaterial...)...)
	switch {
	case p.Kind == Ineffective && last(p.Field) == "httpsRedirect":
		mendRedirect(o, p, server)
	case p.Kind == Ineffective:
		p.Edits = certificates
	case p.Kind == Contradicts && o.value(tls+".httpsRedirect") == true && tellsHost(protocol):
		var rest []string
		for _, name := range o.keys(tls) {
			if name != "httpsRedirect" {
				rest = append(rest, tls+"."+name)
			}
		}
		p.Fix = "keep httpsRedirect alone, as requests are sent on to the server of HTTPS"
		p.Edits = o.drop(rest...)
	case p.Kind == Contradicts && mode == "PASSTHROUGH":
		if len(certificates) > 0 && o.has(tls+".mode") {
			return // which of mode and certificates is meant is not known
		}
		p.Fix = "set protocol to TLS, or remove tls"
		p.Edits = set(server+".port.protocol", "TLS")
	case p.Kind == Contradicts && fmt.Sprint(o.value(server+".port.number")) == "80":
		mendPlainPort(o, p, server)
	case p.Kind == Contradicts && tellsHost(protocol):
		p.Fix = "set protocol to HTTPS, or remove tls"
		p.Edits = set(server+".port.protocol", "HTTPS")
	case p.Kind == Contradicts:
		p.Fix = "set protocol to TLS, or remove tls"
		p.Edits = set(server+".port.protocol", "TLS")
	}
}

// mendPlainPort moves a server with certificates from port 80, where nobody sends TLS, unless there is one of HTTPS.
func mendPlainPort(o patient, p *Problem, server string) {
	var taken []string
	for i := range o.list("spec.servers") {
		taken = append(taken, o.text(item("spec.servers", i)+".port.name"))
		if number := fmt.Sprint(o.value(item("spec.servers", i) + ".port.number")); number == "443" || !strings.HasPrefix(server, "spec.servers") {
			p.Fix = "remove tls; to send clients on to HTTPS, keep httpsRedirect: true alone in it"
			p.Edits = o.drop(server + ".tls")
			return
		}
	}
	p.Fix = "set port to number 443 and protocol HTTPS, or remove tls"
	p.Edits = append(set(server+".port.number", 443), set(server+".port.protocol", "HTTPS")...)
	if o.text(server+".port.name") == "http" {
		p.Edits = append(p.Edits, Edit{Field: server + ".port.name", Value: unused("https", taken)})
	}
}

func serverItem(field string) bool {
	switch itemNumber.ReplaceAllString(field, "[]") {
	case "spec.servers[]", "spec.ingress[]":
		return true
	}
	return false
}

// mendRedirect moves httpsRedirect to the server of plain HTTP of the same hosts, which it makes where there is none.
func mendRedirect(o patient, p *Problem, server string) {
	if !strings.HasPrefix(server, "spec.servers") {
		p.Fix = "remove it"
		p.Edits = o.drop(p.Field)
		return
	}
	var names []string
	for i := range o.list("spec.servers") {
		at := item("spec.servers", i)
		names = append(names, o.text(at+".port.name"))
		protocol := strings.ToUpper(o.text(at + ".port.protocol"))
		if number := fmt.Sprint(o.value(at + ".port.number")); protocol != "HTTP" && number != "80" {
			continue
		}
		if protocol == "HTTP" && slices.Equal(o.texts(at+".hosts"), o.texts(server+".hosts")) && !o.has(at+".tls") {
			p.Fix = fmt.Sprintf("move it to the server of port %v", o.value(at+".port.number"))
			p.Edits = replaced(p.Field, at+".tls.httpsRedirect", true)
			return
		}
		p.Fix = "remove it; it belongs to a server of plain HTTP, on port 80"
		p.Edits = o.drop(p.Field)
		return
	}
	p.Fix = "move it to a server of plain HTTP for the same hosts, on port 80"
	p.Edits = replaced(p.Field, item("spec.servers", len(names)), map[string]any{
		"port": map[string]any{"number": 80, "name": unused("http", names), "protocol": "HTTP"}, "hosts": anyOf(o.texts(server + ".hosts")),
		"tls": map[string]any{"httpsRedirect": true}})
}

// spellings are words for protocols that Istio has another word for.
var spellings = map[string]string{
	"POSTGRES": "TCP", "POSTGRESQL": "TCP", "AMQP": "TCP", "KAFKA": "TCP", "LDAP": "TCP",
	"SMTP": "TCP", "SSH": "TCP", "SFTP": "TCP", "FTP": "TCP", "JDBC": "TCP",
	"ORACLE": "TCP", "MSSQL": "TCP", "MARIADB": "TCP", "MONGODB": "MONGO", "NATS": "TCP", "MQTT": "TCP", "SOCKS": "TCP", "SOCKS5": "TCP",
	"SSL": "TLS", "TLSV1.2": "TLS", "TLSV1.3": "TLS", "MTLS": "TLS", "LDAPS": "TLS",
	"AMQPS": "TLS", "SMTPS": "TLS", "MQTTS": "TLS", "WSS": "TLS", "GRPCS": "TLS",
	"H2": "TLS", "H2C": "HTTP2", "HTTP/2": "HTTP2", "HTTP/1.1": "HTTP", "HTTP1": "HTTP", "WS": "HTTP",
}

var protocols = []string{"HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-WEB", "TLS", "TCP", "MONGO", "MYSQL", "REDIS"}

// mendPort writes the name or protocol of a port. Names are for people: with a protocol beside it, any will do.
func mendPort(o patient, p *Problem) {
	port := p.Field
	for last(port) == "name" || last(port) == "protocol" || last(port) == "number" {
		port = parent(port)
	}
	protocol, number := o.text(port+".protocol"), o.value(port+".number")
	list, key := "spec.ports", ".name"
	if i := strings.Index(port, "]"); strings.HasSuffix(port, ".port") && i > 0 {
		list, key = port[:strings.IndexByte(port, '[')], ".port.name"
	}
	var taken []string
	for i := range o.list(list) {
		taken = append(taken, o.text(item(list, i)+key))
	}
	name := o.text(port + ".name")
	switch {
	case last(p.Field) == "protocol" || p.Kind == WrongValue && protocol != "" && !slices.Contains(protocols, strings.ToUpper(protocol)):
		right, known := spellings[strings.ToUpper(protocol)]
		if near := nearest(protocol, protocols); !known && near != "" {
			p.Fix = "did you mean " + near + "?"
			p.Edits = set(port+".protocol", near)
		} else if known {
			p.Fix = fmt.Sprintf("write %s, which is Istio's word for it", right)
			p.Edits, p.Safe = set(port+".protocol", right), right == "TCP" || right == "MONGO"
		}
	case number == nil:
	case p.Kind == Missing && name == "" && protocol != "":
		name = unused(portNameFor(protocol, number), taken)
		p.Fix = "set name, such as " + name
		p.Edits, p.Safe = set(port+".name", name), true
	case p.Kind == Missing && protocol == "" && fmt.Sprint(number) == "80":
		p.Fix = "set protocol to HTTP"
		p.Edits = set(port+".protocol", "HTTP")
	case last(p.Field) == "name" && name != "":
		right := asLabel(name)
		if right == "" || slices.Contains(taken, right) {
			return
		}
		p.Fix = "write " + right
		p.Edits, p.Safe = set(p.Field, right), true
		for i := range o.list("spec.endpoints") {
			at := item("spec.endpoints", i) + ".ports"
			if v := o.value(entryOf(at, name)); v != nil && list == "spec.ports" {
				p.Edits = append(p.Edits, Edit{Field: entryOf(at, name)}, Edit{Field: entryOf(at, right), Value: v})
			}
		}
	}
}

// asLabel makes a name one of small letters, digits and dashes, or "".
func asLabel(name string) string {
	name = strings.Trim(strings.NewReplacer("_", "-", ".", "-", " ", "-", "/", "-", ":", "-").Replace(strings.ToLower(name)), "-")
	if !isLabel(name) {
		return ""
	}
	return name
}

// mendServerName renames the second of two ports of one name.
func mendServerName(o patient, p *Problem) {
	at := strings.TrimSuffix(strings.TrimSuffix(p.Field, ".name"), ".port")
	name := o.text(at + ".port.name")
	if name == "" || !strings.HasPrefix(p.Message, "two servers") {
		return
	}
	var taken []string
	for i := range o.list("spec.servers") {
		taken = append(taken, o.text(item("spec.servers", i)+".port.name"))
	}
	right := unused(portNameFor(o.text(at+".port.protocol"), o.value(at+".port.number")), taken)
	p.Fix = "rename one of them, for example to " + right
	p.Edits = set(at+".port.name", right)
}
