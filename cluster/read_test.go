package cluster

import (
	"context"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/meshscenario/scenario/bundle"
)

var everyday = []string{
	"+v1/Namespace/namespaces", "v1/Service/services", "v1/Secret/secrets", "v1/Pod/pods", "v1/Endpoints/endpoints",
	"apps/v1/Deployment/deployments", "apps/v1/ReplicaSet/replicasets",
	"networking.istio.io/v1/VirtualService/virtualservices", "networking.istio.io/v1beta1/VirtualService/virtualservices",
	"networking.istio.io/v1alpha3/EnvoyFilter/envoyfilters", "networking.istio.io/v1/EnvoyFilter/envoyfilters",
	"widgets.example/v1/Widget/widgets",
}

func read(t *testing.T, s *server, o Options) *bundle.Bundle {
	t.Helper()
	o.Kubeconfig = s.kubeconfig(t, "{token: t}")
	b, err := Read(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func ids(b *bundle.Bundle) string {
	var all []string
	for _, o := range b.Objects {
		all = append(all, o.ID.String())
	}
	return strings.Join(all, ", ")
}

// TestOrder: by age, then name, then namespace; each with its place, and without what says nothing of how it is meant.
func TestOrder(t *testing.T) {
	s := serve(t, everyday...)
	applied := object("b", "old", 1, tree{"spec": tree{"hosts": []any{"x"}}, "status": tree{"a": 1}})
	metadata(applied)["annotations"] = tree{appliedAs: "{}"}
	s.hold("/apis/networking.istio.io/v1/virtualservices", object("b", "young", 9, nil), object("b", "same", 5, nil), applied)
	s.hold("/api/v1/services", object("a", "same", 5, nil), object("z", "another", 5, tree{"spec": tree{"clusterIP": "1"}}))
	s.hold("/api/v1/namespaces", object("", "a", 0, nil))
	b := read(t, s, Options{})
	want := "Namespace a, VirtualService b/old, Service z/another, Service a/same, VirtualService b/same, VirtualService b/young"
	if got := ids(b); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	old := b.Objects[1]
	for _, field := range []string{"status", "metadata.managedFields", "metadata.annotations"} {
		if old.Has(field) {
			t.Errorf("%s is there", field)
		}
	}
	if got := old.At("spec.hosts[0]").String(); got != "cluster:test/b/VirtualService/old" || old.APIVersion != "networking.istio.io/v1" {
		t.Errorf("%s, %s", got, old.APIVersion)
	}
	if got := b.Objects[0].At("").String(); got != "cluster:test/Namespace/a" {
		t.Error(got)
	}
	if len(b.Unread) != 0 {
		t.Error(b.Unread)
	}
	for _, asked := range s.asked {
		if !strings.HasPrefix(asked, "GET ") || strings.Contains(asked, "watch") || strings.Contains(asked, "widget") || strings.Contains(asked, "/endpoints") {
			t.Error(asked)
		}
	}
	for _, want := range []string{
		"GET /apis/networking.istio.io/v1alpha3/envoyfilters?limit=500", // of the served versions, the one that is known
		"type%21%3Dhelm.sh%2Frelease.v1",
	} {
		if !slices.ContainsFunc(s.asked, func(asked string) bool { return strings.Contains(asked, want) }) {
			t.Errorf("never asked: %s", want)
		}
	}
}

// TestReadOnly: nothing but GET leaves, whoever asks.
func TestReadOnly(t *testing.T) {
	s := serve(t, everyday...)
	_, config, err := Options{Kubeconfig: s.kubeconfig(t, "{token: t}")}.connection()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		err := c.Verb(verb).AbsPath("/api/v1/namespaces/a").Do(t.Context()).Error()
		if err == nil || !strings.Contains(err.Error(), verb+" /api/v1/namespaces/a: the cluster is only read") {
			t.Errorf("%s: %v", verb, err)
		}
	}
	if len(s.asked) > 0 {
		t.Error(s.asked)
	}
}

// TestPages: every page is read; a list that expires on the way is begun anew, with nothing twice, at last in one piece.
func TestPages(t *testing.T) {
	for _, expires := range []int{0, 1, 2, 1000} {
		s := serve(t, everyday...)
		for i := range 1200 {
			s.hold("/api/v1/services", object("a", fmt.Sprintf("s%04d", i), 1, nil))
		}
		s.refuse = func(path, query string) (int, string) {
			if path == "/api/v1/services" && strings.Contains(query, "continue=1000") && expires > 0 {
				expires--
				return http.StatusGone, "Expired"
			}
			return 0, ""
		}
		b := read(t, s, Options{})
		if len(b.Objects) != 1200 || b.Objects[1199].Name != "s1199" {
			t.Errorf("%d objects", len(b.Objects))
		}
	}
}

// TestMade: of what controllers make, what is there already is left out; of copies without their maker, one is kept.
func TestMade(t *testing.T) {
	s := serve(t, everyday...)
	s.hold("/apis/apps/v1/deployments", object("a", "web", 1, nil))
	s.hold("/apis/apps/v1/replicasets",
		madeBy(object("a", "web-1", 1, tree{"spec": tree{"replicas": 0}}), "a/web"),
		madeBy(object("a", "web-2", 2, tree{"spec": tree{"replicas": 2}}), "a/web"),
		object("a", "bare", 2, tree{"spec": tree{"replicas": 1}}))
	s.hold("/api/v1/pods",
		madeBy(object("a", "web-2-x", 3, nil), "a/web-2"), madeBy(object("a", "web-2-y", 3, nil), "a/web-2"),
		madeBy(object("a", "dc-1-x", 4, nil), "a/dc-1"), madeBy(object("a", "dc-1-y", 4, nil), "a/dc-1"),
		object("a", "alone", 5, nil))
	if got, want := ids(read(t, s, Options{})), "Deployment a/web, ReplicaSet a/bare, Pod a/dc-1-x, Pod a/alone"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	s.refuse = func(path, _ string) (int, string) {
		if strings.HasSuffix(path, "/deployments") {
			return http.StatusForbidden, "Forbidden"
		}
		return 0, ""
	}
	if got, want := ids(read(t, s, Options{})), "ReplicaSet a/bare, ReplicaSet a/web-2, Pod a/dc-1-x, Pod a/alone"; got != want {
		t.Errorf("without Deployments: got  %s\nwant %s", got, want)
	}
}

// TestNamespaces: those that were chosen, the control plane's, and those that the objects name as one.
func TestNamespaces(t *testing.T) {
	s := serve(t, append(everyday, "maistra.io/v1/ServiceMeshMember/servicemeshmembers", "+sailoperator.io/v1/Istio/istios")...)
	for i, n := range []string{"a", "b", "istio-system", "sail", "tenant"} {
		s.hold("/api/v1/namespaces", object("", n, i, nil))
		s.hold("/api/v1/namespaces/"+n+"/services", object(n, "s", 10+i, nil))
	}
	s.hold("/apis/maistra.io/v1/namespaces/a/servicemeshmembers", object("a", "default", 20, tree{"spec": tree{"controlPlaneRef": tree{"namespace": "tenant"}}}))
	s.hold("/apis/sailoperator.io/v1/istios", object("", "default", 21, tree{"spec": tree{"namespace": "sail"}}))
	b := read(t, s, Options{Namespaces: []string{"a", "a"}, Root: []string{"istio-system", "absent"}})
	want := "Namespace a, Namespace istio-system, Namespace sail, Namespace tenant, Service a/s, Service istio-system/s, " +
		"Service sail/s, Service tenant/s, ServiceMeshMember a/default, Istio default"
	if got := ids(b); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if i := slices.IndexFunc(s.asked, func(a string) bool { return strings.Contains(a, "/namespaces/absent/") }); i >= 0 {
		t.Error(s.asked[i])
	}
	_, err := Read(t.Context(), Options{Kubeconfig: s.kubeconfig(t, "{}"), Namespaces: []string{"absent"}})
	var known *Error
	if !errors.As(err, &known) || !known.Misuse || known.Error() != `no namespace "absent"` {
		t.Error(err)
	}
}

// TestUnread: what may not be listed is said, and the rest is read. When nothing may, that is an error.
func TestUnread(t *testing.T) {
	s := serve(t, append(everyday, "security.istio.io/v9/PeerAuthentication/peerauthentications", "route.openshift.io/v1/Route/routes")...)
	s.hold("/api/v1/services", object("a", "s", 1, nil))
	s.refuse = func(path, _ string) (int, string) {
		switch {
		case strings.HasSuffix(path, "/secrets"), strings.HasSuffix(path, "/virtualservices"):
			return http.StatusForbidden, "Forbidden"
		case path == "/apis/route.openshift.io/v1":
			return http.StatusServiceUnavailable, "ServiceUnavailable"
		}
		return 0, ""
	}
	b := read(t, s, Options{})
	var got []string
	for _, u := range b.Unread {
		got = append(got, u.String())
	}
	want := []string{
		"PeerAuthentication.security.istio.io: the server has it as security.istio.io/v9, which is not known here",
		"Route.route.openshift.io: its API does not answer",
		"Secret: forbidden",
		"VirtualService.networking.istio.io: forbidden",
	}
	if !slices.Equal(got, want) || ids(b) != "Service a/s" {
		t.Errorf("got  %q\nwant %q\n%s", got, want, ids(b))
	}
	s.refuse = func(path, _ string) (int, string) {
		if path == "/apis" || s.resources[apiVersionOf(path)] != nil {
			return 0, ""
		}
		return http.StatusForbidden, "Forbidden"
	}
	_, err := Read(t.Context(), Options{Kubeconfig: s.kubeconfig(t, "{}")})
	var known *Error
	if !errors.As(err, &known) || known.Misuse || !strings.Contains(known.Error(), "nothing of it may be listed") || !strings.Contains(known.Hint, "--namespace") {
		t.Error(err)
	}
}

// TestFailures: what goes wrong is said with the cluster, and with advice.
func TestFailures(t *testing.T) {
	s := serve(t, everyday...)
	t.Setenv("KUBECONFIG", "")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	good := s.kubeconfig(t, "{token: t}")
	gone := serve(t)
	refused := gone.kubeconfig(t, "{}")
	gone.Close()
	for _, c := range []struct {
		name       string
		options    Options
		refuse     int
		misuse     bool
		want, hint string
	}{
		{"unknown context", Options{Kubeconfig: good, Context: "tset"}, 0, true, `unknown context "tset"`, "the contexts are other, test"},
		{"no such file", Options{Kubeconfig: "/nonexistent/config"}, 0, true, "kubeconfig: ", "--kubeconfig names another"},
		{"no kubeconfig", Options{}, 0, false, "no kubeconfig: ", "oc login writes one"},
		{"refused", Options{Kubeconfig: refused}, 0, false, gone.URL + " refuses the connection", "is the cluster up"},
		{"unauthorized", Options{Kubeconfig: good}, http.StatusUnauthorized, false, "cluster test: " + s.URL + " does not accept who you are (401)", "oc login"},
		{"broken", Options{Kubeconfig: good, Context: "other"}, http.StatusInternalServerError, false, "cluster other: ", ""},
		{"slow", Options{Kubeconfig: good, Timeout: 50 * time.Millisecond}, -1, false, "does not answer in time", "proxy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.refuse = func(string, string) (int, string) {
				if c.refuse < 0 {
					time.Sleep(200 * time.Millisecond)
					return 0, ""
				}
				return c.refuse, http.StatusText(c.refuse)
			}
			_, err := Read(t.Context(), c.options)
			var known *Error
			if !errors.As(err, &known) || known.Misuse != c.misuse || !strings.Contains(known.Error(), c.want) || !strings.Contains(known.Hint, c.hint) {
				t.Errorf("got %#v: %v", known, err)
			}
			t.Log(err)
		})
	}
}

