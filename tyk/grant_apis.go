package tyk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/tidwall/sjson"
)

// APIs are the API definitions that the matrix needs, given the ids of the clients' certificates by host. Of a callee that is
// open they are those of [Definitions]. Of one that asks for a certificate:
//
//   - inbound: with use_mutual_tls_auth, and the certificates of those let in, which the gateway holds a caller's against;
//   - a mesh API for each caller let in, tagged with its app, so that its sidecar alone loads it, and presenting its
//     certificate to <callee>:8080. A caller that is not let in has none, and its sidecar answers 404;
//   - mesh: tagged with nothing that a sidecar loads. It stays, for the controller makes one where it finds none of that slug.
//
// An error says whose certificate has no id here.
func (m Matrix) APIs(c Controller, ids map[string]ID) (all []Definition, err error) {
	if !c.Injector.EnableMeshTLS && len(m.Clients()) > 0 {
		return nil, fmt.Errorf("grants are client certificates, and without enableMeshTLS no sidecar asks for one")
	}
	for _, callee := range m.Workloads {
		mesh, inbound, err := Definitions(callee, c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", callee.Host(), err)
		}
		if !callee.Closed {
			all = append(all, mesh, inbound)
			continue
		}
		callers := m.Callers(callee.Host())
		public := []string{}
		for _, caller := range callers {
			id, ok := ids[caller]
			if !ok {
				return nil, fmt.Errorf("no client certificate of %s", caller)
			}
			public = append(public, id.Public)
			own, err := m.perCaller(mesh, callee, caller, id)
			if err != nil {
				return nil, err
			}
			all = append(all, own)
		}
		closed, err := edit(mesh, func(d map[string]any) {
			d["tags"], d["active"] = []string{callee.App + "-closed"}, false
		})
		if err == nil {
			inbound, err = edit(inbound, func(d map[string]any) {
				d["use_mutual_tls_auth"], d["client_certificates"] = true, public
			})
		}
		if err != nil {
			return nil, err
		}
		all = append(all, closed, inbound)
	}
	return all, nil
}

// perCaller is the mesh API of a callee for one caller.
func (m Matrix) perCaller(mesh Definition, callee Workload, caller string, id ID) (Definition, error) {
	return edit(mesh, func(d map[string]any) {
		slug, app := m.Slug(caller, callee), m.App(caller)
		d["name"], d["slug"], d["tags"] = slug+" #"+app, slug, []string{app}
		d["upstream_certificates"] = map[string]string{fmt.Sprintf("%s:%d", callee.Host(), SidecarPort): id.Private}
	})
}

// Slug is that of the mesh API by which one caller's sidecar reaches a callee.
func (m Matrix) Slug(caller string, callee Workload) string {
	return m.App(caller) + "-mesh-" + callee.App
}

// App is the label app of a host's workload, "" if there is no such host.
func (m Matrix) App(host string) string {
	for _, w := range m.Workloads {
		if w.Host() == host {
			return w.App
		}
	}
	return ""
}

// edit gives a definition with other values of top-level fields; new ones come last.
func edit(d Definition, change func(map[string]any)) (Definition, error) {
	changed := map[string]any{}
	change(changed)
	data := d.JSON
	for _, key := range slices.Sorted(maps.Keys(changed)) {
		var err error
		if data, err = put(data, key, changed[key]); err != nil {
			return Definition{}, err
		}
	}
	return ReadDefinition(data)
}

// put sets a field of a definition, and writes it as the rest is.
func put(data []byte, path string, value any) ([]byte, error) {
	data, err := sjson.SetBytes(data, path, value)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, data, "", "  ")
	return out.Bytes(), err
}
