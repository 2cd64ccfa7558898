package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCertsLint: what is found decides the status, whatever the format; what cannot be read is no finding.
func TestCertsLint(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return name
	}
	open := file("open.json", `{"signing": {"default": {"expiry": "24h", "usages": ["client auth"]}, "profiles": {"a": {"expiry": "24h", "usages": ["client auth"], "auth_key": "k"}}}, "auth_keys": {"k": {"type": "standard", "key": "file:/k"}}}`)
	good := file("csr.json", `{"CN": "shop.example", "hosts": ["shop.example"]}`)
	for _, c := range []struct {
		args   []string
		stdin  string
		status int
		out    string // that stdout holds
		err    string // that stderr, or the error, holds
	}{
		{[]string{good}, "", exitDone, "nothing found in 1 file\n", ""},
		{[]string{good, open}, "", exitFindings, "open.json:1:14: error open-profile: ", "newcert"},
		{[]string{good, open, "-o", "json"}, "", exitFindings, `"rule": "open-profile"`, "newcert"},
		{[]string{"-"}, `{"CN": "x"}`, exitFindings, "stdin:1:1: error no-hosts", ""},
		{nil, `{"CN": "shop ca", "ca": {"expiry": "87600h", "pathlenzero": true}}`, exitDone, "nothing found", ""},
		{[]string{good, filepath.Join(dir, "none.json")}, "", exitInput, "", "none.json: no such file"},
		{[]string{"-"}, `{"CN": "x",}`, exitInput, "", "-:1:12: not JSON"},
		{[]string{"-"}, `[]`, exitInput, "", "neither"},
		{[]string{"-", "-"}, `{}`, exitUsage, "", "twice"},
		{[]string{good, "-o", "yaml"}, "", exitUsage, "", "unknown format"},
		{[]string{good, "-o", "json=" + good}, "", exitUsage, "", "overwrite"},
	} {
		var out, errOut bytes.Buffer
		s := streams{in: strings.NewReader(c.stdin), out: &out, err: &errOut, screen: &out}
		cmd := certsLintCommand(s)
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(append([]string{}, c.args...))
		err := cmd.Execute()
		status := exitDone
		var known *statusError
		switch {
		case errors.Is(err, errFindings):
			status = exitFindings
		case errors.As(err, &known):
			status = known.status
		case err != nil:
			t.Errorf("%v: an error without a status: %v", c.args, err)
		}
		said := errOut.String()
		if status >= exitUsage {
			said += err.Error()
		}
		if status != c.status || !strings.Contains(out.String(), c.out) || c.out == "" && out.Len() > 0 || !strings.Contains(said, c.err) || c.err == "" && said != "" {
			t.Errorf("%v: status %d, stdout %q, stderr %q", c.args, status, out.String(), said)
		}
		if strings.Contains(c.out, `"rule"`) && !json.Valid(out.Bytes()) {
			t.Errorf("%v: no JSON", c.args)
		}
	}
}
