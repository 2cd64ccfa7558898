package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// readmeCommand finds the commands of README.adoc: in its listings, and in its table of variants.
var readmeCommand = regexp.MustCompile(`(?m)^(?:\$ |\|)?scenario ((?:render|trace|validate|explain|migrate|tyk (?:preview|apis|grants)) .*)$`)

// TestReadme runs every render, validate, trace and explain command that README.adoc shows, with the cluster that it speaks
// of. What validate, trace and explain contrast print must be there.
func TestReadme(t *testing.T) {
	data, err := os.ReadFile("../../README.adoc")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../..")
	t.Setenv("COLUMNS", "")
	t.Setenv("SCENARIO_TARGET", "")
	namespace := t.TempDir() + "/namespace.yaml"
	text := "{apiVersion: v1, kind: Namespace, metadata: {name: greetings-client, labels: {istio-injection: enabled}}}\n---\n" +
		"{apiVersion: v1, kind: Secret, metadata: {name: another, namespace: greetings-client}}\n"
	if err := os.WriteFile(namespace, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", held(t, nil, "examples/1a/mutual/ossm-3.4.yaml", namespace))
	commands := readmeCommand.FindAllStringSubmatch(string(data), -1)
	if len(commands) < 25 {
		t.Fatalf("%d commands found", len(commands))
	}
	for _, c := range commands {
		command, _, _ := strings.Cut(c[1], " > ")
		if strings.HasPrefix(command, "render ") {
			command, _, _ = strings.Cut(command, " --to ")
		}
		command = strings.Replace(command, "migrate -f mesh/", "migrate -f examples/control-plane", 1)
		if before, _, ok := strings.Cut(command, " --output-dir new/ "); ok {
			command = before
		}
		command = strings.Replace(command, "-f definitions/", "-f examples/definitions", 1)
		if strings.Contains(command, "overlay.jsonnet") {
			overlay := t.TempDir() + "/overlay.jsonnet"
			text := regexp.MustCompile(`(?m)^function\(objects.*$`).Find(data)
			if err := os.WriteFile(overlay, text, 0o600); err != nil {
				t.Fatal(err)
			}
			command = strings.Replace(command, "overlay.jsonnet", overlay, 1)
		}
		var out, errOut bytes.Buffer
		want := exitDone
		if strings.HasPrefix(command, "validate ") {
			want = exitFindings
		}
		if status := run(strings.Fields(strings.ReplaceAll(command, "'", "")), strings.NewReader(""), &out, &errOut); status != want {
			t.Errorf("scenario %s: exit %d\n%s", command, status, errOut.String())
		}
		if (strings.HasSuffix(command, "-o name") || strings.HasPrefix(command, "trace ") || strings.HasPrefix(command, "validate ") || strings.HasPrefix(command, "explain contrast ") || strings.HasPrefix(command, "tyk grants ")) && !bytes.Contains(data, out.Bytes()) {
			t.Errorf("scenario %s prints\n%s", command, out.String())
		}
	}
}

// TestReadmeCertificates runs the commands of README.adoc about certificates, one after the other, in a folder of their own.
func TestReadmeCertificates(t *testing.T) {
	data, err := os.ReadFile("../../README.adoc")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "[#certs]\n----\n")
	listing, _, _ := strings.Cut(rest, "----\n")
	if strings.Count(listing, "\n") < 10 {
		t.Fatalf("%q", listing)
	}
	t.Chdir(t.TempDir())
	t.Setenv("SCENARIO_PKI", "")
	t.Setenv("SCENARIO_TARGET", "")
	for line := range strings.Lines(listing) {
		command, ours := strings.CutPrefix(strings.TrimSpace(line), "scenario ")
		var out, errOut bytes.Buffer
		if status := run(strings.Fields(command), strings.NewReader(""), &out, &errOut); !ours || status != exitDone {
			t.Errorf("%s: exit %d\n%s%s", line, status, out.String(), errOut.String())
		}
	}
}
