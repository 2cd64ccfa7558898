package plane

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// An Object is a manifest as JSON has it, with numbers as json.Number.
type Object map[string]any

// String names the object as people do: "VirtualService shop/api".
func (o Object) String() string {
	name := o.meta("name")
	if namespace := o.Namespace(); namespace != "" {
		name = namespace + "/" + name
	}
	return o.Kind() + " " + name
}

// APIVersion is its field of that name; so are the others.
func (o Object) APIVersion() string { s, _ := o["apiVersion"].(string); return s }

func (o Object) Kind() string      { s, _ := o["kind"].(string); return s }
func (o Object) Name() string      { return o.meta("name") }
func (o Object) Namespace() string { return o.meta("namespace") }

func (o Object) meta(field string) string {
	meta, _ := o["metadata"].(map[string]any)
	s, _ := meta[field].(string)
	return s
}

// A resource is how the API server calls a kind in addresses.
type resource struct {
	Name       string
	Kind       string
	Namespaced bool
}

// Get gives the object of that kind, namespace and name as it is stored, in the version that o has.
func (p *Plane) Get(o Object) (Object, error) {
	path, err := p.path(o)
	if err != nil {
		return nil, err
	}
	return p.request(http.MethodGet, path, nil)
}

// Delete deletes an object and makes sure that it is gone; one that is not there is no error.
//
// No controller runs here that would empty and finish a deleted namespace: Delete finishes it, and what is left in it
// stays where nobody finds it. Delete a namespace's objects first.
func (p *Plane) Delete(o Object) error {
	path, err := p.path(o)
	if missing(err) {
		return nil // a kind that is not served has no objects
	}
	if err != nil {
		return err
	}
	if _, err := p.request(http.MethodDelete, path, nil); err != nil && !missing(err) {
		return fmt.Errorf("%s: %w", o, err)
	}
	if o.APIVersion() == "v1" && o.Kind() == "Namespace" {
		left := Object{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": o.Name()}, "spec": map[string]any{}}
		if _, err := p.request(http.MethodPut, path+"/finalize", left); err != nil && !missing(err) {
			return fmt.Errorf("%s: %w", o, err)
		}
	}
	switch _, err := p.request(http.MethodGet, path, nil); {
	case err == nil:
		return fmt.Errorf("%s: deleted, and still there", o)
	case !missing(err):
		return fmt.Errorf("%s: %w", o, err)
	}
	return nil
}

// CreateNamespace creates a namespace with nothing but a name.
func (p *Plane) CreateNamespace(name string) error {
	_, err := p.request(http.MethodPost, "/api/v1/namespaces", Object{"metadata": map[string]any{"name": name}})
	return err
}

// Version is the API server's, such as "v1.36.3".
func (p *Plane) Version() (string, error) {
	answer, err := p.request(http.MethodGet, "/version", nil)
	if err != nil {
		return "", err
	}
	version, _ := answer["gitVersion"].(string)
	return version, nil
}

// InstallCRDs installs the CustomResourceDefinitions of files and folders and waits until their kinds are served.
// What else is in the files is installed too.
func (p *Plane) InstallCRDs(files ...string) error {
	// Plain apply would store each file in an annotation as well, for which some are too long.
	args := []string{"apply", "--server-side"}
	for _, file := range files {
		file, err := filepath.Abs(file) // Kubectl runs elsewhere
		if err != nil {
			return err
		}
		args = append(args, "-f", file)
	}
	if _, _, err := p.Kubectl(args...); err != nil {
		return err
	}
	// What kubectl knew of this server is out of date.
	p.resources = map[string]map[string]resource{}
	if err := os.RemoveAll(filepath.Join(p.home, ".kube", "cache")); err != nil {
		return err
	}
	list, err := p.call(http.MethodGet, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", nil)
	if err != nil {
		return err
	}
	var crds struct {
		Items []struct {
			Spec struct {
				Group    string
				Names    struct{ Kind string }
				Versions []struct {
					Name   string
					Served bool
				}
			}
		}
	}
	if err := json.Unmarshal(list, &crds); err != nil {
		return err
	}
	// Established means that the kind can be served; the list of what is served follows a moment later.
	for _, crd := range crds.Items {
		for _, version := range crd.Spec.Versions {
			if !version.Served {
				continue
			}
			apiVersion := crd.Spec.Group + "/" + version.Name
			deadline := time.Now().Add(time.Minute)
			for {
				_, err := p.resource(apiVersion, crd.Spec.Names.Kind)
				if err == nil {
					break
				}
				if time.Now().After(deadline) {
					return err
				}
				time.Sleep(20 * time.Millisecond)
			}
		}
	}
	return nil
}

// resource finds a kind in what the API server says that it serves.
func (p *Plane) resource(apiVersion, kind string) (resource, error) {
	if r, ok := p.resources[apiVersion][kind]; ok {
		return r, nil
	}
	data, err := p.call(http.MethodGet, base(apiVersion), nil)
	if err != nil {
		return resource{}, fmt.Errorf("%s %s: %w", apiVersion, kind, err)
	}
	var list struct{ Resources []resource }
	if err := json.Unmarshal(data, &list); err != nil {
		return resource{}, fmt.Errorf("%s: %w", base(apiVersion), err)
	}
	kinds := map[string]resource{}
	for _, r := range list.Resources {
		if !strings.Contains(r.Name, "/") { // subresources have the kind of what they are sent
			kinds[r.Kind] = r
		}
	}
	p.resources[apiVersion] = kinds
	if r, ok := kinds[kind]; ok {
		return r, nil
	}
	return resource{}, refusal{http.StatusNotFound, fmt.Sprintf("%s %s: not served", apiVersion, kind)}
}

// path is the address of an object.
func (p *Plane) path(o Object) (string, error) {
	r, err := p.resource(o.APIVersion(), o.Kind())
	if err != nil {
		return "", err
	}
	path := base(o.APIVersion())
	if r.Namespaced {
		namespace := o.Namespace()
		if namespace == "" {
			namespace = "default" // as the kubeconfig has it
		}
		path += "/namespaces/" + namespace
	}
	return path + "/" + r.Name + "/" + o.Name(), nil
}

func base(apiVersion string) string {
	if strings.Contains(apiVersion, "/") {
		return "/apis/" + apiVersion
	}
	return "/api/" + apiVersion
}

// A refusal is an answer of the API server that is no success.
type refusal struct {
	code    int
	message string
}

func (r refusal) Error() string { return r.message }

func missing(err error) bool {
	var r refusal
	return errors.As(err, &r) && r.code == http.StatusNotFound
}

// request sends an object, or none, and decodes the answer.
func (p *Plane) request(method, path string, body Object) (Object, error) {
	data, err := p.call(method, path, body)
	if err != nil {
		return nil, err
	}
	return Decode(data)
}

func (p *Plane) call(method, path string, body Object) ([]byte, error) {
	return p.callFor("application/json", method, path, body)
}

// callFor asks for an answer of that media type, and asks again where the server says that it is too early: for a kind that it has just begun to serve, mostly.
func (p *Plane) callFor(accept, method, path string, body Object) ([]byte, error) {
	deadline := time.Now().Add(time.Minute)
	for {
		data, err := p.callOnce(accept, method, path, body)
		var r refusal
		if !errors.As(err, &r) || r.code != http.StatusTooManyRequests || time.Now().After(deadline) {
			return data, err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (p *Plane) callOnce(accept, method, path string, body Object) ([]byte, error) {
	data, _, err := p.send("application/json", accept, method, path, body)
	return data, err
}

func (p *Plane) send(content, accept, method, path string, body Object) ([]byte, http.Header, error) {
	var sent io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, nil, err
		}
		sent = bytes.NewReader(data)
	}
	request, err := http.NewRequest(method, p.server+path, sent)
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	request.Header.Set("Content-Type", content)
	request.Header.Set("Accept", accept)
	response, err := p.client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if response.StatusCode >= 300 {
		var status struct{ Message string }
		if json.Unmarshal(data, &status) != nil || status.Message == "" {
			status.Message = strings.TrimSpace(string(data))
		}
		return nil, nil, refusal{response.StatusCode, fmt.Sprintf("%s %s: %d: %s", method, path, response.StatusCode, status.Message)}
	}
	return data, response.Header, nil
}

// Decode reads one object of JSON.
func Decode(data []byte) (Object, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var o Object
	if err := decoder.Decode(&o); err != nil {
		return nil, err
	}
	return o, nil
}

// Create stores an object that is not there yet.
func (p *Plane) Create(o Object) error { return p.create(o, "") }

// TryCreate asks whether the object would be stored, as kubectl create --dry-run=server --validate=strict does.
func (p *Plane) TryCreate(o Object) error { return p.create(o, "?dryRun=All&fieldValidation=Strict") }

// Apply applies an object by the request that kubectl apply --server-side makes, and gives what the server warns of.
func (p *Plane) Apply(o Object) (warnings []string, err error) {
	path, err := p.path(o)
	if err != nil {
		return nil, err
	}
	_, header, err := p.send("application/apply-patch+yaml", "application/json", http.MethodPatch, path+"?fieldManager=kubectl&fieldValidation=Strict", o)
	return header.Values("Warning"), err
}

func (p *Plane) create(o Object, options string) error {
	path, err := p.path(o)
	if err != nil {
		return err
	}
	_, err = p.request(http.MethodPost, path[:strings.LastIndex(path, "/")]+options, o)
	return err
}
