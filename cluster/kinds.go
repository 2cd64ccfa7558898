package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/meshscenario/scenario/bundle"
)

// others are the kinds without a typed form that decide where requests go. A class of gateways, which each istiod makes
// by itself, decides nothing.
var others = []bundle.Kind{
	{Group: "gateway.networking.k8s.io", Kind: "BackendTLSPolicy"},
	{Group: "gateway.networking.k8s.io", Kind: "GRPCRoute"},
	{Group: "gateway.networking.k8s.io", Kind: "Gateway"},
	{Group: "gateway.networking.k8s.io", Kind: "HTTPRoute"},
	{Group: "gateway.networking.k8s.io", Kind: "ListenerSet"},
	{Group: "gateway.networking.k8s.io", Kind: "TCPRoute"},
	{Group: "gateway.networking.k8s.io", Kind: "TLSRoute"},
}

// narrowed are selectors of kinds of which most objects cannot matter.
var narrowed = map[string]struct{ field, label string }{
	// Tokens, passwords of registries and releases of charts never reach this machine.
	"/Secret": {field: "type!=kubernetes.io/service-account-token,type!=kubernetes.io/dockercfg," +
		"type!=kubernetes.io/dockerconfigjson,type!=helm.sh/release.v1,type!=bootstrap.kubernetes.io/token," +
		"type!=kubernetes.io/basic-auth,type!=kubernetes.io/ssh-auth"},
	"/Pod": {field: "status.phase!=Succeeded,status.phase!=Failed"},
	// What Kubernetes writes follows from Services and pods.
	"discovery.k8s.io/EndpointSlice": {label: "endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io"},
}

// A resource is a kind as the server serves it.
type resource struct {
	group, version, kind string
	plural               string
	namespaced           bool
}

func (r resource) apiVersion() string {
	if r.group == "" {
		return r.version
	}
	return r.group + "/" + r.version
}

// path is where its objects are listed; the namespace "" is all of them.
func (r resource) path(namespace string) string {
	path := groupPath(r.apiVersion())
	if r.namespaced && namespace != "" {
		path += "/namespaces/" + namespace
	}
	return path + "/" + r.plural
}

func groupPath(apiVersion string) string {
	if strings.Contains(apiVersion, "/") {
		return "/apis/" + apiVersion
	}
	return "/api/" + apiVersion
}

// wanted are the kinds to read, by group. Endpoints are left out: Kubernetes writes them anew as EndpointSlices.
func wanted() map[string][]bundle.Kind {
	all := map[string][]bundle.Kind{}
	for _, k := range slices.Concat(bundle.Kinds(), others) {
		if k.Group != "" || k.Kind != "Endpoints" {
			all[k.Group] = append(all[k.Group], k)
		}
	}
	return all
}

// discover asks which of the wanted kinds the server has, each in the version that it ranks first of those that are
// known here. A kind that it serves in others alone, and a group that does not answer, is unread.
func discover(ctx context.Context, c *rest.RESTClient) ([]resource, []bundle.Unread, error) {
	var list metav1.APIGroupList
	if err := get(ctx, c, "/apis", &list); err != nil {
		return nil, nil, err
	}
	served := map[string][]string{"": {"v1"}} // by group, as the server ranks them
	for _, g := range list.Groups {
		for _, v := range g.Versions {
			served[g.Name] = append(served[g.Name], v.GroupVersion)
		}
	}
	var (
		mutex     sync.Mutex
		resources []resource
		unread    []bundle.Unread
		jobs      []func(context.Context) error
	)
	for group, kinds := range wanted() {
		if len(served[group]) == 0 {
			continue
		}
		jobs = append(jobs, func(ctx context.Context) error {
			found, missing, err := inGroup(ctx, c, served[group], kinds)
			mutex.Lock()
			defer mutex.Unlock()
			resources = append(resources, found...)
			unread = append(unread, missing...)
			return err
		})
	}
	err := parallel(ctx, jobs)
	return resources, unread, err
}

// inGroup finds kinds in the versions of their group.
func inGroup(ctx context.Context, c *rest.RESTClient, versions []string, kinds []bundle.Kind) (found []resource, missing []bundle.Unread, err error) {
	of := map[string]resource{}
	elsewhere := map[string]string{}
	for _, apiVersion := range versions {
		var list metav1.APIResourceList
		err := get(ctx, c, groupPath(apiVersion), &list)
		switch {
		case apierrors.IsNotFound(err):
			continue
		case apierrors.IsServiceUnavailable(err) || apierrors.IsForbidden(err):
			// Somebody else's server, behind this one.
			for _, k := range kinds {
				missing = append(missing, bundle.Unread{Group: k.Group, Kind: k.Kind, Reason: reason(err)})
			}
			return nil, missing, nil
		case err != nil:
			return nil, nil, err
		}
		version := apiVersion[strings.LastIndex(apiVersion, "/")+1:]
		for _, r := range list.APIResources {
			i := slices.IndexFunc(kinds, func(k bundle.Kind) bool { return k.Kind == r.Kind })
			if i < 0 || !slices.Contains(r.Verbs, "list") || strings.Contains(r.Name, "/") {
				continue
			}
			if kinds[i].Versions != nil && !slices.Contains(kinds[i].Versions, version) {
				elsewhere[r.Kind] = apiVersion
				continue
			}
			if _, known := of[r.Kind]; !known {
				of[r.Kind] = resource{kinds[i].Group, version, r.Kind, r.Name, r.Namespaced}
			}
		}
	}
	for _, k := range kinds {
		if r, ok := of[k.Kind]; ok {
			found = append(found, r)
		} else if apiVersion := elsewhere[k.Kind]; apiVersion != "" {
			missing = append(missing, bundle.Unread{Group: k.Group, Kind: k.Kind, Reason: "the server has it as " + apiVersion + ", which is not known here"})
		}
	}
	return found, missing, nil
}

// get reads a document of JSON.
func get(ctx context.Context, c *rest.RESTClient, path string, into any) error {
	data, err := c.Get().AbsPath(path).Do(ctx).Raw()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
