package tyk

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/tidwall/sjson"
)

// An ID is what Tyk's store calls a client certificate, twice: a gateway before 3.2 lets in only certificates stored without
// their key, and shows only those stored with it, while the store has one place for each id
// (https://github.com/TykTechnologies/tyk/blob/v2.8.4/certs/manager.go, isCertCanBeListed). So a caller's certificate is
// stored with its key for its organisation, and once more without both: the ids differ by the organisation's.
type ID struct {
	Private string // with the key: the value of upstream_certificates
	Public  string // without: an item of client_certificates
}

// IDOf is what a certificate is called in the store of an organisation.
func IDOf(c *x509.Certificate, org string) ID {
	sum := sha256.Sum256(c.Raw)
	print := hex.EncodeToString(sum[:])
	return ID{Private: org + print, Public: print}
}

// Fingerprint is the part of an id that is made of the certificate: its last 64 letters.
func Fingerprint(id string) string { return id[max(len(id)-2*sha256.Size, 0):] }

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
	i := slices.IndexFunc(m.Workloads, func(w Workload) bool { return w.Host() == caller })
	app := m.Workloads[i].App
	return edit(mesh, func(d map[string]any) {
		slug := app + "-mesh-" + callee.App
		d["name"], d["slug"], d["tags"] = slug+" #"+app, slug, []string{app}
		d["upstream_certificates"] = map[string]string{fmt.Sprintf("%s:%d", callee.Host(), SidecarPort): id.Private}
	})
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
