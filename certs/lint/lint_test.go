package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudflare/cfssl/config"
)

var now = time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)

// clean is a configuration of a server in which nothing is wrong.
const clean = `{
  "signing": {
    "default": {
      "usages": ["signing", "key encipherment", "server auth"],
      "expiry": "2160h",
      "auth_key": "mesh",
      "prev_auth_key": "before"
    },
    "profiles": {
      "client": {
        "usages": ["signing", "client auth"],
        "expiry": "720h",
        "backdate": "5m",
        "auth_key": "mesh",
        "name_whitelist": "^[a-z-]+\\.shop\\.example$"
      },
      "ca": {
        "usages": ["cert sign", "crl sign"],
        "expiry": "43800h",
        "ca_constraint": {"is_ca": true, "max_path_len_zero": true},
        "auth_key": "mesh"
      },
      "far": {
        "auth_remote": {"remote": "hsm", "auth_key": "hsm"},
        "auth_key": "mesh"
      }
    }
  },
  "auth_keys": {
    "mesh": {"type": "standard", "key": "file:/var/run/cfssl/mesh"},
    "before": {"type": "standard", "key": "file:/var/run/cfssl/before"},
    "hsm": {"type": "standard", "key": "file:/var/run/cfssl/hsm"}
  },
  "remotes": {"hsm": "https://hsm.shop.example:8888"}
}
`

// A change makes one mistake in a clean file.
type change struct {
	old, new string
	want     string // what is found, as brief has it, separated by ";"
	refused  bool   // by cfssl
}

const random = "8f1c5e0b7a2d4936e1b0c4d7f2a59863"

