package schema

import (
	"slices"
	"strings"
)

// mendExport writes exportTo so that it says what its entries say together.
func mendExport(o patient, p *Problem) {
	const to = "spec.exportTo"
	all := o.texts(to)
	others := slices.DeleteFunc(slices.Clone(all), func(n string) bool { return n == "~" })
	switch {
	case p.Nearest != "" || len(all) == 0:
	case o.has("spec.workloadSelector") && strings.HasPrefix(p.Message, "with a workloadSelector"):
		p.Edits = set(to, []any{"."})
	case slices.Contains(all, "~") && len(others) > 0:
		if strings.HasPrefix(p.Fix, `remove "~"`) {
			p.Edits = set(to, anyOf(others))
		}
	case slices.Contains(all, "~"):
		p.Edits = set(to, []any{"."})
	case slices.Contains(all, "*") && len(all) > 1:
		p.Fix = `keep "*" alone, or remove it if only the others are meant`
		p.Edits = set(to, []any{"*"})
	}
}

// mendListener is for what Sidecars say.
func mendListener(o patient, p *Problem) {
	at := itemNumber.ReplaceAllString(p.Field, "[]")
	says := func(words string) bool { return strings.Contains(p.Message, words) }
	switch {
	case says("among the other hosts already"):
		p.Edits, p.Safe = o.drop(p.Field), true
	case says("*/* is every host"):
		list := parent(p.Field)
		if last(list) != "hosts" {
			list = p.Field + ".hosts"
		}
		p.Fix = "keep */* alone"
		p.Edits = set(list, []any{"*/*"})
	case at == "spec.egress[].hosts[]" && says("has no namespace"):
		mendSidecarHost(o, p)
	case says("has to be the last one"):
		mendOrder(o, p)
	case says("two listeners have the same port"):
		mendListenerTwice(o, p)
	}
}

// mendSidecarHost writes the namespace of a host: the one that is in the name of a Service, or all.
func mendSidecarHost(o patient, p *Problem) {
	host := o.text(p.Field)
	name, isService := strings.CutSuffix(host, ".svc.cluster.local")
	_, namespace, full := strings.Cut(name, ".")
	switch {
	case isService && full && isLabel(namespace):
		p.Fix = "write " + namespace + "/" + host
		p.Edits = set(p.Field, namespace+"/"+host)
	case strings.Contains(host, ".") && !strings.Contains(host, "/"):
		p.Fix = "write */" + host + `, or "./" for the own namespace alone`
		p.Edits = set(p.Field, "*/"+host)
	}
}

// mendOrder puts the listener without a port last; several of them become one.
func mendOrder(o patient, p *Problem) {
	const egress = "spec.egress"
	var hosts, portless []string
	for i := range o.list(egress) {
		at := item(egress, i)
		if o.has(at + ".port") {
			continue
		}
		if o.has(at+".bind") || o.has(at+".captureMode") {
			return
		}
		portless = append(portless, at)
		for _, host := range o.texts(at + ".hosts") {
			if !slices.Contains(hosts, host) {
				hosts = append(hosts, host)
			}
		}
	}
	p.Fix = "move it to the end"
	if len(portless) > 1 {
		p.Fix = "write one listener without port, the last one, with the hosts of all of them"
	}
	end := item(egress, len(o.list(egress))-1)
	p.Edits = set(item(egress, len(o.list(egress))), map[string]any{"hosts": anyOf(hosts)})
	if slices.Contains(portless, end) {
		p.Edits = set(end+".hosts", anyOf(hosts))
	}
	for _, at := range portless {
		if at != end {
			p.Edits = append(p.Edits, Edit{Field: at})
		}
	}
}

// mendListenerTwice merges two listeners that differ in their hosts alone.
func mendListenerTwice(o patient, p *Problem) {
	const egress = "spec.egress"
	for i := range o.list(egress) {
		for j := range i {
			one, two := item(egress, j), item(egress, i)
			number := o.value(two + ".port.number")
			if number == nil || number != o.value(one+".port.number") || o.text(one+".bind") != o.text(two+".bind") {
				continue
			}
			same := strings.EqualFold(o.text(one+".port.protocol"), o.text(two+".port.protocol")) && o.text(one+".captureMode") == o.text(two+".captureMode")
			if !same || !within(p.Field, two) && !within(p.Field, one) {
				return
			}
			hosts := o.texts(one + ".hosts")
			for _, host := range o.texts(two + ".hosts") {
				if !slices.Contains(hosts, host) {
					hosts = append(hosts, host)
				}
			}
			p.Fix = "write one listener with the hosts of both"
			p.Edits = replaced(two, one+".hosts", anyOf(hosts))
			return
		}
	}
}
