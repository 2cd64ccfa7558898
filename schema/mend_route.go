package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// mendSNI makes sniHosts and spec.hosts agree.
func mendSNI(o patient, p *Problem) {
	hosts := o.texts("spec.hosts")
	if p.Kind == Missing {
		match := p.Field
		for last(match) != "" {
			match = parent(match)
		}
		if len(hosts) == 0 || slices.Contains(hosts, "*") || !strings.HasPrefix(match, "spec.tls[") || len(o.list(match+".sniHosts")) > 0 {
			return
		}
		p.Fix = "add the name that the clients ask for: sniHosts: [" + strings.Join(hosts, ", ") + "]"
		p.Edits = set(match+".sniHosts", anyOf(hosts))
		p.Safe = len(hosts) == 1 && len(o.list("spec.tls")) == 1
		return
	}
	name := o.text(p.Field)
	if name == "" {
		return
	}
	if len(hosts) == 1 && distance(name, hosts[0]) <= 2 {
		p.Fix = fmt.Sprintf("did you mean %s? Else add %s to spec.hosts", hosts[0], name)
		p.Edits = set(p.Field, hosts[0])
		return
	}
	p.Fix = fmt.Sprintf("add %s to spec.hosts, or correct it", name)
	p.Edits = set(item("spec.hosts", len(hosts)), name)
}