var changes = []change{
	// The guards.
	{`"auth_key": "mesh",
      "prev_auth_key": "before"`, `"crl_url": ""`, "error open-profile signing.default", false},
	{`"backdate": "5m",
        "auth_key": "mesh",`, `"backdate": "5m",`, "error open-profile signing.profiles.client", false},
	{`"auth_remote": {"remote": "hsm", "auth_key": "hsm"},
        "auth_key": "mesh"`, `"auth_remote": {"remote": "hsm", "auth_key": "hsm"}`, "error open-profile signing.profiles.far", false},
	{`"auth_key": "mesh",
      "prev`, `"auth_key": "",
      "prev`, "error open-profile signing.default", false},
	{`"auth_key": "mesh",
      "prev`, `"auth-key": "mesh",
      "prev`, "error unknown-field signing.default.auth-key", false},
	{`"auth_key": "mesh",
      "prev`, `"auth_key": "mehs",
      "prev`, "error unknown-key signing.default.auth_key", true},
	{`"prev_auth_key": "before"`, `"prev_auth_key": "bfore"`, "error unknown-key signing.default.prev_auth_key", true},
	{`"prev_auth_key": "before"`, `"prev_auth_key": "mesh"`, "warning same-key signing.default.prev_auth_key", false},
	{`"remote": "hsm", "auth_key": "hsm"`, `"remote": "hsm", "auth_key": "hms"`, "error unknown-key signing.profiles.far.auth_remote.auth_key", true},
	// The keys.
	{`"file:/var/run/cfssl/mesh"`, `"` + random + `"`, "warning clear-key auth_keys.mesh.key", false},
	{`"file:/var/run/cfssl/mesh"`, `"env:MESH_KEY"`, "info key-from-environment auth_keys.mesh.key", false},
	{`"file:/var/run/cfssl/mesh"`, `"6DCB98E9d24cc68ed627017e4a1a03b8"`, "error published-key auth_keys.mesh.key", false},
	{`"file:/var/run/cfssl/mesh"`, `"0123456789ABCDEF0123456789ABCDEF"`, "error published-key auth_keys.mesh.key", false},
	{`"file:/var/run/cfssl/mesh"`, `"8f1c5e0b7a2d4936"`, "error short-key auth_keys.mesh.key", false},
	{`"file:/var/run/cfssl/mesh"`, `"deadbeefdeadbeefdeadbeefdeadbeef"`, "error guessable-key auth_keys.mesh.key", false},
	{`"file:/var/run/cfssl/mesh"`, `""`, "error empty-key auth_keys.mesh.key", false},
	{`"file:/var/run/cfssl/mesh"`, `"env:"`, "error empty-key auth_keys.mesh.key", false},
	{`, "key": "file:/var/run/cfssl/mesh"`, ``, "error empty-key auth_keys.mesh", false},
	{`"file:/var/run/cfssl/mesh"`, `"correct horse battery staple"`, "error key-not-hex auth_keys.mesh.key", true},
	{`"file:/var/run/cfssl/mesh"`, `"8f1c5e0b7a2d4936e1b0c4d7f2a5986"`, "error key-not-hex auth_keys.mesh.key", true},
	{`"file:/var/run/cfssl/mesh"`, `"vault:secret/mesh"`, "error key-form auth_keys.mesh.key", true},
	{`"mesh": {"type": "standard"`, `"mesh": {"type": "standard-ip"`, "error key-type auth_keys.mesh.type", true},
	{`"mesh": {"type": "standard", `, `"mesh": {`, "error key-type auth_keys.mesh", true},
	{`"auth_keys": {`, `"auth_keys": {
    "spare": {"type": "standard", "key": "file:/spare"},`, "warning unused-key auth_keys.spare", false},
	// The lifetimes.
	{`"expiry": "2160h",`, ``, "error no-expiry signing.default", true},
	{`"expiry": "720h",`, ``, "error no-expiry signing.profiles.client", true},
	{`"expiry": "720h",`, `"expiry": "",`, "error no-expiry signing.profiles.client", true},
	{`"720h"`, `"30d"`, "error bad-expiry signing.profiles.client.expiry", true},
	{`"720h"`, `720`, "error wrong-type signing.profiles.client.expiry", true},
	{`"2160h"`, `"0h"`, "error no-expiry signing.default.expiry", true},
	{`"720h"`, `"0h"`, "error zero-expiry signing.profiles.client.expiry", false},
	{`"720h"`, `"-720h"`, "error expired signing.profiles.client.expiry", false},
	{`"720h"`, `"9553h"`, "warning long-lived signing.profiles.client.expiry", false},
	{`"5m"`, `"5 minutes"`, "error bad-backdate signing.profiles.client.backdate", true},
	{`"5m"`, `"-5m"`, "error negative-backdate signing.profiles.client.backdate", false},
	{`"5m"`, `"720h"`, "error expired signing.profiles.client.backdate", false},
	{`"backdate": "5m"`, `"not_before": "2027-06-01T00:00:00Z", "not_after": "2027-05-01T00:00:00Z"`, "error bad-validity signing.profiles.client.not_after", true},
	{`"backdate": "5m"`, `"not_after": "2027-01-01T00:00:00Z"`, "error expired signing.profiles.client.not_after", false},
	{`"backdate": "5m"`, `"not_after": "2027-05-01"`, "error wrong-type signing.profiles.client.not_after", true},
	// The usages.
	{`"usages": ["signing", "key encipherment", "server auth"],`, ``, "error no-usages signing.default", false},
	{`"usages": ["signing", "client auth"],`, ``, "error no-usages signing.profiles.client", true},
	{`["signing", "client auth"]`, `[]`, "error no-usages signing.profiles.client.usages", true},
	{`["signing", "client auth"]`, `["signing", "client_auth"]`, "error unknown-usage signing.profiles.client.usages[1]", false},
	{`["signing", "client auth"]`, `["clientAuth"]`, "error unknown-usage signing.profiles.client.usages[0]", true},
	{`["signing", "client auth"]`, `"client auth"`, "error wrong-type signing.profiles.client.usages", true},
	{`["signing", "client auth"]`, `["signing", "any"]`, "warning any-usage signing.profiles.client.usages", false},
	{`["signing", "client auth"]`, `["signing", "server auth", "client auth", "cert sign"]`, "error all-in-one signing.profiles.client.usages", false},
	{`["signing", "client auth"]`, `["cert sign"]`, "error cert-sign-without-ca signing.profiles.client.usages", false},
	{`["cert sign", "crl sign"]`, `["crl sign"]`, "error ca-without-cert-sign signing.profiles.ca.usages", false},
	{`["cert sign", "crl sign"]`, `["cert sign", "signing", "server auth"]`, "error all-in-one signing.profiles.ca.usages", false},
	{`["cert sign", "crl sign"]`, `["cert sign", "server auth"]`, "", false}, // a CA for servers alone
	// The CAs.
	{`, "max_path_len_zero": true`, ``, "warning path-length signing.profiles.ca.ca_constraint", false},
	{`, "max_path_len_zero": true`, `, "max_path_len": 1`, "", false},
	{`, "max_path_len_zero": true`, `, "max_path_len": 1, "max_path_len_zero": true`, "warning path-length signing.profiles.ca.ca_constraint", false},
	{`"backdate": "5m"`, `"ca_constraint": {"max_path_len": 1}`, "warning ca-constraint-unused signing.profiles.client.ca_constraint", false},
	{`"usages": ["signing", "key encipherment", "server auth"]`, `"usages": ["cert sign"], "ca_constraint": {"is_ca": true, "max_path_len_zero": true}`, "error default-ca signing.default.ca_constraint", false},
	// What requests may say.
	{`"^[a-z-]+\\.shop\\.example$"`, `"shop\\.example$"`, "warning loose-whitelist signing.profiles.client.name_whitelist", false},
	{`"^[a-z-]+\\.shop\\.example$"`, `"^a$|b"`, "warning loose-whitelist signing.profiles.client.name_whitelist", false},
	{`"^[a-z-]+\\.shop\\.example$"`, `"^(a|b)$|^c$"`, "", false},
	{`"^[a-z-]+\\.shop\\.example$"`, `"^(shop"`, "error bad-whitelist signing.profiles.client.name_whitelist", true},
	{`"backdate": "5m"`, `"copy_extensions": true`, "warning copy-extensions signing.profiles.client.copy_extensions", false},
	{`"backdate": "5m"`, `"CSRWhitelist": {"Subject": true, "DNSNames": true}`, "error whitelist-without-key signing.profiles.client.CSRWhitelist", false},
	{`"backdate": "5m"`, `"CSRWhitelist": {"PublicKey": true, "DNSNames": true}`, "", false},
	// The remotes.
	{`"remote": "hsm", "auth`, `"remote": "hms", "auth`, "error unknown-remote signing.profiles.far.auth_remote.remote", true},
	{`"remote": "hsm", "auth_key": "hsm"`, `"auth_key": "hsm"`, "error no-remote signing.profiles.far.auth_remote", true},
	{`"remote": "hsm", "auth_key": "hsm"`, `"remote": "hsm"`, "error no-remote-key signing.profiles.far.auth_remote", true},
	{`"auth_remote": {"remote": "hsm", "auth_key": "hsm"}`, `"remote": "hsm"`, "error open-remote signing.profiles.far.remote", false},
	{`"auth_remote": {"remote": "hsm", "auth_key": "hsm"}`, `"remote": "hsm", "auth_remote": {"remote": "hsm", "auth_key": "hsm"}`, "error two-remotes signing.profiles.far.remote", true},
	{`"auth_remote": {"`, `"expiry": "720h", "auth_remote": {"`, "warning skipped signing.profiles.far.expiry", false},
	{`"https://hsm.shop.example:8888"`, `"http://hsm.shop.example:8888"`, "error plaintext-remote remotes.hsm", false},
	{`"https://hsm.shop.example:8888"`, `"hsm.shop.example:8888"`, "error plaintext-remote remotes.hsm", false},
	{`"https://hsm.shop.example:8888"`, `"https://hsm.shop.example:8888,http://other.example:8888"`, "error plaintext-remote remotes.hsm", false},
	{`"https://hsm.shop.example:8888"`, `"http://127.0.0.1:8888"`, "", false},
	{`"https://hsm.shop.example:8888"`, `"https://hsm shop:http"`, "error bad-address remotes.hsm", false},
	{`"https://hsm.shop.example:8888"`, `""`, "error unknown-remote signing.profiles.far.auth_remote.remote", true},
	{`"remotes": {`, `"remotes": {"old": "https://old.shop.example:8888", `, "warning unused-remote remotes.old", false},
	// The shape.
	{`"backdate": "5m"`, `"_comment": "for clients", "//": 1`, "", false},
	{`"signing": {`, `"sining": {`, "error unknown-field sining", true},
	{`"usages": ["signing", "client`, `"usage": ["signing", "client`, "error unknown-field signing.profiles.client.usage", true},
	{`"backdate": "5m"`, `"number_of_copies": 2`, "warning unknown-field signing.profiles.client.number_of_copies", false},
	{`"signing": {`, `"SIGNING": {`, "", false}, // as encoding/json takes it
	{`"expiry": "720h",`, `"expiry": "720h", "expiry": "24h",`, "error duplicate-field signing.profiles.client.expiry", false},
	{`"profiles": {`, `"profiles": {"none": null,`, "error no-usages signing.profiles.none", true},
	{`"backdate": "5m"`, `"lint_error_level": 8`, "error wrong-type signing.profiles.client.lint_error_level", true},
	{`"backdate": "5m"`, `"ignored_lint_sources": ["Nobody"]`, "error refused signing", true},
	{`"backdate": "5m"`, `"allowed_extensions": ["one.two"]`, "error wrong-type signing.profiles.client.allowed_extensions[0]", true},
	{`"is_ca": true`, `"is_ca": "yes"`, "error wrong-type signing.profiles.ca.ca_constraint.is_ca", true},
}

