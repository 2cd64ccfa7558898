package cluster

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

type tree = map[string]any

// A server answers as an API server does, as far as this package asks, and keeps what it was asked.
type server struct {
	*httptest.Server
	resources map[string][]tree // by apiVersion: what it serves
	objects   map[string][]tree // by path of a list
	refuse    func(path, query string) (status int, reason string)

	mutex sync.Mutex
	asked []string
}

// serve begins a server; the resources are APIVERSION/KIND/PLURAL, with a + in front where they are in no namespace.
func serve(t *testing.T, resources ...string) *server {
	t.Helper()
	s := &server{resources: map[string][]tree{}, objects: map[string][]tree{}, refuse: func(string, string) (int, string) { return 0, "" }}
	for _, text := range resources {
		text, global := strings.CutPrefix(text, "+")
		parts := strings.Split(text, "/")
		n := len(parts)
		apiVersion := strings.Join(parts[:n-2], "/")
		s.resources[apiVersion] = append(s.resources[apiVersion],
			tree{"kind": parts[n-2], "name": parts[n-1], "namespaced": !global, "verbs": []string{"get", "list"}},
			tree{"kind": "Scale", "name": parts[n-1] + "/scale", "namespaced": !global, "verbs": []string{"get", "list"}})
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// hold puts objects in.
func (s *server) hold(path string, objects ...tree) {
	s.objects[path] = append(s.objects[path], objects...)
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	s.asked = append(s.asked, r.Method+" "+r.URL.Path+"?"+r.URL.RawQuery)
	s.mutex.Unlock()
	if status, reason := s.refuse(r.URL.Path, r.URL.RawQuery); status != 0 {
		w.WriteHeader(status)
		answer(w, tree{"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": status, "reason": reason, "message": "no: " + reason})
		return
	}
	switch {
	case r.URL.Path == "/apis":
		groups := map[string][]tree{}
		for apiVersion := range s.resources {
			if group, version, ok := strings.Cut(apiVersion, "/"); ok {
				groups[group] = append(groups[group], tree{"groupVersion": apiVersion, "version": version})
			}
		}
		var list []tree
		for name, versions := range groups {
			slices.SortFunc(versions, func(a, b tree) int { return len(a["version"].(string)) - len(b["version"].(string)) })
			list = append(list, tree{"name": name, "versions": versions})
		}
		answer(w, tree{"kind": "APIGroupList", "groups": list})
	case s.resources[apiVersionOf(r.URL.Path)] != nil:
		answer(w, tree{"kind": "APIResourceList", "resources": s.resources[apiVersionOf(r.URL.Path)]})
	case strings.HasPrefix(r.URL.Path, "/api/v1/namespaces/") && strings.Count(r.URL.Path, "/") == 4:
		for _, o := range s.objects["/api/v1/namespaces"] {
			if metadata(o)["name"] == filepath.Base(r.URL.Path) {
				answer(w, o)
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
		answer(w, tree{"apiVersion": "v1", "kind": "Status", "code": 404, "reason": "NotFound"})
	default:
		objects := s.objects[r.URL.Path]
		from, _ := strconv.Atoi(r.URL.Query().Get("continue"))
		to := len(objects)
		list := tree{}
		if limit, _ := strconv.Atoi(r.URL.Query().Get("limit")); limit > 0 && from+limit < to {
			to = from + limit
			list["continue"] = strconv.Itoa(to)
		}
		answer(w, tree{"kind": "List", "metadata": list, "items": objects[from:to]})
	}
}

func apiVersionOf(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, "/apis/"), "/api/")
}

func metadata(o tree) tree { return o["metadata"].(tree) }

func answer(w http.ResponseWriter, o tree) { _ = json.NewEncoder(w).Encode(o) }

// kubeconfig writes one that leads to the server by the contexts test and other; test is the current one.
func (s *server) kubeconfig(t *testing.T, user string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kubeconfig")
	text := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: test,
contexts: [{name: test, context: {cluster: c, user: u}}, {name: other, context: {cluster: c, user: u}}],
clusters: [{name: c, cluster: {server: %q}}], users: [{name: u, user: %s}]}`, s.URL, user)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// object makes one of a list, which does not say what it is, created at a second of one minute.
func object(namespace, name string, second int, more tree) tree {
	o := tree{"metadata": tree{
		"name": name, "uid": namespace + "/" + name, "creationTimestamp": fmt.Sprintf("2026-01-02T03:04:%02dZ", second),
		"managedFields": []any{tree{"manager": "oc"}},
	}}
	if namespace != "" {
		metadata(o)["namespace"] = namespace
	}
	for k, v := range more {
		o[k] = v
	}
	return o
}

func madeBy(o tree, uid string) tree {
	metadata(o)["ownerReferences"] = []any{tree{"controller": true, "uid": uid}}
	return o
}