// TestCancelled: whoever asked and gave up is told just that, at once.
func TestCancelled(t *testing.T) {
	s := serve(t, everyday...)
	ctx, cancel := context.WithCancel(t.Context())
	held := make(chan struct{})
	t.Cleanup(func() { close(held) })
	s.refuse = func(path, _ string) (int, string) {
		if path == "/api/v1/services" {
			cancel()
			<-held
		}
		return 0, ""
	}
	if _, err := Read(ctx, Options{Kubeconfig: s.kubeconfig(t, "{}")}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestLogin: a program that logs in is run as kubectl runs it.
func TestLogin(t *testing.T) {
	s := serve(t, everyday...)
	s.hold("/api/v1/services", object("a", "s", 1, nil))
	var token atomic.Value
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token.Store(r.Header.Get("Authorization"))
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	file := s.kubeconfig(t, `{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: echo,
args: ['{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "by-program"}}']}}`)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	replace(t, file, "{server:", "{certificate-authority-data: "+base64.StdEncoding.EncodeToString(ca)+", server:")
	b, err := Read(t.Context(), Options{Kubeconfig: file})
	if err != nil || len(b.Objects) != 1 || token.Load() != "Bearer by-program" {
		t.Errorf("token %q, error %v", token.Load(), err)
	}
}

// TestProxy: the proxy of a kubeconfig is gone through; here the server stands in for it, to a name that nobody knows.
func TestProxy(t *testing.T) {
	s := serve(t, everyday...)
	s.hold("/api/v1/services", object("a", "s", 1, nil))
	file := s.kubeconfig(t, "{}")
	replace(t, file, strconv.Quote(s.URL), "http://api.prod.invalid, proxy-url: "+strconv.Quote(s.URL))
	if b, err := Read(t.Context(), Options{Kubeconfig: file}); err != nil || len(b.Objects) != 1 {
		t.Error(err)
	}
}

func replace(t *testing.T, file, old, by string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), old, by, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}