func brief(findings []Finding) string {
	var all []string
	for _, f := range findings {
		all = append(all, fmt.Sprintf("%s %s %s", f.Severity, f.Check, f.Field))
	}
	return strings.Join(all, "; ")
}

// TestConfig makes each mistake alone, and holds what is refused against cfssl itself.
func TestConfig(t *testing.T) {
	for _, c := range append(changes, change{"", "", "", false}) {
		text := strings.Replace(clean, c.old, c.new, 1)
		if c.old != "" && text == clean {
			t.Fatalf("nothing to replace: %s", c.old)
		}
		check(t, text, c.want)
		err := guard(func() error { _, err := config.LoadConfig((&linter{text: []byte(text)}).withoutLateKeys()); return err })
		if (err != nil) != c.refused {
			t.Errorf("%s: cfssl says %v", c.new, err)
		}
	}
}

// check lints a text, and holds places against fields: a finding is at its key, or its item.
func check(t *testing.T, text, want string) {
	t.Helper()
	r, err := File("f.json", []byte(text), now)
	if err != nil {
		t.Errorf("%v in\n%s", err, text)
		return
	}
	if got := brief(r.Findings); sorted(got) != sorted(want) {
		t.Errorf("found %q, want %q in\n%s", got, want, text)
	}
	for _, f := range r.Findings {
		if f.Message == "" || f.Consequence == "" || f.Fix == "" || strings.Contains(f.Message+f.Consequence+f.Fix, random) {
			t.Errorf("%+v", f)
		}
		line := strings.Split(text, "\n")[f.Line-1][f.Column-1:]
		last := f.Field[strings.LastIndexByte(f.Field, '.')+1:]
		if f.Field != "" && !strings.HasSuffix(last, "]") && !strings.HasPrefix(line, `"`+last+`"`) {
			t.Errorf("%s is not at %q", f.Field, line)
		}
	}
}

func sorted(list string) string {
	all := strings.Split(list, "; ")
	slices.Sort(all)
	return strings.Join(all, "; ")
}
