// Package credentials holds package pki against istiod's own reading of Secrets and ConfigMaps: what is served for a
// credential, from which keys of which object, and with which words it is refused.
package credentials

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"istio.io/istio/pilot/pkg/credentials"
	credentialskube "istio.io/istio/pilot/pkg/credentials/kube"
	"istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/test"
)

// A world is what a namespace has.
type world struct {
	Secrets   map[string]map[string][]byte `json:"secrets"`
	ConfigMap map[string]string            `json:"configMap"`
}

type served struct{ Cert, Key, CA, CRL, Staple string }

type answer struct {
	Pair, CA, ConfigMap        served
	CASecret                   string
	PairRefused, CARefused, No string
}

var keys = []string{"cert", "key", "cacert", "crl", "tls.crt", "tls.key", "ca.crt", "ca.crl", "tls.ocsp-staple", "server.pem", "zz"}

// worlds are every set of up to three keys with something in them, in the Secret itself and in the one of its CA, then random
// ones in which keys may be empty.
func worlds() []world {
	data := func(name string, keys ...string) map[string][]byte {
		out := map[string][]byte{}
		for _, key := range keys {
			out[key] = []byte(name + " " + key)
		}
		return out
	}
	all := []world{{}}
	add := func(keys ...string) {
		configMap := map[string]string{}
		for key, value := range data("map", keys...) {
			configMap[key] = string(value)
		}
		all = append(all,
			world{map[string]map[string][]byte{"x": data("x", keys...)}, configMap},
			world{map[string]map[string][]byte{"x-cacert": data("ca", keys...)}, nil},
			world{map[string]map[string][]byte{"x": data("x", "cert", "key", "cacert", "crl"), "x-cacert": data("ca", keys...)}, nil})
	}
	add()
	for i, a := range keys {
		add(a)
		for j, b := range keys[:i] {
			add(a, b)
			for _, c := range keys[:j] {
				add(a, b, c)
			}
		}
	}
	dice := rand.New(rand.NewPCG(1, 2))
	random := func(name string) map[string][]byte {
		out := map[string][]byte{}
		for _, key := range keys {
			switch dice.IntN(4) {
			case 0:
				out[key] = []byte{}
			case 1, 2:
				out[key] = []byte(name + " " + key)
			}
		}
		return out
	}
	for range 600 {
		w := world{map[string]map[string][]byte{}, map[string]string{}}
		for _, name := range []string{"x", "x-cacert"} {
			if dice.IntN(3) > 0 {
				w.Secrets[name] = random(name)
			}
		}
		for key, value := range random("map") {
			w.ConfigMap[key] = string(value)
		}
		all = append(all, w)
	}
	return all
}

func TestServed(t *testing.T) {
	all := worlds()
	var objects []runtime.Object
	for i, w := range all {
		namespace := fmt.Sprintf("n%d", i)
		for name, data := range w.Secrets {
			objects = append(objects, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Data: data})
		}
		objects = append(objects, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "x"}, Data: w.ConfigMap})
	}
	client := kube.NewFakeClient(objects...)
	istiod := credentialskube.NewCredentialsController(client, nil, true)
	client.RunAndWait(test.NewStop(t))
	t.Cleanup(istiod.Close)

	answers := ask(t, all)
	refused, given := 0, 0
	for i, w := range all {
		namespace, a := fmt.Sprintf("n%d", i), answers[i]
		from := a.CASecret
		if from == "" {
			from = "x"
		}
		configMap := map[string][]byte{}
		for key, value := range w.ConfigMap {
			configMap[key] = []byte(value)
		}
		pair, pairErr := istiod.GetCertInfo("x", namespace)
		ca, caErr := istiod.GetCaCert("x-cacert", namespace)
		mapped, mappedErr := istiod.GetConfigMapCaCert("x-cacert", namespace)
		for _, c := range []struct {
			what    string
			theirs  *credentials.CertInfo
			err     error
			data    map[string][]byte
			ours    served
			refused string
			words   bool
		}{
			{"pair", pair, pairErr, w.Secrets["x"], a.Pair, a.PairRefused, true},
			{"CA", ca, caErr, w.Secrets[from], a.CA, a.CARefused, true},
			{"ConfigMap", mapped, mappedErr, configMap, a.ConfigMap, a.No, false},
		} {
			if c.err != nil {
				refused++
				if c.refused == "" || c.words && !says(c.refused, c.err.Error(), namespace) {
					t.Errorf("%s of %v: istiod says %v, and we %q", c.what, w, c.err, c.refused)
				}
				continue
			}
			given++
			cert := c.ours.Cert
			if c.what != "pair" {
				cert = c.ours.CA
			}
			if c.refused != "" || !same(c.theirs.Cert, c.data, cert) || !same(c.theirs.Key, c.data, c.ours.Key) ||
				c.what != "pair" && !same(c.theirs.CRL, c.data, c.ours.CRL) || !same(c.theirs.Staple, c.data, c.ours.Staple) {
				t.Errorf("%s of %v: istiod serves %q %q %q %q, and we %+v %s", c.what, w, c.theirs.Cert, c.theirs.Key, c.theirs.CRL, c.theirs.Staple, c.ours, c.refused)
			}
		}
	}
	t.Logf("%d namespaces: %d times served, %d times refused", len(all), given, refused)
	if given < 500 || refused < 500 {
		t.Error("that is too few of one kind to mean anything")
	}
}

// says: the same words, or that the Secret is missing.
func says(ours, theirs, namespace string) bool {
	return ours == "no-pair: "+theirs || ours == "no-ca: "+theirs || ours == "missing" && theirs == "secret "+namespace+"/x not found"
}

// same: what istiod took is the value under our key; a key that is not there is nil, not empty.
func same(theirs []byte, data map[string][]byte, key string) bool {
	value, ok := data[key]
	if key == "" || !ok {
		return theirs == nil && key == ""
	}
	return theirs != nil && bytes.Equal(theirs, value)
}

func ask(t *testing.T, all []world) []answer {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "served")
	if out, err := exec.Command("go", "build", "-C", "../../..", "-o", binary, "./conformance/served").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var in bytes.Buffer
	for _, w := range all {
		if err := json.NewEncoder(&in).Encode(w); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(binary)
	command.Stdin = &in
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := make([]answer, 0, len(all))
	for line := range bytes.Lines(out) {
		var a answer
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(all) || !slices.ContainsFunc(answers, func(a answer) bool { return a.CASecret != "" }) {
		t.Fatalf("%d answers to %d questions", len(answers), len(all))
	}
	return answers
}
