package plane

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Controllers stand in for those that a cluster has: Deployments get pods, which have a proxy, and are available; what an
// operator says Ready of becomes so; namespaces that are deleted go away, with what is still in them left where lists
// show it. The operators' defaults, and all else that they would make, are not there.
//
// They act until stop, which tells what went wrong.
func (p *Plane) Controllers() (stop func() error) {
	done := make(chan struct{})
	var wait sync.WaitGroup
	var errs []error
	wait.Go(func() {
		seen := map[string]bool{}
		for {
			select {
			case <-done:
				return
			case <-time.After(200 * time.Millisecond):
			}
			if err := p.act(seen); err != nil && len(errs) < 5 {
				errs = append(errs, err)
			}
		}
	})
	return func() error {
		close(done)
		wait.Wait()
		return errors.Join(errs...)
	}
}

// operated are what operators say Ready of.
var operated = []string{
	"/apis/maistra.io/v2/servicemeshcontrolplanes", "/apis/maistra.io/v1/servicemeshmembers", "/apis/maistra.io/v1/servicemeshmemberrolls",
	"/apis/sailoperator.io/v1/istios", "/apis/sailoperator.io/v1/istiocnis",
}

// act does once what is to be done. What was not seen before is left to the next time, for whoever waits for it to wait.
func (p *Plane) act(seen map[string]bool) error {
	var errs []error
	for _, list := range append([]string{"/api/v1/namespaces", "/apis/apps/v1/deployments"}, operated...) {
		items, err := p.items(list)
		errs = append(errs, err)
		for _, o := range items {
			if !seen[list+o.String()] {
				seen[list+o.String()] = true
				continue
			}
			switch {
			case strings.HasSuffix(list, "/namespaces"):
				err = p.finish(o)
			case strings.HasSuffix(list, "/deployments"):
				err = p.rollOut(o)
			default:
				err = p.setReady(list, o)
			}
			// Whoever tests may delete it in between.
			if err != nil && !missing(err) && !conflicting(err) {
				errs = append(errs, fmt.Errorf("%s: %w", o, err))
			}
		}
	}
	return errors.Join(append(errs, p.removePods())...)
}

func conflicting(err error) bool {
	var r refusal
	return errors.As(err, &r) && r.code == http.StatusConflict
}

// items are the objects of a list; what is not served has none.
func (p *Plane) items(path string) ([]Object, error) {
	list, err := p.request(http.MethodGet, path, nil)
	if err != nil && !missing(err) {
		return nil, err
	}
	var all []Object
	items, _ := list["items"].([]any)
	for _, item := range items {
		o, _ := item.(map[string]any)
		all = append(all, o)
	}
	return all, nil
}

// finish lets a deleted namespace go.
func (p *Plane) finish(o Object) error {
	if o.meta("deletionTimestamp") == "" {
		return nil
	}
	left := Object{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": o.Name()}, "spec": map[string]any{}}
	_, err := p.request(http.MethodPut, "/api/v1/namespaces/"+o.Name()+"/finalize", left)
	return err
}

// setReady sets the condition Ready, once.
func (p *Plane) setReady(list string, o Object) error {
	if status, _ := o["status"].(map[string]any); status["conditions"] != nil {
		return nil
	}
	// What one kind must have besides, the others drop.
	o["status"] = map[string]any{"readiness": map[string]any{}, "observedGeneration": 1, "conditions": []any{map[string]any{
		"type": "Ready", "status": "True", "reason": "StandIn", "message": "as a test says", "lastTransitionTime": "2026-01-01T00:00:00Z",
	}}}
	base, kind, _ := cutLast(list)
	path := base + "/" + kind + "/" + o.Name()
	if n := o.Namespace(); n != "" {
		path = base + "/namespaces/" + n + "/" + kind + "/" + o.Name()
	}
	_, err := p.request(http.MethodPut, path+"/status", o)
	return err
}

func cutLast(path string) (before, after string, found bool) {
	i := strings.LastIndex(path, "/")
	return path[:i], path[i+1:], true
}

// rollOut gives a Deployment its pod, and says that it is available.
func (p *Plane) rollOut(o Object) error {
	meta := o["metadata"].(map[string]any)
	status, _ := o["status"].(map[string]any)
	if status["observedGeneration"] == meta["generation"] {
		return nil
	}
	template := o["spec"].(map[string]any)["template"].(map[string]any)
	labels := template["metadata"].(map[string]any)["labels"]
	pod := Object{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": o.Name() + "-pod", "labels": labels, "annotations": map[string]any{podOf: o.Name()}},
		"spec": map[string]any{"containers": []any{
			map[string]any{"name": "application", "image": "none"}, map[string]any{"name": "istio-proxy", "image": "none"},
		}},
	}
	if _, err := p.request(http.MethodPost, "/api/v1/namespaces/"+o.Namespace()+"/pods", pod); err != nil && !conflicting(err) {
		return err
	}
	o["status"] = map[string]any{"observedGeneration": meta["generation"], "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}
	_, err := p.request(http.MethodPut, "/apis/apps/v1/namespaces/"+o.Namespace()+"/deployments/"+o.Name()+"/status", o)
	return err
}

// podOf is on the pods that stand-ins made, with the name of the Deployment.
const podOf = "testplane/deployment"

// removePods removes the pods whose Deployment is gone.
func (p *Plane) removePods() error {
	pods, err := p.items("/api/v1/pods")
	if err != nil {
		return err
	}
	var errs []error
	for _, pod := range pods {
		annotations, _ := pod["metadata"].(map[string]any)["annotations"].(map[string]any)
		name, ours := annotations[podOf].(string)
		if !ours {
			continue
		}
		if _, err := p.request(http.MethodGet, "/apis/apps/v1/namespaces/"+pod.Namespace()+"/deployments/"+name, nil); !missing(err) {
			errs = append(errs, err)
			continue
		}
		// At once: no kubelet says that it has ended.
		now := Object{"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0}
		if _, err := p.request(http.MethodDelete, "/api/v1/namespaces/"+pod.Namespace()+"/pods/"+pod.Name(), now); err != nil && !missing(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