// mendStar names the hosts of a VirtualService for sidecars, where its routes lead to one.
func mendStar(o patient, p *Problem) {
	if !within(p.Field, "spec.hosts") || o.text(p.Field) != "*" {
		return
	}
	gateways := o.texts("spec.gateways")
	if i := slices.Index(gateways, "mesh"); i >= 0 && len(gateways) > 1 {
		p.Fix = "remove mesh from gateways, or list the hosts"
		p.Edits = o.drop(item("spec.gateways", i))
		return
	}
	var names []string
	for i := range o.list("spec.http") {
		for j := range o.list(item("spec.http", i) + ".route") {
			if name := o.text(item(item("spec.http", i)+".route", j) + ".destination.host"); name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 1 && len(o.list("spec.hosts")) == 1 {
		p.Fix = fmt.Sprintf("write %s, whose routes these are, or bind the VirtualService to a gateway", names[0])
		p.Edits = set(p.Field, names[0])
	}
}

// mendAuthority keeps rewrite.authority of what sets the Host.
func mendAuthority(o patient, p *Problem) {
	rule := p.Field
	for rule != "" && itemNumber.ReplaceAllString(rule, "[]") != "spec.http[]" {
		rule = parent(rule)
	}
	authority := o.text(rule + ".rewrite.authority")
	if authority == "" {
		return
	}
	var fields []string
	same := true
	for _, operation := range []string{"set", "add"} {
		at := rule + ".headers.request." + operation
		for _, key := range o.keys(at) {
			if strings.EqualFold(key, "host") || strings.EqualFold(key, ":authority") {
				fields = append(fields, entryOf(at, key))
				same = same && o.text(entryOf(at, key)) == authority
			}
		}
	}
	p.Fix = "remove the header, and keep rewrite.authority: " + authority
	p.Edits, p.Safe = o.drop(fields...), same
}

// mendTunnel writes the protocol that a tunnel is made by.
func mendTunnel(o patient, p *Problem) {
	if last(p.Field) == "protocol" && strings.HasPrefix(p.Message, "a tunnel is made by") {
		right := "CONNECT"
		if strings.EqualFold(o.text(p.Field), "POST") {
			right = "POST"
		}
		p.Fix = "write protocol: " + right
		p.Edits = set(p.Field, right)
	}
}

// mendEmpty removes what is empty, and what then would be.
func mendEmpty(o patient, p *Problem) { p.Edits, p.Safe = o.drop(p.Field), true }

// mendOld writes what took the place of a field.
func mendOld(o patient, p *Problem) {
	around := parent(p.Field)
	if old := around + ".mirror_percent"; last(p.Field) == "mirrorPercent" && o.has(old) {
		p.Field = old // which the API takes as well
	}
	switch value := o.value(p.Field); last(p.Field) {
	case "mirrorPercent", "mirror_percent":
		if !o.has(around + ".mirrorPercentage") {
			p.Fix = fmt.Sprintf("write mirrorPercentage: {value: %v}", value)
			p.Edits, p.Safe = replaced(p.Field, around+".mirrorPercentage", map[string]any{"value": value}), true
		}
	case "consecutiveErrors":
		if !o.has(around+".consecutive5xxErrors") && !o.has(around+".consecutiveGatewayErrors") {
			p.Edits = replaced(p.Field, around+".consecutive5xxErrors", value)
		}
	case "minimumRingSize":
		if !o.has(around+".ringHash") && !o.has(around+".maglev") {
			p.Fix = fmt.Sprintf("write ringHash: {minimumRingSize: %v}", value)
			p.Edits = replaced(p.Field, around+".ringHash", map[string]any{"minimumRingSize": value})
		}
	case "":
		if name, ok := strings.CutPrefix(p.Fix, "write "); ok && strings.HasPrefix(p.Message, "gateways are named") {
			p.Edits, p.Safe = set(p.Field, name), true
		}
	}
}

// mendUnserved writes what older versions have for what the target does not know.
func mendUnserved(o patient, p *Problem) {
	around := parent(p.Field)
	switch key := last(p.Field); {
	case p.Field == "apiVersion":
		mendRemoved(o, p)
	case key == "credentialNames" && len(o.list(p.Field)) == 1 && !o.has(around+".credentialName"):
		p.Edits = replaced(p.Field, around+".credentialName", o.list(p.Field)[0])
	case key == "mirrors" && len(o.list(p.Field)) == 1 && !o.has(around+".mirror"):
		mirror := item(p.Field, 0)
		p.Edits = replaced(p.Field, around+".mirror", o.value(mirror+".destination"))
		if percentage := o.value(mirror + ".percentage"); percentage != nil {
			p.Edits = append(p.Edits, set(around+".mirrorPercentage", percentage)...)
		}
	case key == "resolution" && o.text(p.Field) == "DNS_ROUND_ROBIN":
		p.Edits = set(p.Field, "DNS")
	case key == "resolution" && o.text(p.Field) == "DYNAMIC_DNS":
		p.Edits = set(p.Field, "NONE")
	case key == "route" && strings.HasPrefix(p.Message, "the weights add up"):
		p.Edits = percentages(o, p.Field)
	case strings.HasPrefix(p.Fix, "remove it") && key != "" || key == "mode" && p.Field == "spec.mode":
		p.Edits = o.drop(p.Field)
	}
}

// nameless are kinds whose objects no other names.
var nameless = []string{
	"DestinationRule", "ServiceEntry", "Sidecar", "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication", "EnvoyFilter", "Telemetry",
}

// mendRemoved writes the version that took the place of one that is gone, where its fields are the same.
func mendRemoved(o patient, p *Problem) {
	version, _, _ := strings.Cut(strings.TrimPrefix(p.Fix, "use "), ",")
	switch version {
	case "batch/v1", "policy/v1", "rbac.authorization.k8s.io/v1", "scheduling.k8s.io/v1", "apiregistration.k8s.io/v1":
	case "autoscaling/v2":
		if o.text("apiVersion") != "autoscaling/v2beta2" {
			return
		}
	case "networking.k8s.io/v1":
		if o.text("kind") != "NetworkPolicy" {
			return
		}
	case "apps/v1":
		labels := ownLabels(o)
		if !o.has("spec.selector") && labels == nil {
			return
		}
		if !o.has("spec.selector") {
			p.Edits = set("spec.selector.matchLabels", labels)
		}
	default:
		return
	}
	p.Edits = append(set("apiVersion", version), p.Edits...)
}

// ownLabels are the labels of a workload's pods that tell them from others, or all of them.
func ownLabels(o patient) map[string]any {
	labels, _ := o.value("spec.template.metadata.labels").(map[string]any)
	own := map[string]any{}
	for _, key := range []string{"app", "app.kubernetes.io/name", "app.kubernetes.io/instance", "version"} {
		if labels[key] != nil {
			own[key] = labels[key]
		}
	}
	if len(own) == 0 {
		own = labels
	}
	if len(own) == 0 {
		return nil
	}
	return own
}

// percentages are the weights of a list of routes so that they add up to 100.
func percentages(o patient, routes string) (edits []Edit) {
	var weights []int64
	sum := int64(0)
	for i := range o.list(routes) {
		w, _ := o.value(item(routes, i) + ".weight").(int64)
		weights = append(weights, w)
		sum += w
	}
	left := int64(100)
	for i, w := range weights {
		share := w * 100 / max(sum, 1)
		if i == len(weights)-1 {
			share = left
		}
		left -= share
		edits = append(edits, Edit{Field: item(routes, i) + ".weight", Value: share})
	}
	return edits
}

// mendValue is for what no other rule is about.
func mendValue(o patient, p *Problem) {
	switch {
	case strings.HasPrefix(p.Message, "these cipher suites are"):
		mendCiphers(o, p)
	case p.Field == "metadata.name":
		if name := asLabel(o.text(p.Field)); name != "" && slices.Contains(nameless, o.text("kind")) {
			p.Fix = "write " + name
			p.Edits = set(p.Field, name)
		}
	case strings.HasPrefix(p.Message, "selector is missing"):
		if labels := ownLabels(o); labels != nil {
			p.Edits = set("spec.selector.matchLabels", labels)
		}
	case p.Nearest != "" && p.Kind == WrongValue && p.Field != "kind" && p.Field != "apiVersion":
		p.Edits = set(p.Field, p.Nearest)
	case p.Fix == "remove value" || p.Fix == "remove httpHeaders, or terminate TLS at the router":
		p.Edits = o.drop(p.Field)
	case p.Fix == "remove the quotes":
		p.Edits = set(p.Field, json.RawMessage(o.text(p.Field)))
	case p.Fix == "write it as a list, even if of one item":
		p.Edits = set(p.Field, []any{o.value(p.Field)})
	}
}

// mendCiphers removes the cipher suites that are passed over.
func mendCiphers(o patient, p *Problem) {
	_, list, _ := strings.Cut(p.Message, ": ")
	passed := strings.Fields(strings.Trim(list, "[]"))
	at := p.Field
	if last(at) != "cipherSuites" {
		at = parent(at)
	}
	var fields, seen []string
	all := o.texts(at)
	for i, name := range all {
		if slices.Contains(passed, name) && (slices.Contains(seen, name) || !strings.HasPrefix(p.Message, "these cipher suites are duplicate")) {
			fields = append(fields, item(at, i))
		}
		seen = append(seen, name)
	}
	// Without any, the defaults would be allowed, as they are with none that is known.
	p.Edits, p.Safe = o.drop(fields...), true
}
