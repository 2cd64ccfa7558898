package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"

	"github.com/meshscenario/scenario/bundle"
)

// Read reads a cluster's objects: every kind that [bundle.Kinds] lists and the server has, and those of federation and
// of the Gateway API. It changes nothing there.
//
// Objects come in the order of their creation, because age decides between rivals; those of one second as istiod ranks
// them, by name and then namespace. An object's place is cluster:CONTEXT/NAMESPACE/KIND/NAME. Status, managed fields and
// what kubectl applied last are left out, and so is what a controller made of an object that is there too, such as a
// Deployment's pods.
//
// Of a Secret certificates are kept. In place of a private key stands its public one; every other value is withheld.
// Secrets of types that a mesh has no use for are not asked for.
//
// A kind that the user may not list is [bundle.Bundle.Unread], and so is one that the server has only in versions not
// known here. That nothing may be listed is an error, and so is all else that goes wrong: an [Error], or the context's.
func Read(ctx context.Context, o Options) (*bundle.Bundle, error) {
	name, config, err := o.connection()
	if err != nil {
		return nil, err
	}
	c, err := client(config)
	if err != nil {
		return nil, &Error{Err: fmt.Errorf("cluster %s: %w", name, err)}
	}
	r := reading{client: c, cluster: name, options: o, done: map[string]bool{}}
	if err := r.read(ctx); err != nil {
		if cause := ctx.Err(); cause != nil {
			return nil, cause
		}
		return nil, r.explain(err, config.Host)
	}
	return r.bundle(), nil
}

// A reading gathers the objects of a cluster.
type reading struct {
	client  *rest.RESTClient
	cluster string
	options Options

	mutex  sync.Mutex
	all    []live
	unread []bundle.Unread
	lists  int             // that were given
	done   map[string]bool // namespaces
}

func (r *reading) read(ctx context.Context) error {
	resources, unread, err := discover(ctx, r.client)
	if err != nil {
		return err
	}
	r.unread = unread
	if len(r.options.Namespaces) == 0 {
		err = r.listAll(ctx, resources, []string{""})
	} else {
		err = r.chosen(ctx, resources)
	}
	if err == nil && r.lists == 0 {
		err = errNothing
	}
	return err
}

var errNothing = errors.New("nothing can be read")

// chosen reads namespaces, those of the control plane, and what is in none.
func (r *reading) chosen(ctx context.Context, resources []resource) error {
	var inside, outside []resource
	for _, res := range resources {
		if res.namespaced {
			inside = append(inside, res)
		} else if res.kind != "Namespace" {
			outside = append(outside, res)
		}
	}
	if err := r.namespaces(ctx, r.options.Namespaces, true); err != nil {
		return err
	}
	if err := r.namespaces(ctx, r.options.Root, false); err != nil {
		return err
	}
	if err := r.listAll(ctx, outside, []string{""}); err != nil {
		return err
	}
	next := slices.Concat(r.options.Namespaces, r.options.Root)
	for {
		var now []string
		for _, n := range next {
			if !r.done[n] {
				r.done[n] = true
				now = append(now, n)
			}
		}
		if len(now) == 0 {
			return nil
		}
		if err := r.listAll(ctx, inside, now); err != nil {
			return err
		}
		next = r.controlPlanes()
		if err := r.namespaces(ctx, next, false); err != nil {
			return err
		}
	}
}

// controlPlanes are the namespaces of control planes that the objects read so far name.
func (r *reading) controlPlanes() []string {
	var found []string
	for _, o := range r.all {
		var said struct {
			Spec struct {
				Namespace       string
				ControlPlaneRef struct{ Namespace string }
			}
		}
		if o.Kind != "Istio" && o.Kind != "ServiceMeshMember" || json.Unmarshal(o.JSON, &said) != nil {
			continue
		}
		for _, n := range []string{said.Spec.Namespace, said.Spec.ControlPlaneRef.Namespace} {
			if n != "" && !r.done[n] && !slices.Contains(found, n) {
				found = append(found, n)
			}
		}
	}
	return found
}

// namespaces reads the objects of namespaces, each by itself: whoever works in one may often not list all. One that
// must be there and is not is an error.
func (r *reading) namespaces(ctx context.Context, names []string, must bool) error {
	kind := resource{"", "v1", "Namespace", "namespaces", false}
	for i, name := range names {
		if r.done[name] || slices.Contains(names[:i], name) {
			continue
		}
		data, err := r.client.Get().AbsPath(kind.path("")).Name(name).Do(ctx).Raw()
		switch {
		case apierrors.IsNotFound(err) && must:
			return &Error{Err: fmt.Errorf("no namespace %q", name), Hint: "--namespace names one of the cluster", Misuse: true}
		case apierrors.IsNotFound(err):
			r.done[name] = true // there is nothing in it
		case apierrors.IsForbidden(err):
			r.unread = append(r.unread, bundle.Unread{Kind: kind.kind, Namespace: name, Reason: reason(err)})
		case err != nil:
			return err
		default:
			o, err := kind.read(r.cluster, data)
			if err != nil {
				return err
			}
			r.all = append(r.all, o)
		}
	}
	return nil
}

// listAll lists resources in namespaces.
func (r *reading) listAll(ctx context.Context, resources []resource, namespaces []string) error {
	var jobs []func(context.Context) error
	for _, res := range resources {
		for _, namespace := range namespaces {
			jobs = append(jobs, func(ctx context.Context) error { return r.list(ctx, res, namespace) })
		}
	}
	return parallel(ctx, jobs)
}

func (r *reading) list(ctx context.Context, res resource, namespace string) error {
	var found []live
	var makers map[string]bool // of the copies found: one of each is enough
	begin := func() { found, makers = nil, map[string]bool{} }
	err := list(ctx, r.client, res, namespace, begin, func(items []json.RawMessage) error {
		for _, item := range items {
			o, err := res.read(r.cluster, item)
			if err != nil {
				return err
			}
			if o.idle {
				continue
			}
			if copies[res.kind] && o.owner != "" {
				if makers[o.owner] {
					continue
				}
				makers[o.owner] = true
			}
			found = append(found, o)
		}
		return nil
	})
	r.mutex.Lock()
	defer r.mutex.Unlock()
	switch {
	case apierrors.IsForbidden(err):
		r.unread = append(r.unread, bundle.Unread{Group: res.group, Kind: res.kind, Namespace: namespace, Reason: reason(err)})
		return nil
	case apierrors.IsNotFound(err): // its CRD went away meanwhile
		return nil
	case err != nil:
		return err
	}
	r.lists++
	r.all = append(r.all, found...)
	return nil
}

// bundle puts together what was read.
func (r *reading) bundle() *bundle.Bundle {
	b := &bundle.Bundle{Unread: r.unread, Whole: []string{"*"}}
	if len(r.options.Namespaces) > 0 {
		b.Whole = slices.Sorted(maps.Keys(r.done))
	}
	slices.SortFunc(b.Unread, func(x, y bundle.Unread) int { return strings.Compare(x.String(), y.String()) })
	all := withoutMade(r.all)
	byAge(all)
	for _, o := range all {
		b.Objects = append(b.Objects, o.Object)
	}
	return b
}
