package istiod

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// secretsOfTraps are what the traps leave to the cluster.
const secretsOfTraps = `
apiVersion: v1
kind: Secret
metadata: {name: ext-client, namespace: istio-egress}
stringData: {tls.crt: a certificate, tls.key: its key, ca.crt: the partner's CA}
---
apiVersion: v1
kind: Secret
metadata: {name: web-tls, namespace: istio-ingress}
stringData: {tls.crt: a certificate, tls.key: its key}
`

var trapComment = regexp.MustCompile(`(?m)^# (target|request): (.+)$`)

// TestTraps follows the requests of the traps (validate/testdata/traps/README.adoc) through istiod's configuration.
func TestTraps(t *testing.T) {
	files, err := filepath.Glob("../../validate/testdata/traps/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no traps: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		if strings.HasPrefix(name, "T11") {
			continue // federation, which upstream's istiod does not have
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b, err := judge.Parse(file, data)
		if err != nil {
			t.Fatal(err)
		}
		var on string
		var requests []string
		for _, m := range trapComment.FindAllStringSubmatch(string(data), -1) {
			if m[1] == "target" {
				on = m[2]
			} else {
				requests = append(requests, m[2])
			}
		}
		i := slices.IndexFunc(tested.targets, func(t target) bool { return t.Name == on })
		if i < 0 {
			t.Fatalf("%s: target %q", name, on)
		}
		world := judge.Stock()
		if strings.HasPrefix(on, "ossm-2") {
			world, b = maistra(t, tested.targets[i], b)
		}
		if strings.HasPrefix(name, "T34") {
			secrets, err := judge.Parse("secrets", []byte(secretsOfTraps))
			if err != nil {
				t.Fatal(err)
			}
			b = b.And(secrets)
		}
		if err := judge.In(world.And(b), judge.Options{}, func(w *judge.World) error {
			for _, r := range requests {
				if err := askTrap(w, r); err != nil {
					t.Errorf("%s: %s: %v", name, r, err)
				}
			}
			return nil
		}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// askTrap follows one request, written as in the comments of traps, and holds it against what is written there.
func askTrap(w *judge.World, text string) error {
	words := strings.Fields(text)
	r := judge.Request{From: words[0], To: words[1]}
	u, err := url.Parse(r.To)
	if err != nil {
		return err
	}
	ends, wires, at := "arrives", "", u.Hostname()
	if r.From == "outside" {
		at = "-"
	}
	for _, word := range words[2:] {
		key, value, _ := strings.Cut(word, "=")
		field := map[string]*string{"server": &r.Server, "credential": &r.Credential, "sni": &r.SNI, "ends": &ends, "wires": &wires, "at": &at}[key]
		if field == nil {
			return fmt.Errorf("unknown word %q", word)
		}
		*field = value
	}
	path, err := w.Walk(r)
	if err != nil {
		return err
	}
	for _, way := range append([]judge.Path{path}, path.Else...) {
		var seen []string
		reached := ""
		for _, h := range way.Hops {
			if h.Proxy != "application" && h.Wire.Mode != "" {
				seen = append(seen, fmt.Sprintf("%s:%d", h.Wire.Mode, h.Wire.Layers))
			}
			if parts := strings.Split(h.Cluster, "|"); parts[0] == "outbound" {
				reached = parts[len(parts)-1]
			}
		}
		switch got := strings.Join(seen, ","); {
		case string(way.Outcome.Code) != ends:
			return fmt.Errorf("%s: %s; want %s", way.Outcome.Code, way.Outcome.Reason, ends)
		case wires != "" && got != wires:
			return fmt.Errorf("on the wire: %s; want %s", got, wires)
		case at != "-" && ends != "passthrough" && reached != at:
			return fmt.Errorf("reaches %s; want %s", reached, at)
		}
	}
	return nil
}

// maistra is what the operator of OpenShift Service Mesh 2 makes of a bundle's own objects of its kinds, and the rest of
// the bundle as far as that mesh sees it.
func maistra(t *testing.T, on target, b *judge.Bundle) (world, seen *judge.Bundle) {
	t.Helper()
	members := []string{"", "istio-system"}
	outbound, strict := "ALLOW_ANY", false
	var rest []judge.Object
	for _, o := range b.Objects {
		var spec struct {
			Spec struct {
				Members []string
				Proxy   struct {
					Networking struct {
						TrafficControl struct{ Outbound struct{ Policy string } }
					}
				}
				Security struct{ DataPlane struct{ MTLS bool } }
			}
		}
		switch o.Kind {
		case "ServiceMeshControlPlane", "ServiceMeshMemberRoll":
			if err := json.Unmarshal(o.JSON, &spec); err != nil {
				t.Fatal(err)
			}
			members = append(members, spec.Spec.Members...)
			if o.Kind == "ServiceMeshControlPlane" {
				outbound, strict = spec.Spec.Proxy.Networking.TrafficControl.Outbound.Policy, spec.Spec.Security.DataPlane.MTLS
			}
		default:
			rest = append(rest, o)
		}
	}
	seen = &judge.Bundle{}
	for _, o := range rest {
		if slices.Contains(members, o.Namespace) {
			seen.Objects = append(seen.Objects, o)
		}
	}
	stock, err := os.ReadFile("judge/stock.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`namespace: istio-(egress|ingress)\b`).ReplaceAllString(string(stock), "namespace: istio-system")
	text = strings.ReplaceAll(text, "REGISTRY_ONLY", outbound)
	if strict {
		host := "*.local"
		if slices.Contains(on.Gates, "meshWideMTLSClusterLocal") {
			host = "*.cluster.local"
		}
		text += "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: default, namespace: istio-system}\n" +
			"spec: {host: '" + host + "', trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}\n"
	} else {
		text = strings.ReplaceAll(text, "mode: STRICT", "mode: PERMISSIVE")
	}
	world, err = judge.Parse("operator", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return world, seen
}
