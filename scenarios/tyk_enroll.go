package scenarios

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/mesh"
)

// tykEnroll: a workload becomes part of a mesh of Tyk gateways. Encryption says how its callers' sidecars reach its own.
var tykEnroll = Scenario{
	ID:         "enroll",
	Family:     mesh.TykFamily,
	Title:      "make a workload part of a mesh of Tyk gateways (tyk-k8s, which is legacy)",
	Encryption: Simple,
	Parts:      []Part{Namespaces, ControlPlane, Members, Workload},
	Default:    []Part{Members},
	Uses:       []string{"client", "tyk"},
	Impossible: map[string]Refusal{Passthrough: {
		Reason: "the sidecar takes every call of a meshed pod to port 443 and ends its TLS, so no application's own TLS passes",
		Hint:   "--encryption simple is TLS from the caller to the callee's sidecar",
	}},
	fill:  fillTyk,
	check: checkTyk,
	names: func(*Plan) []string { return nil },
	// The Dashboard knows API definitions by slugs of the app alone, and all mesh ones share the host mesh.
	claims: func(p *Plan) []claim {
		k := p.Spec.Tyk
		return []claim{
			{place: "in the mesh", what: "app " + k.App, path: "spec.tyk.app", hint: "names of apps count in all namespaces: give one another tyk.app"},
			{place: "in the mesh", what: "route " + k.Route, path: "spec.tyk.route", hint: "give one another tyk.route"},
		}
	},
	needs: (*Plan).tykNeeds,
}

func fillTyk(p *Plan) {
	s := &p.Spec
	c, k := &s.Client, &s.Tyk
	if !p.draft.Written("spec.client.namespace") {
		c.Namespace = "default"
	}
	setDefault(&c.Name, "echo")
	setDefault(&k.App, c.Labels["app"])
	setDefault(&k.App, c.Name)
	if c.Labels == nil {
		c.Labels = map[string]string{"app": k.App}
	}
	setDefault(&c.Image, "docker.io/jmalloc/echo-server:latest")
	setDefault(&k.Route, "/"+k.App+"-svc")
	if s.Encryption == Mutual {
		setDefault(&k.Group, k.App)
		if len(k.CallerGroups) == 0 {
			k.CallerGroups = []string{k.Group}
		}
	}
	if len(k.Namespaces) == 0 {
		k.Namespaces = []string{c.Namespace}
	}
	setDefault(&k.SidecarImage, "tykio/tyk-sidecar:2.8.4")
	setDefault(&k.InitImage, "tykio/tyk-k8s-init")
	setDefault(&k.Controller.Namespace, "tyk")
	setDefault(&k.Controller.Image, "tykio/tyk-k8s:latest")
	own := k.Controller.Namespace
	setDefault(&k.DashboardURL, "http://dashboard."+own+":3000")
	setDefault(&k.StorageHosts, "redis."+own+":6379")
	setDefault(&k.CA.Addr, "https://cfssl-svc."+own)
	setDefault(&k.CA.Image, "docker.io/cfssl/cfssl:v1.6.5")
	n := &k.Secrets
	setDefault(&n.Dashboard, "tyk-k8s-controller")
	setDefault(&n.Webhook, "sidecar-injector-webhook-certs")
	setDefault(&n.Sidecar, "tyk-sidecar")
	setDefault(&n.AuthKey, "cfssl-auth")
	setDefault(&n.CA, "cfssl-ca")
	setDefault(&n.CFSSL, "cfssl-tls")
	setDefault(&n.Mongo, "tyk-k8s-mongo")
	setDefault(&p.Metadata.Name, k.App)
}

func checkTyk(p *Plan, r *report) {
	s := p.Spec
	k := s.Tyk
	if app := s.Client.Labels["app"]; app != k.App {
		r.problem("spec.client.labels.app", "write tyk.app alone, or make them the same", "%q, while tyk.app is %q: the controller reads the label, and the Service must have its name", app, k.App)
	}
	if s.Encryption != Mutual {
		for _, field := range []string{"group", "callerGroups"} {
			if path := "spec.tyk." + field; p.draft.Written(path) {
				r.problem(path, "add --encryption mutual, or leave it out", "grants are kept by client certificates, and encryption %s has none", s.Encryption)
			}
		}
	}
	if s.Encryption == None {
		for _, field := range []string{"ca.addr", "ca.certificate", "ca.image", "ca.renewalImage"} {
			if path := "spec.tyk." + field; p.draft.Written(path) {
				r.problem(path, "leave it out, or choose encryption simple", "without last-mile TLS there is no CA")
			}
		}
	}
	if !slices.Contains(k.Namespaces, s.Client.Namespace) {
		r.problem("spec.tyk.namespaces", "add it, or leave the field out", "the client's own namespace %s is not among them", s.Client.Namespace)
	}
	for _, namespace := range k.Namespaces {
		switch namespace {
		case "kube-system", "kube-public":
			r.problem("spec.tyk.namespaces", "run the workload in another namespace", "the injector leaves namespace %s alone", namespace)
		case k.Controller.Namespace:
			r.problem("spec.tyk.controller.namespace", "give the controller a namespace of its own", "%s has meshed pods, which wait for the controller: it could not start again", namespace)
		}
	}
	if u, err := url.Parse(k.DashboardURL); err == nil {
		port := u.Port()
		setDefault(&port, map[string]string{"http": "80", "https": "443"}[u.Scheme])
		p.checkCaptured(r, "spec.tyk.dashboardURL", port)
	}
	for _, address := range strings.Split(k.StorageHosts, ",") {
		_, port, _ := net.SplitHostPort(address)
		p.checkCaptured(r, "spec.tyk.storageHosts", port)
	}
	if n := strings.Count(k.CA.Certificate, "-----BEGIN "); n > 1 {
		r.problem("spec.tyk.ca.certificate", "give the CA's own certificate", "%d certificates in one file: the update-ca-certificates of the init container's Alpine takes one a file", n)
	}
	if u, err := url.Parse(k.CA.Addr); err == nil && u.Scheme != "https" {
		r.problem("spec.tyk.ca.addr", "write https://", "%s: the requests and the certificates would cross the network unprotected", k.CA.Addr)
	}
}

// checkCaptured refuses ports on which a sidecar would call itself: the rules of the init container spare nobody
// (https://github.com/TykTechnologies/tyk-k8s/blob/master/docker/initContainer/entrypoint).
func (p *Plan) checkCaptured(r *report, path, port string) {
	if port == "80" || port == "443" || port == "6767" {
		r.problem(path, "let it be reached on another port", "port %s: each pod's own rules lead calls to it back, also the sidecar's", port)
	}
}
