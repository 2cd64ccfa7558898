package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/meshscenario/scenario/tyk"
)

// TestTykRenewalJob runs what the rendered CronJob runs, on what its first step would leave there: of a record the fields that it
// asks for, which say as much as the whole.
func TestTykRenewalJob(t *testing.T) {
	b, _ := bundleOf(t, "enroll", []string{"render", "enroll", "--target", "tyk", "--include", "all", "--set", "tyk.ca.renewalImage=registry.example/scenario:1", "-o", "json"})
	var job *batchv1.CronJob
	for _, o := range b.Objects {
		if typed, err := o.Typed(); err != nil {
			t.Fatal(err)
		} else if j, ok := typed.(*batchv1.CronJob); ok {
			job = j
		}
	}
	if job == nil {
		t.Fatal("no CronJob")
	}
	pod := job.Spec.JobTemplate.Spec.Template.Spec
	fields := regexp.MustCompile(`--fields=(\S+) --out=(\S+)`).FindStringSubmatch(pod.InitContainers[0].Command[2])
	whole := recordOfAll(t)
	part, err := json.Marshal(projected(t, whole, strings.Split(fields[1], ",")))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(part), "VFJVRVNFQ1JFVA") {
		t.Error("the job exports private keys")
	}
	want, err := tyk.ReadRecords(whole)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tyk.ReadRecords(part); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("of what is exported it reads %+v (%v), of the whole %+v", got, err, want)
	}
	folder := t.TempDir()
	for name, data := range map[string][]byte{fields[2]: part, "/renewal/apis.json": []byte(`{"apis": [{"api_definition": {"slug": "a-inbound", "domain": "a.shop", "certificates": ["b"]}}]}`)} {
		if err := os.WriteFile(filepath.Join(folder, strings.TrimPrefix(name, "/renewal/")), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := pod.Containers[0].Command
	for i := range command {
		command[i] = strings.ReplaceAll(command[i], "/renewal", folder)
	}
	var out, errOut bytes.Buffer
	if status := run(append(command[1:], "--now", "2026-03-02T00:00:00Z"), strings.NewReader(""), &out, &errOut); command[0] != "scenario" || status != exitFindings {
		t.Errorf("%q: exit %d, want %d\n%s%s", command, status, exitFindings, out.String(), errOut.String())
	}
}

// recordOfAll is a record with every field that is read, and with a key, which is not.
func recordOfAll(t *testing.T) []byte {
	t.Helper()
	certificate, err := os.ReadFile("../../examples/definitions/ca.crt")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(nil, `{"_id": {"$oid": "5e9d9544a1dcd60001d0ed20"}, "uid": "1",
		"bundle": {"privatekey": {"$binary": {"base64": "VFJVRVNFQ1JFVA==", "subType": "00"}}, "certificate": {"$binary": {"base64": %q, "subType": "00"}}, "fingerprint": "org%x"},
		"bundlehistory": [{"privatekey": {"$binary": {"base64": "VFJVRVNFQ1JFVA==", "subType": "00"}}, "fingerprint": "before"}],
		"created": {"$date": "2026-01-01T00:00:00Z"}, "expires": {"$date": "2026-04-01T00:00:00Z"},
		"serviceid": "5e9d9544a1dcd60001d0ed21", "clientegressids": ["a"], "ismeshcert": true}`,
		base64.StdEncoding.EncodeToString(certificate), sha256.Sum256(pemBytes(t, certificate)))
}

// projected is a document with no other fields, as a database projects it: of each item where there is a list.
func projected(t *testing.T, document []byte, fields []string) any {
	t.Helper()
	var all any
	if err := json.Unmarshal(document, &all); err != nil {
		t.Fatal(err)
	}
	var keep func(v any, at string) any
	keep = func(v any, at string) any {
		if list, ok := v.([]any); ok {
			kept := []any{}
			for _, item := range list {
				kept = append(kept, keep(item, at))
			}
			return kept
		}
		m, ok := v.(map[string]any)
		if !ok {
			return v
		}
		kept := map[string]any{}
		for name, child := range m {
			path := strings.TrimPrefix(at+"."+name, ".")
			for _, f := range fields {
				if f == path {
					kept[name] = child
				} else if strings.HasPrefix(f, path+".") {
					kept[name] = keep(child, path)
				}
			}
		}
		return kept
	}
	return keep(all, "")
}
