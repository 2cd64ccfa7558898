package tyk

import (
	"encoding/json"
	"fmt"
)

// MeshTag is the tag of every mesh API: all sidecars load them.
const MeshTag = "mesh"

// A Definition is an API definition of Tyk in its classic form, which a dashboard's /api/apis and a gateway's app folder
// take.
type Definition struct {
	JSON []byte // the whole of it
	// What of it says where a request goes, read out of JSON. ID is the one that a dashboard gave it, or "".
	ID, Name, Slug, Domain string
	ListenPath, Target     string
	Tags, Certificates     []string
	// Mutual says that callers must show one of the certificates Client; Upstream are those that are shown to hosts.
	Mutual   bool
	Client   []string
	Upstream map[string]string
}

// Definitions are the two API definitions of a workload as the controller makes them: the mesh API, by which every sidecar
// sends requests to it, and the inbound API, by which its own sidecar hands them to its application.
//
// They are those of the built-in template: of the three in tyk/default_templates.go the one called default, for without a
// folder of templates the code never looks a template up by its name. So both add the header X-Tyk-Ingress-Request-ID, and
// the annotation [TemplateKey] does nothing. Only the inbound API gets what the annotations of [Settings] say.
//
// With TLS, the ids of certificates are appended to certificates afterwards; here that is the mesh's, where the configuration
// names it. An error says which annotation the controller would refuse the pod for.
func Definitions(w Workload, c Controller) (mesh, inbound Definition, err error) {
	scheme, certificates := "http", []string{}
	if c.Injector.EnableMeshTLS {
		scheme = "https"
		if id := c.Injector.MeshCertificateID; id != "" {
			certificates = []string{id}
		}
	}
	mesh, err = define(template{
		slug: w.App + "-mesh", org: c.Dashboard.Org, listen: w.Route, target: fmt.Sprintf("%s://%s:%d", scheme, w.Host(), SidecarPort),
		domain: MeshHosts[0], tag: MeshTag, certificates: certificates, hybrid: c.Dashboard.IsHybrid,
	}, nil)
	if err != nil {
		return mesh, inbound, err
	}
	inbound, err = define(template{
		slug: w.App + "-inbound", org: c.Dashboard.Org, listen: "/", target: fmt.Sprintf("http://localhost:%d", InboundPort),
		domain: w.Host(), tag: w.App, certificates: []string{}, hybrid: c.Dashboard.IsHybrid,
	}, w.Annotations)
	return mesh, inbound, err
}

// define fills the template in, and sets what annotations say.
func define(t template, annotations map[string]string) (Definition, error) {
	data, err := json.MarshalIndent(t.fill(), "", "  ")
	if err != nil {
		return Definition{}, err
	}
	if data, err = set(data, annotations); err != nil {
		return Definition{}, err
	}
	return ReadDefinition(data)
}

// ReadDefinition reads an API definition, given as JSON. What it is refused for, a gateway refuses it for too.
func ReadDefinition(data []byte) (Definition, error) {
	var d struct {
		ID string `json:"id"`
		definition
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return Definition{}, misread(err)
	}
	return Definition{
		JSON: data, ID: d.ID, Name: d.Name, Slug: d.Slug, Domain: d.Domain, ListenPath: d.Proxy.ListenPath, Target: d.Proxy.TargetURL,
		Tags: d.Tags, Certificates: d.Certificates, Mutual: d.UseMutualTLS, Client: d.Client, Upstream: d.Upstream,
	}, nil
}
