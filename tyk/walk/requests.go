package walk

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/tyk"
)

// Requests are those that the files tell of: of each meshed workload to the routes of the others, from outside to each
// callee's own name, and of each workload to the URLs that its containers are told. What is sent is app, where that is
// given.
func (m *Mesh) Requests(app string) []traffic.Request {
	var all []traffic.Request
	add := func(from, to string) {
		r := traffic.Request{From: from, To: to}
		if _, _, _, err := r.Target(); err == nil && !slices.ContainsFunc(all, func(o traffic.Request) bool { return o.From == from && o.To == to }) {
			all = append(all, r)
		}
	}
	scheme := app
	if scheme == "" {
		scheme = map[bool]string{true: "https", false: "http"}[m.controller == nil || m.controller.Injector.EnableMeshTLS]
	}
	port := map[string]string{"h2c": ":80", "tcp": ":80", "tls": ":443"}[scheme]
	for _, callee := range m.meshed() {
		if m.service(callee.Namespace, callee.App) == nil {
			continue // nothing calls it
		}
		to := scheme + "://" + tyk.MeshHosts[0] + port + route(callee)
		alone := true
		for _, caller := range m.meshed() {
			if caller.object != callee.object {
				add(caller.Namespace+"/"+caller.Name, to)
				alone = false
			}
		}
		if alone {
			add(callee.Namespace+"/*", to)
		}
		if !callee.Closed {
			add(traffic.Outside, fmt.Sprintf("%s://%s:%d/", scheme, callee.Host(), tyk.SidecarPort))
		}
	}
	for _, caller := range m.meshed() {
		for _, u := range told(caller) {
			if _, rest, ok := strings.Cut(u, "://"); ok && app != "" {
				u = app + "://" + rest
			}
			add(caller.Namespace+"/"+caller.Name, u)
		}
	}
	return all
}

var urlForm = regexp.MustCompile(`\b(?:https?|h2c)://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?`)

// told are the URLs in what a workload's containers are told.
func told(s source) []string {
	var all []string
	for _, c := range s.Pods.Spec.Containers {
		if isSidecar(c) {
			continue
		}
		texts := slices.Concat(c.Command, c.Args)
		for _, e := range c.Env {
			texts = append(texts, e.Value)
		}
		for _, text := range texts {
			all = append(all, urlForm.FindAllString(text, -1)...)
		}
	}
	return all
}

func route(s source) string {
	if s.Route == "" || s.Route[0] != '/' {
		return "/" + s.Route
	}
	return s.Route
}

func (m *Mesh) meshed() []source {
	return slices.DeleteFunc(slices.Clone(m.found), func(s source) bool {
		injected := slices.ContainsFunc(s.Pods.Spec.Containers, isSidecar)
		return !s.Meshed() && !injected
	})
}

// Clients are the workloads that call a URL, where the files tell; else every meshed one, for the mesh's own host.
func (m *Mesh) Clients(to string) []string {
	host, port, _, err := traffic.Request{To: to}.Target()
	if err != nil {
		return nil
	}
	var all []string
	add := func(from string) {
		if !slices.Contains(all, from) {
			all = append(all, from)
		}
	}
	for _, r := range m.Requests("") {
		if h, p, _, err := r.Target(); err == nil && h == host && p == port {
			add(r.From)
		}
	}
	if len(all) == 0 {
		for _, s := range m.meshed() {
			add(s.Namespace + "/" + s.Name)
		}
	}
	return all
}

// Known lists, sorted, the workloads of the files and the hosts that can be called, for messages about wrong names.
func (m *Mesh) Known() (workloads, hosts []string) {
	for _, s := range m.found {
		workloads = append(workloads, s.Namespace+"/"+s.Name)
	}
	hosts = append(hosts, tyk.MeshHosts[0])
	for _, s := range m.services {
		hosts = append(hosts, s.ID.Name+"."+s.ID.Namespace)
	}
	slices.Sort(workloads)
	slices.Sort(hosts)
	return slices.Compact(workloads), slices.Compact(hosts)
}
