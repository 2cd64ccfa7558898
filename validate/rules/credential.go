package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var credentialCauses = []traffic.Cause{
	traffic.SecretMissing, traffic.SecretElsewhere, traffic.SecretKeys, traffic.SecretForbidden, traffic.UnknownProvider, traffic.ConfigMapMissing,
}

// credentialPlace is where a credential is named that a proxy needs at the hop where a way ends.
func credentialPlace(p *validate.Pass, h *traffic.Hop) validate.Place {
	if server, ok := validate.Decided(h, "Gateway"); ok && h.Terminates != nil && h.Wire.Mode == "" {
		return serverPlace(p, h, server)
	}
	if rule, ok := validate.Decided(h, "DestinationRule"); ok {
		return credentialAt(p, rule)
	}
	return validate.Place{}
}

// serverPlace is where the server names its certificate that takes off the TLS at a hop.
func serverPlace(p *validate.Pass, h *traffic.Hop, server traffic.Decision) validate.Place {
	if g, at := serverFor(p, h); g.Object != nil {
		return p.At(g.Object, at+".tls.credentialName")
	}
	return p.Of(server)
}

// credentialMiss says why a proxy does not get a certificate that it needs.
func credentialMiss(p *validate.Pass, b *validate.Break) verdict {
	h, n := b.Last()
	why := after(b.Outcome.Reason, "cannot agree on TLS: ")
	if _, rest, ok := strings.Cut(why, h.Cluster+": "); ok && h.Cluster != "" {
		why = rest
	}
	namespace, _, _ := strings.Cut(h.Workload, "/")
	place := credentialPlace(p, h)
	v := verdict{hop: n, finding: validate.Finding{
		Place:       place,
		Category:    validate.NoSecret,
		Message:     fmt.Sprintf("%s cannot get what %s names: %s", by(h), place.Object, why),
		Consequence: "the proxy waits for a certificate that never comes: connections are reset, 503 UF, secret not supplied",
	}}
	f := &v.finding
	secret := strings.Join(secretsAt(h)[:min(1, len(secretsAt(h)))], "")
	_, name, _ := strings.Cut(secret, "/")
	switch b.Outcome.Cause {
	case traffic.SecretMissing:
		v.rule = "MSH501"
		f.Fix = fmt.Sprintf("create Secret %s in namespace %s, where the proxy runs, or correct credentialName", name, namespace)
		if len(validation.IsDNS1123Subdomain(name)) > 0 {
			f.Fix = fmt.Sprintf("write the name of a Secret of namespace %s", namespace)
			break
		}
		if other := meant(p, h, namespace); other != "" && strings.HasSuffix(place.Field, ".credentialName") {
			f.Fix = fmt.Sprintf("name Secret %s, which has what is needed, by credentialName; or create Secret %s in namespace %s, where the proxy runs", other, name, namespace)
			f.Edits = []validate.Edit{{Object: place.Object, Field: place.Field, Value: other}}
		}
	case traffic.ConfigMapMissing:
		v.rule = "MSH501"
		f.Fix = "create the ConfigMap, with the CA under ca.crt, or correct credentialName"
		for _, c := range p.Objects.ConfigMaps {
			if h.Verify.Server.CA == "configmap "+c.ID.Namespace+"/"+c.ID.Name {
				v.rule = "MSH517"
				f.Related = []validate.Place{p.At(c.Object, "data")}
				f.Message = fmt.Sprintf("%s cannot get what %s names: %s has neither ca.crt nor cacert under data", by(h), place.Object, c.ID)
				f.Fix = fmt.Sprintf("put the CA under data of %s as ca.crt", c.ID)
				if key := caKey(c.Spec); key != "" {
					f.Fix = fmt.Sprintf("rename %s of %s to ca.crt", key, c.ID)
					object := p.At(c.Object, "").Object
					f.Edits = []validate.Edit{{Object: object, Field: fmt.Sprintf("data[%q]", key)}, {Object: object, Field: `data["ca.crt"]`, Value: c.Spec.Data[key]}}
				}
			}
		}
	case traffic.SecretElsewhere:
		v.rule, f.Category = "MSH502", validate.SecretNamespace
		f.Fix = fmt.Sprintf("create Secret %s in namespace %s too: a proxy is given Secrets of its own namespace only", name, namespace)
		if f.Edits = moved(p, name, namespace); f.Edits != nil {
			f.Fix = fmt.Sprintf("move Secret %s to namespace %s, or create it there too: a proxy is given Secrets of its own namespace only", name, namespace)
		}
		for _, s := range p.Objects.Secrets {
			if s.ID.Name == name {
				f.Related = append(f.Related, p.At(s.Object, "metadata.namespace"))
			}
		}
		for _, m := range makersOf(p, name) {
			f.Related = append(f.Related, p.At(m.Object, m.Field))
			f.Fix = fmt.Sprintf("make Secret %s in namespace %s, where the proxy runs: %s makes it in namespace %s, and a proxy is given Secrets of its own only", name, namespace, m.ID, m.Namespace)
		}
	case traffic.SecretKeys:
		v.rule = "MSH504"
		f.Fix = fmt.Sprintf("add tls.crt and tls.key to Secret %s", secret)
		if strings.HasSuffix(why, "ca.crt") {
			f.Fix = fmt.Sprintf("add ca.crt, the CA of the other side, to Secret %s; or make a Secret %s-cacert beside it that has it", secret, name)
		}
		if s, held := secretsOf(p)[secret]; held {
			f.Message += ", only " + orNone(keysOf(s))
			f.Related = []validate.Place{p.At(s.Object, "data")}
			break
		}
		for _, m := range makersOf(p, name) {
			if m.Namespace == namespace || m.Namespace == "" {
				f.Severity = validate.Warning // what is made may have more than is told
				f.Message += fmt.Sprintf(", only %s, as %s makes it", orNone(m.Keys), m.ID)
				f.Related = []validate.Place{p.At(m.Object, m.Field)}
			}
		}
	case traffic.SecretForbidden:
		v.rule = "MSH513"
		f.Consequence = "istiod logs that the proxy is not authorized to read secrets, and the proxy waits for its certificate: 503 UF, secret not supplied"
		f.Fix = fmt.Sprintf("write a Role for secrets (get, list, watch) in namespace %s", namespace)
		if pod, ok := p.Index.Pod(h.Workload); ok {
			f.Fix += fmt.Sprintf(", and a RoleBinding of it to ServiceAccount %s", pod.Account)
			if !pod.Assumed {
				f.Edits = letRead(p, place.Object, namespace, pod.Account)
			}
		}
	case traffic.UnknownProvider:
		v.rule = "MSH517"
		f.Fix = fmt.Sprintf("name a Secret of namespace %s, without a scheme before its name", namespace)
		if name := credentialName(p, h); strings.Contains(name, "://") && strings.HasSuffix(place.Field, ".credentialName") {
			name = name[strings.LastIndexByte(name, '/')+1:]
			f.Fix += ": " + name
			f.Edits = []validate.Edit{{Object: place.Object, Field: place.Field, Value: name}}
		}
	}
	return v
}

// keysOf are the keys of a Secret, for people.
func keysOf(s secretOf) []string {
	values := valuesOf(s).Data
	keys := slices.Sorted(maps.Keys(values))
	for i, key := range keys {
		if string(values[key]) == formOf {
			keys[i] += " (empty)"
		}
	}
	return keys
}

// makersOf are the objects that make Secrets of a name.
func makersOf(p *validate.Pass, name string) []traffic.Maker {
	return slices.DeleteFunc(slices.Clone(p.Index.Makers()), func(m traffic.Maker) bool { return m.Kind != "Secret" || m.Name != name })
}
