package scenarios

import (
	"os"
	"strings"
	"testing"
)

// TestTykCertificate: ConfigMap ca-pem holds one certificate, for the init container takes one a file.
func TestTykCertificate(t *testing.T) {
	one, err := os.ReadFile("../examples/definitions/ca.crt")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{string(one): "", string(one) + string(one): "2 certificates in one file"} {
		d := New("enroll")
		if err := d.Set("tyk.ca.certificate", text, Position{Flag: "--set-file"}); err != nil {
			t.Fatal(err)
		}
		_, err := Resolve([]*Draft{d}, "tyk")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%d letters: %v, want %q", len(text), err, want)
		}
	}
}

// TestTykNeeds: every Secret and ConfigMap that is named and not rendered is a need, whatever its name, and no command has a
// value in it.
func TestTykNeeds(t *testing.T) {
	for _, encryption := range []string{None, Simple, Mutual} {
		d := New("enroll")
		d.Definition.Spec.Encryption = encryption
		secrets := []string{"dashboard", "webhook", "sidecar"}
		if encryption != None {
			secrets = append(secrets, "authKey", "ca", "cfssl", "mongo")
		}
		for _, field := range secrets {
			if err := d.Set("tyk.secrets."+field, strings.ToLower("own-"+field), Position{Flag: "--set"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Set("tyk.namespaces", "default,shop", Position{Flag: "--set"}); err != nil {
			t.Fatal(err)
		}
		plans, err := Resolve([]*Draft{d}, "tyk")
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, n := range Needs(plans, func(*Plan) []Part { return Parts }) {
			all.WriteString(n.Text + "\n" + n.Command + "\n")
			if strings.Contains(n.Command, "--from-literal") {
				t.Errorf("%s: a value in %s", encryption, n.Command)
			}
		}
		var want []string
		for _, field := range secrets {
			if field != "sidecar" {
				want = append(want, "Secret tyk/own-"+strings.ToLower(field))
			}
		}
		want = append(want, "Secret default/own-sidecar", "Secret shop/own-sidecar")
		if encryption != None {
			want = append(want, "ConfigMap default/ca-pem", "ConfigMap shop/ca-pem", "ConfigMap tyk/ca-pem")
		}
		for _, name := range want {
			if !strings.Contains(all.String(), name) {
				t.Errorf("%s: nobody is told of %s", encryption, name)
			}
		}
	}
}
