package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// odd are the commands of testdata/odd.txt, which conformance/apiserver reads too.
func odd(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/odd.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, line := range strings.Split(string(data), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

// renderOdd renders the odd parameters on every target.
func renderOdd(t *testing.T, check func(name string, target mesh.Target, b *bundle.Bundle)) {
	t.Helper()
	for _, args := range odd(t) {
		for _, target := range mesh.Targets {
			name := args + " on " + target.Name
			command := append(strings.Fields(args), "--target", target.Name, "-o", "json")
			b, stderr := bundleOf(t, name, command)
			if strings.Contains(stderr, "scenario: ") {
				t.Errorf("%s: %s", name, stderr)
			}
			check(name, target, b)
		}
	}
}

// bundleOf is what a command prints as JSON, and its stderr.
func bundleOf(t *testing.T, name string, command []string) (*bundle.Bundle, string) {
	t.Helper()
	var out, errOut bytes.Buffer
	if status := run(command, strings.NewReader(""), &out, &errOut); status != exitDone {
		t.Fatalf("%s: exit %d: %s", name, status, errOut.String())
	}
	var list struct{ Items []map[string]any }
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	b := &bundle.Bundle{}
	for _, tree := range list.Items {
		o, err := bundle.NewObject(tree)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		b.Objects = append(b.Objects, o)
	}
	return b, errOut.String()
}

// TestOddParameters holds what must be true of any bundle.
func TestOddParameters(t *testing.T) {
	check := func(name string, _ mesh.Target, b *bundle.Bundle) {
		var trees []map[string]any
		for _, o := range b.Objects {
			trees = append(trees, o.Tree())
		}
		for _, fault := range invariants(trees) {
			t.Errorf("%s: %s", name, fault)
		}
	}
	renderOdd(t, check)
	renderAll(t, check)
}

// at reads a path of an object: fields, and the items of lists as they come.
func at(v any, path ...string) []any {
	if list, ok := v.([]any); ok {
		var all []any
		for _, item := range list {
			all = append(all, at(item, path...)...)
		}
		return all
	}
	if len(path) == 0 {
		return []any{v}
	}
	m, ok := v.(map[string]any)
	if !ok || m[path[0]] == nil {
		return nil
	}
	return at(m[path[0]], path[1:]...)
}

// invariants lists what is wrong with a bundle, whatever it is for.
func invariants(objects []map[string]any) []string {
	var faults []string
	var servers, namespaces, members []any
	entries := map[string][]any{} // the ports of a host, as its namespace sees them
	seen := func(o map[string]any, host any) string { return fmt.Sprint(at(o, "metadata", "namespace"), host) }
	routes := map[any]int{}
	for _, o := range objects {
		switch o["kind"] {
		case "Gateway":
			servers = append(servers, at(o, "spec", "servers", "hosts")...)
		case "ServiceEntry":
			for _, h := range at(o, "spec", "hosts") {
				entries[seen(o, h)] = append(entries[seen(o, h)], at(o, "spec", "ports", "number")...)
			}
		case "Route":
			routes[at(o, "spec", "host")[0]]++
		case "Namespace":
			namespaces = append(namespaces, at(o, "metadata", "name")...)
		case "ServiceMeshMember":
			if at(o, "metadata", "namespace")[0] == at(o, "spec", "controlPlaneRef", "namespace")[0] {
				faults = append(faults, "the control plane is a member of its own mesh")
			}
			members = append(members, at(o, "metadata", "namespace")...)
		}
	}
	for host, n := range routes {
		if n > 1 {
			faults = append(faults, fmt.Sprintf("%d Routes for %s", n, host))
		}
	}
	for _, m := range members {
		if len(namespaces) > 0 && !slices.Contains(namespaces, m) {
			faults = append(faults, fmt.Sprintf("a member of a namespace that is not there: %s", m))
		}
	}
	for _, o := range objects {
		name := fmt.Sprintf("%s %s", o["kind"], at(o, "metadata", "name")[0])
		switch o["kind"] {
		case "DestinationRule":
			for _, tls := range append(at(o, "spec", "subsets", "trafficPolicy", "portLevelSettings", "tls"), at(o, "spec", "trafficPolicy", "portLevelSettings", "tls")...) {
				m := tls.(map[string]any)
				switch m["mode"] {
				case "ISTIO_MUTUAL":
					if !slices.Contains(servers, m["sni"]) {
						faults = append(faults, fmt.Sprintf("%s: no gateway server for sni %v", name, m["sni"]))
					}
				case "SIMPLE", "MUTUAL":
					if m["sni"] == nil || m["subjectAltNames"] == nil || m["credentialName"] == nil && m["caCertificates"] == nil {
						faults = append(faults, name+": the server is not verified by CA and name")
					}
				}
			}
			ports := entries[seen(o, at(o, "spec", "host")[0])]
			for _, port := range at(o, "spec", "trafficPolicy", "portLevelSettings", "port", "number") {
				if !slices.Contains(ports, port) {
					faults = append(faults, fmt.Sprintf("%s: port %v is none of %v of the host", name, port, ports))
				}
			}
		case "VirtualService":
			for _, d := range append(at(o, "spec", "http", "route", "destination"), at(o, "spec", "tls", "route", "destination")...) {
				m := d.(map[string]any)
				ports := entries[seen(o, m["host"])]
				if port := at(m, "port", "number"); ports != nil && !slices.Contains(ports, port[0]) {
					faults = append(faults, fmt.Sprintf("%s: sends to port %v of %v, which has %v", name, port[0], m["host"], ports))
				}
			}
			if strings.Contains(name, " redirect-") && len(at(o, "spec", "http")) != len(at(o, "spec", "http", "match", "port")) {
				faults = append(faults, name+": takes other ports too")
			}
		}
	}
	return faults
}
