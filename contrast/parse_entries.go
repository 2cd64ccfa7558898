package contrast

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func sortStable(all Faults) {
	slices.SortStableFunc(all, func(a, b *Fault) int { return cmp.Compare(a.Offset, b.Offset) })
}

// readIngress reads NAME#PORT#BOOL entries, or [Disabled].
func (g Generation) readIngress(text string) entries[Ingress] {
	var e entries[Ingress]
	if text == Disabled {
		e.faults = Faults{{Kind: SaysDisabled, Field: InIngress, Length: len(text), Stricter: g != Legacy, What: Disabled + " is no entry",
			Why: "sidecars before 1.13 stop at it, and later ones leave every port as open as if there were no mesh",
			Fix: "leave the string empty, which asks for a client certificate on every port: a pod that nothing calls needs no more"}}
		return e
	}
	for _, s := range split(text) {
		if !e.threeParts(InIngress, s, "NAME#PORT#BOOL") {
			continue
		}
		port, portErr := strconv.Atoi(s.parts[1])
		if portErr != nil {
			e.wrong(PortSyntax, InIngress, s, PortPart, "%q is not a port", "ports are written in digits", "write the port that the application listens on")
		}
		open, boolErr := strconv.ParseBool(s.parts[2])
		if boolErr != nil {
			e.wrong(TLSSyntax, InIngress, s, TLSPart, "%q is neither true nor false", "it says whether the port has no TLS at all",
				"write false for TLS without a client certificate, true for no TLS, or take the entry out for mutual TLS")
		}
		if portErr != nil || boolErr != nil {
			continue
		}
		model := Ingress{Name: s.parts[0], Port: port, TLS: ServerTLS}
		if open {
			model.TLS = NoTLS
		}
		e.models, e.spans = append(e.models, model), append(e.spans, s)
	}
	return e
}

// readEgress reads NAME#LISTEN#REMOTE entries. What the sockets are, the checker sees.
func readEgress(text string) entries[Egress] {
	var e entries[Egress]
	for _, s := range split(text) {
		if e.threeParts(InEgress, s, "NAME#LISTEN#REMOTE") {
			e.models, e.spans = append(e.models, Egress{Name: s.parts[0], Listen: s.parts[1], Remote: s.parts[2]}), append(e.spans, s)
		}
	}
	return e
}

func (e *entries[M]) threeParts(field Field, s span, form string) bool {
	if len(s.parts) == 3 {
		return true
	}
	f := &Fault{Kind: EntrySyntax, Field: field, Entry: s.entry, What: fmt.Sprintf("%q has %d parts", strings.Join(s.parts, "#"), len(s.parts)),
		Why: "an entry has three, as in " + form, Fix: "write the three with # between them, and ## between entries"}
	if len(s.parts) == 1 {
		f.What = fmt.Sprintf("%q has only one part", s.parts[0])
	}
	f.Offset, f.Length = s.at(-1)
	e.faults = append(e.faults, f)
	return false
}

// wrong is a part that cannot be read. what has one verb, for the part.
func (e *entries[M]) wrong(kind Kind, field Field, s span, part, what, why, fix string) {
	f := &Fault{Kind: kind, Field: field, Entry: s.entry, Part: part, What: fmt.Sprintf(what, s.parts[partAt[part]]), Why: why, Fix: fix}
	f.Offset, f.Length = s.at(partAt[part])
	e.faults = append(e.faults, f)
}
