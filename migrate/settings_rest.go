package migrate

import "fmt"

// rest are the settings that come last: gateways, which are objects of their own, and what is laid over all else.
var rest = []setting{
	{path: "gateways", by: func(*migration, *plane, field) {}}, // gateways.go
	{path: "techPreview", by: techPreview},
}

// techPreview was laid over the values of the old charts, which were Istio's in the main.
func techPreview(m *migration, p *plane, f field) {
	block, _ := f.value.(tree)
	for _, section := range sorted(block) {
		at := field{append(f.keys[:len(f.keys):len(f.keys)], section), block[section]}
		inner, isMap := block[section].(tree)
		switch {
		case section == "meshConfig" && isMap || section == "global" && isMap:
			for _, key := range sorted(inner) {
				m.put(p, field{append(at.keys[:len(at.keys):len(at.keys)], key), inner[key]}, section+"."+key, inner[key], Entry{})
			}
		case section == "controlPlaneMode":
			m.tell(Entry{Class: Dropped, Says: "there is one mode: istiod sees the whole cluster, less what discoverySelectors leave out"}, p.object, at.name())
		case section == "gatewayAPI":
			m.tell(Entry{Class: Dropped, Says: "the Gateway API works without being switched on, where its CRDs are in the cluster"}, p.object, at.name())
		default:
			m.unknown(p, at)
		}
	}
}

// tracingType is who traces, and how much of it.
func tracingType(m *migration, p *plane, f field) {
	if fmt.Sprint(f.value) == "None" {
		m.put(p, f, "meshConfig.enableTracing", false, Entry{})
	} else {
		m.tracing(p, f.name(), fmt.Sprint(f.value))
	}
}

func (m *migration) tracing(p *plane, name, who string) {
	m.tell(Entry{
		Class: Decide, Says: fmt.Sprintf("proxies sent traces to the %s that the control plane installed, which is gone: none are sent", who),
		Do: "name a collector in Istio, spec.values.meshConfig.extensionProviders, and that provider in a Telemetry of the control plane's namespace, under tracing",
	}, p.object, name)
}

// sampling keeps how much is traced, for when there is somebody to send it to.
func (m *migration) sampling(p *plane) {
	name := field{[]string{"tracing", "sampling"}, nil}.name()
	value, said := get(p.spec, "tracing", "sampling").(int64)
	switch {
	case get(p.spec, "tracing", "sampling") == nil:
	case getText(p.spec, "tracing", "type") == "None" || !said:
		m.tell(Entry{Class: Dropped, Says: "nothing is traced"}, p.object, name)
	default:
		percent := float64(value) / 100
		m.make("how much of the traffic is traced", tree{
			"apiVersion": "telemetry.istio.io/" + m.to.IstioAPI(), "kind": "Telemetry",
			"metadata": tree{"namespace": p.namespace, "name": "mesh-default"},
			"spec":     tree{"tracing": []any{tree{"randomSamplingPercentage": percent}}},
		})
		m.tell(Entry{
			Class: Mapped, Became: "Telemetry " + p.namespace + "/mesh-default, spec.tracing[0].randomSamplingPercentage",
			Says: fmt.Sprintf("%d hundredths of a percent are %v %%", value, percent),
		}, p.object, name)
	}
	if get(p.spec, "tracing", "type") == nil {
		m.tracing(p, "spec.tracing", "Jaeger")
	}
}
