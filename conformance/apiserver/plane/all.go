package plane

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// All are the objects of all kinds that the API server stores, by kind, namespace and name, each with its
// resourceVersion. Left out is what the server itself renews as time goes by.
func (p *Plane) All() (map[string]string, error) {
	groups, err := p.request(http.MethodGet, "/apis", nil)
	if err != nil {
		return nil, err
	}
	versions := []string{"v1"}
	list, _ := groups["groups"].([]any)
	for _, g := range list {
		preferred, _ := g.(map[string]any)["preferredVersion"].(map[string]any)
		version, _ := preferred["groupVersion"].(string)
		versions = append(versions, version)
	}
	all := map[string]string{}
	for _, version := range versions {
		data, err := p.call(http.MethodGet, base(version), nil)
		if err != nil {
			return nil, err
		}
		var served struct {
			Resources []struct {
				Name, Kind string
				Verbs      []string
			}
		}
		if err := json.Unmarshal(data, &served); err != nil {
			return nil, err
		}
		for _, r := range served.Resources {
			if strings.Contains(r.Name, "/") || !slices.Contains(r.Verbs, "list") || renewed[r.Kind] {
				continue
			}
			data, err := p.callFor(metadataOnly, http.MethodGet, base(version)+"/"+r.Name, nil)
			if err != nil {
				return nil, err
			}
			var list struct{ Items []Object }
			if err := json.Unmarshal(data, &list); err != nil {
				return nil, err
			}
			for _, o := range list.Items {
				all[version+" "+r.Kind+" "+o.Namespace()+"/"+o.Name()] = o.meta("resourceVersion")
			}
		}
	}
	return all, nil
}

// metadataOnly spares the rest: the schemas of CustomResourceDefinitions are megabytes.
const metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

// renewed are the kinds of what the server keeps for itself and renews.
var renewed = map[string]bool{"Event": true, "Lease": true, "ComponentStatus": true, "Endpoints": true, "EndpointSlice": true, "StorageVersion": true}
