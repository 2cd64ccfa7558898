package lint

import (
	"strings"
	"testing"
)

// TestGuards: whole files, by what they are for.
func TestGuards(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		// For cfssl gencert on one's own machine, as its documentation begins.
		{`{"signing": {"default": {"expiry": "24h", "usages": ["server auth"]}}}`, "warning unauthenticated signing"},
		{`{"signing": {}}`, "warning unauthenticated signing"},
		// For a client of a server that guards its profiles.
		{`{"signing": {"default": {"auth_remote": {"remote": "ca", "auth_key": "k"}}},
		  "auth_keys": {"k": {"type": "standard", "key": "file:/k"}}, "remotes": {"ca": "https://ca.example:8888"}}`, ""},
		// The guard was made, and forgotten.
		{`{"signing": {"default": {"expiry": "24h", "usages": ["server auth"]}},
		  "auth_keys": {"k": {"type": "standard", "key": "file:/k"}}}`, "error open-profile signing.default"},
		// cfssl makes a default profile of its own.
		{`{"signing": {"profiles": {"a": {"expiry": "24h", "usages": ["server auth"], "auth_key": "k"}}},
		  "auth_keys": {"k": {"type": "standard", "key": "file:/k"}}}`, "error open-default signing"},
		{`{"auth_keys": {}}`, "error no-signing "},
	} {
		check(t, c.text, c.want)
	}
}

// TestFile: what is neither kind of file is no finding.
func TestFile(t *testing.T) {
	for text, want := range map[string]string{
		``:                          "f:1:1: not JSON",
		"{\n \"signing\": {,}}":     "f:2:14: not JSON",
		`{"signing": {}`:            "f:1:15: not JSON",
		`{"signing": {}} x`:         "f:1:17: not JSON",
		"signing:\n  default: {}":   "f:1:1: not JSON",
		`{}`:                        "f:1:1: neither",
		`[]`:                        "f:1:1: neither",
		`null`:                      "f:1:1: neither",
		`{"apiVersion": "v1"}`:      "f:1:1: neither",
		`{"driver": "sqlite3"}`:     "f:1:1: neither",
		`{"signing": 1}`:            "",
		`{"sgining": {}}`:           "",
		`{"CN": "a", "signing": 1}`: "",
	} {
		_, err := File("f", []byte(text), now)
		if got := ""; err != nil {
			got = err.Error()
			if want == "" || !strings.HasPrefix(got, want) {
				t.Errorf("%q: %s", text, got)
			}
		} else if want != "" {
			t.Errorf("%q is read", text)
		}
	}
	for text, kind := range map[string]Kind{`{"CN": "a"}`: Request, `{"hosts": []}`: Request, `{"remotes": {}}`: Config} {
		if r, err := File("f", []byte(text), now); err != nil || r.Kind != kind {
			t.Errorf("%s: %q %v", text, r.Kind, err)
		}
	}
}

// TestFixes: where there is one right text, the fix is that text.
func TestFixes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{strings.Replace(clean, `"720h"`, `"30d"`, 1), `Write "720h"`},
		{strings.Replace(clean, `"720h"`, `"1 year"`, 1), `Write "8760h"`},
		{strings.Replace(clean, `"720h"`, `"720"`, 1), `Write "720h"`},
		{strings.Replace(clean, `"auth_key": "mesh",`, `"auth_key": "mehs",`, 1), `Write "mesh"`},
		{strings.Replace(clean, `"client auth"`, `"client_auth"`, 1), `Write "client auth"`},
		{strings.Replace(clean, `https://hsm`, `http://hsm`, 1), "Write https://hsm.shop.example:8888, and start that server with -tls-cert and -tls-key"},
		{strings.Replace(cleanLeaf, `192.0.2.1`, `shop.example:443`, 1), `Write "shop.example"`},
		{strings.Replace(cleanLeaf, `192.0.2.1`, `https://shop.example:443/x`, 1), `Write "shop.example"`},
		{strings.Replace(cleanLeaf, `"GB"`, `"UK"`, 1), `Write GB`},
	} {
		r, err := File("f", []byte(c.text), now)
		if err != nil || len(r.Findings) != 1 || r.Findings[0].Fix != c.want {
			t.Errorf("want %s: %+v %v", c.want, r.Findings, err)
		}
	}
}
