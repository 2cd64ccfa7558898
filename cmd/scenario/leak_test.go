package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoKeyLeaks works with certificates as people do and as they get it wrong, with private keys where other files belong,
// and looks for any part of any key in all that is printed and in every file that is not a key's.
func TestNoKeyLeaks(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	temporary := filepath.Join(dir, "tmp")
	t.Setenv("TMPDIR", temporary)
	t.Setenv("SCENARIO_PKI", "")
	if err := os.Mkdir(temporary, 0o700); err != nil {
		t.Fatal(err)
	}
	// Keys are the output of these, and of no other: of them only what goes to stderr is looked at.
	bearers := []string{"certs secret", "render 1b --mtls --include service --secrets inline"}
	var keys []string
	did := func(want int, command string) []byte {
		t.Helper()
		var out, errOut bytes.Buffer
		status := run(strings.Fields(command), strings.NewReader(""), &out, &errOut)
		if status != want {
			t.Errorf("scenario %s: exit %d, want %d: %s", command, status, want, errOut.String())
		}
		keys = privateKeys(t, dir, keys)
		text := errOut.String()
		bears := false
		for _, b := range bearers {
			bears = bears || strings.HasPrefix(command, b)
		}
		if !bears {
			text += out.String()
		}
		if part := told(keys, text); part != "" {
			t.Errorf("scenario %s tells %q", command, part)
		}
		return out.Bytes()
	}
	write := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) []byte {
		t.Helper()
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}

	did(exitDone, "certs init")
	did(exitDone, "certs issue 1b --mtls --include service")
	did(exitDone, "certs issue shop --server --dns shop.example --secret shop/shop=split")
	did(exitDone, "certs renew --all")
	did(exitDone, "certs status")
	did(exitDone, "certs status -o json")
	did(exitDone, "certs status -o prometheus")
	did(exitDone, "certs verify")
	did(exitDone, "render 1b --mtls")
	write("bundle.yaml.key", did(exitDone, "render 1b --mtls --include service --secrets inline"))
	write("secrets.yaml.key", did(exitDone, "certs secret"))
	for _, format := range []string{"text", "json", "sarif", "github", "gitlab", "junit"} {
		did(exitDone, "validate bundle.yaml.key --pki pki -o "+format)
	}
	did(exitDone, "certs verify secrets.yaml.key")
	did(exitDone, "bootstrap 1b --mtls --to kit --pki pki")
	did(exitDone, "bootstrap 1b --mtls --to kit-without --secrets none")
	did(exitDone, "certs rotate-ca")
	did(exitDone, "certs rotate-ca")

	// Keys, whole and broken, where something else belongs.
	key := read("pki/certs/shop/tls.key")
	write("meshed.yaml", []byte(`{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {app: a}, annotations: {injector.tyk.io/inject: "true"}}, spec: {containers: []}}`))
	write("api.json", []byte(`{"slug": "shop-inbound", "domain": "shop.example", "certificates": ["gone"]}`))
	sum := sha256.Sum256(pemBytes(t, read("pki/certs/shop/tls.crt")))
	write("records.key", fmt.Appendf(nil, `{"uid":"1","bundle":{"privatekey":%q,"certificate":%q,"fingerprint":"%x"},"created":"2026-01-01T00:00:00Z","ismeshcert":false}`,
		base64.StdEncoding.EncodeToString(key), base64.StdEncoding.EncodeToString(read("pki/certs/shop/tls.crt")), sum))
	for _, format := range []string{"text", "json"} {
		did(exitFindings, "tyk renewal --records records.key --apis api.json --to next-"+format+" -o "+format)
	}
	block, _ := pem.Decode(key)
	shapes := map[string][]byte{
		"whole": key, "cut": key[:len(key)/2], "body": []byte(strings.Join(strings.Split(string(key), "\n")[1:], "\n")), "der": block.Bytes,
		"line": bytes.ReplaceAll(key, []byte("\n"), nil), "base64": []byte(base64.StdEncoding.EncodeToString(key)),
		"json": fmt.Appendf(nil, "{\"key\": %q", key), "yaml": fmt.Appendf(nil, "apiVersion: v1\nkind: Secret\nmetadata: {name: %q}\n", key),
		"certificate": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: block.Bytes}), "beside": append(bytes.Clone(key), read("pki/ca.crt")...),
	}
	for shape, data := range shapes {
		file := shape + ".key"
		write(file, data)
		for _, command := range []string{
			"certs init --pki other --ca-cert " + file + " --ca-key " + file,
			"certs init --pki other --ca-cert pki/ca.crt --ca-key " + file,
			"certs init --pki other --ca-cert " + file + " --ca-key pki/certs/shop/tls.key",
			"certs issue 1a --encryption simple --peer-ca " + file,
			"certs issue -f " + file,
			"certs issue 1b --mtls --set-file service.host=" + file,
			"certs issue 1b --mtls --set-file name=" + file,
			"certs secret --age-identity " + file + " -f " + file,
			"certs verify " + file,
			"certs lint " + file,
			"validate " + file,
			"validate bundle.yaml.key --waivers " + file,
			"validate bundle.yaml.key --policy " + file,
			"render -f " + file,
			"render 1b --mtls --set-file service.host=" + file,
			"tyk preview " + file,
			"tyk preview meshed.yaml --config " + file,
			"tyk grants meshed.yaml --org 00 --certs " + file,
			"tyk renewal --records " + file + " --apis " + file,
			"tyk renewal --records records.key --apis " + file,
		} {
			var out, errOut bytes.Buffer
			run(strings.Fields(command), strings.NewReader(""), &out, &errOut)
			if part := told(keys, out.String()+errOut.String()); part != "" {
				t.Errorf("scenario %s tells %q in\n%s%s", command, part, out.String(), errOut.String())
			}
			if err := os.RemoveAll("other"); err != nil {
				t.Fatal(err)
			}
		}
	}

	// A store whose keys are broken.
	at := "pki/certs/shop/tls.key"
	for shape, data := range shapes {
		write(at, data)
		for _, command := range []string{"certs status", "certs verify", "certs verify secrets.yaml.key", "validate bundle.yaml.key --pki pki", "certs renew shop --within 1h", "render 1b --mtls --secrets reference"} {
			var out, errOut bytes.Buffer
			run(strings.Fields(command), strings.NewReader(""), &out, &errOut)
			if part := told(keys, out.String()+errOut.String()); part != "" {
				t.Errorf("with the key %s, scenario %s tells %q", shape, command, part)
			}
		}
	}

	// What is left on the disk.
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, ".key") {
			return err
		}
		if strings.HasPrefix(path, temporary) {
			t.Errorf("%s is left", path)
		}
		if part := told(keys, string(read(path))); part != "" {
			t.Errorf("%s holds %q", path, part)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// privateKeys adds the keys that files of a folder hold to those that are known.
func privateKeys(t *testing.T, dir string, known []string) []string {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "pki", "versions"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".key") {
			return err
		}
		data, err := os.ReadFile(path)
		if block, _ := pem.Decode(data); err == nil && block != nil && !contains(known, string(block.Bytes)) {
			known = append(known, string(block.Bytes))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return known
}

func pemBytes(t *testing.T, data []byte) []byte {
	t.Helper()
	block, _ := pem.Decode(data)
	if block == nil {
		t.Fatal("no PEM")
	}
	return block.Bytes
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

// told finds a part of a key's number in a text, in the forms in which it may be written. In the DER of an EC key (RFC 5915)
// the number is in bytes 7 to 38; what follows is public.
func told(keys []string, text string) string {
	flat := strings.Join(strings.Fields(strings.ReplaceAll(text, `\n`, "")), "")
	for _, key := range keys {
		number := []byte(key[7:39])
		forms := []string{string(number), fmt.Sprintf("%x", number), fmt.Sprintf("%X", number), strings.ReplaceAll(strings.Trim(fmt.Sprint(number), "[]"), " ", "")}
		body := base64.StdEncoding.EncodeToString([]byte(key))[10:52]
		forms = append(forms, body)
		// PEM encoded once more, wherever in a group of three bytes it begins.
		for skip := range 3 {
			forms = append(forms, base64.StdEncoding.EncodeToString([]byte(body[skip:])))
		}
		for _, form := range forms {
			for i := 0; i+12 <= len(form); i += 6 { // any 18 characters in a row hold one of these
				if strings.Contains(flat, form[i:i+12]) {
					return form[i : i+12]
				}
			}
		}
	}
	return ""
}
