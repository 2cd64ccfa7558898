package certs

import (
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"
)

// An excuse is why a lint may complain, and of which of the variants; of any, if none is named.
type excuse struct {
	why  string
	only []string
}

// excused are the lints of what holds for CAs of the public Web alone, which these are not.
var excused = map[string]excuse{
	"e_ca_country_name_missing":                                     {"a store's CA is of no country", nil},
	"n_ca_digital_signature_not_set":                                {"there is no OCSP: leaves are short-lived, and a CA that may sign nothing else is safer", nil},
	"w_root_ca_basic_constraints_path_len_constraint_field_present": {"the root signs leaves only, and says so, though RFC 5280 lets verifiers overlook it in a trust anchor", nil},
	"e_sub_cert_aia_does_not_contain_ocsp_url":                      {"there is no OCSP responder", nil},
	"e_sub_cert_aia_missing":                                        {"servers bring the chain, and nobody has to fetch it", nil},
	"w_sub_cert_aia_does_not_contain_issuing_ca_url":                {"servers bring the chain, and nobody has to fetch it", nil},
	"e_sub_cert_cert_policy_empty":                                  {"a policy identifier says that the rules of the public Web are kept", nil},
	"e_sub_cert_certificate_policies_missing":                       {"a policy identifier says that the rules of the public Web are kept", nil},
	"w_ct_sct_policy_count_unsatisfied":                             {"names inside a company are not for public logs", nil},
	"w_subject_common_name_included":                                {"a common name is for people who read logs", nil},
	"e_subject_common_name_not_exactly_from_san":                    {"a common name is for people who read logs", []string{"everything", "longest-common"}},
	"e_dnsname_bad_character_in_label":                              {"it takes the common name for a DNS name", []string{"everything", "longest-common"}},
	"e_dnsname_label_too_long":                                      {"it takes the common name for a DNS name", []string{"longest-common"}},
	"e_dnsname_not_valid_tld":                                       {"names of a cluster, and those that RFC 2606 keeps for examples, are not on the Internet", []string{"long-name", "one-label", "service", "everything", "longest-common", "shop.ext"}},
	"n_san_iana_pub_suffix_empty":                                   {"names of a cluster are no domains", []string{"one-label", "service"}},
	"e_ext_san_contains_reserved_ip":                                {"addresses of private networks belong to whoever runs them", []string{"addresses", "everything", "shop.ext"}},
	"e_ext_san_uniform_resource_identifier_present":                 {"a SPIFFE ID is a URI", []string{"spiffe", "everything"}},
	"e_sub_cert_valid_time_longer_than_39_months":                   {"how long is asked for by name", []string{"ten-years"}},
	"e_sub_cert_valid_time_longer_than_825_days":                    {"how long is asked for by name", []string{"ten-years"}},
	"e_tls_server_cert_valid_time_longer_than_398_days":             {"how long is asked for by name", []string{"ten-years"}},
	"w_tls_server_cert_valid_time_longer_than_397_days":             {"how long is asked for by name", []string{"ten-years"}},
}

func (e excuse) holds(certificate string) bool {
	is := func(prefix string) bool { return strings.HasPrefix(certificate, prefix) }
	return e.why != "" && (e.only == nil || slices.ContainsFunc(e.only, is))
}

// variants are requests of every kind: the sides, the keys, and names of all sorts.
func variants() map[string]Request {
	long := strings.Repeat(strings.Repeat("a", 60)+".", 4) + "example"
	names := map[string]Request{
		"one name":       {DNS: []string{"ext.example.com"}},
		"common name":    {CommonName: "ext.example.com", DNS: []string{"ext.example.com"}},
		"wildcard":       {DNS: []string{"*.example.com", "example.com"}},
		"long name":      {DNS: []string{long, strings.Repeat("b", 63) + ".example.com"}},
		"IDNA":           {DNS: []string{"xn--bcher-kva.example.com"}},
		"one label":      {DNS: []string{"orders"}},
		"service":        {DNS: []string{"orders", "orders.shop", "orders.shop.svc", "orders.shop.svc.cluster.local"}},
		"addresses":      {IPs: []string{"192.0.2.7", "2001:db8::7"}},
		"SPIFFE":         {URIs: []string{"spiffe://cluster.local/ns/shop/sa/orders"}},
		"everything":     {CommonName: "orders of the shop", DNS: []string{"ext.example.com"}, IPs: []string{"10.1.2.3"}, URIs: []string{"spiffe://cluster.local/ns/shop/sa/orders", "https://ext.example.com/a"}},
		"longest common": {CommonName: strings.Repeat("ü", 32), DNS: []string{"ext.example.com"}},
		"a year":         {DNS: []string{"ext.example.com"}, Validity: 365 * day},
		"ten years":      {DNS: []string{"ext.example.com"}, Validity: 3600 * day},
	}
	all := map[string]Request{}
	for name, r := range names {
		for _, r.Purpose = range []Purpose{Server, Client} {
			all[name+", "+string(r.Purpose)] = r
		}
	}
	for _, key := range Keys {
		for _, purpose := range []Purpose{Server, Client} {
			r := names["one name"]
			r.Key, r.Purpose = key, purpose
			all[string(key)+", "+string(purpose)] = r
		}
	}
	return all
}

// strictStores are stores whose CAs have every kind of key, with certificates of all kinds in the first.
func strictStores(t *testing.T) map[string]*Store {
	stores := map[string]*Store{}
	for _, key := range Keys {
		stores["CA "+string(key)] = newStore(t, Init{Key: key})
	}
	for name, r := range variants() {
		r.Name = strings.NewReplacer(", ", ".", " ", "-").Replace(strings.ToLower(name))
		issue(t, stores["CA "+string(DefaultKey)], r)
	}
	for name, s := range stores {
		if name != "CA "+string(DefaultKey) {
			issue(t, s, server)
		}
	}
	return stores
}

// TestStrict has all lints of zlint look at every kind of certificate, and openssl verify them as strictly as it can.
func TestStrict(t *testing.T) {
	used := map[string]bool{}
	look := func(t *testing.T, who string, chain []byte) {
		block, _ := pem.Decode(chain)
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		for name, result := range zlint.LintCertificate(certificate).Results {
			if result.Status < lint.Notice {
				continue
			}
			if !excused[name].holds(who) {
				t.Errorf("%s: %s: %s: %s", name, result.Status, lint.GlobalRegistry().ByName(name).Description, result.Details)
			}
			used[name] = true
		}
	}
	for name, s := range strictStores(t) {
		t.Run(name, func(t *testing.T) {
			chain, err := os.ReadFile(filepath.Join(s.Dir(), versionsDir, s.Authorities()[0].Folder, "ca.crt"))
			if err != nil {
				t.Fatal(err)
			}
			look(t, "CA", chain)
		})
		for _, e := range s.Entries() {
			t.Run(name+"/"+e.Name, func(t *testing.T) {
				chain, _, err := s.Pair(e.Name)
				if err != nil {
					t.Fatal(err)
				}
				look(t, e.Name, chain)
				strictly(t, s, e)
			})
		}
	}
	for name, e := range excused {
		if !used[name] {
			t.Errorf("%s is excused (%s), and never complains", name, e.why)
		}
	}
}

// strictly has openssl verify a certificate for its side, and for each of its names, and not for the other side.
func strictly(t *testing.T, s *Store, e Entry) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Log("openssl is not installed")
		return
	}
	verify := func(purpose string, more ...string) (string, error) {
		args := []string{"verify", "-x509_strict", "-no-CApath", "-no-CAstore", "-attime", strconv.FormatInt(e.NotBefore.Unix(), 10), "-CAfile", filepath.Join(s.Dir(), trustFile), "-purpose", purpose}
		out, err := exec.Command(openssl, append(append(args, more...), filepath.Join(s.Dir(), linksDir, e.Name, "tls.crt"))...).CombinedOutput()
		return string(out), err
	}
	own, wrong := "sslserver", "sslclient"
	if e.Purpose == Client {
		own, wrong = wrong, own
	}
	checks := [][]string{nil}
	for _, name := range e.DNS {
		checks = append(checks, []string{"-verify_hostname", strings.Replace(name, "*", "www", 1)})
	}
	for _, ip := range e.IPs {
		checks = append(checks, []string{"-verify_ip", ip})
	}
	for _, c := range checks {
		if out, err := verify(own, c...); err != nil {
			t.Errorf("%s %q: %v: %s", own, c, err, out)
		}
	}
	if out, err := verify(wrong); err == nil {
		t.Errorf("%s: %s", wrong, out)
	}
	if out, err := verify(own, "-verify_hostname", "other.invalid"); err == nil {
		t.Errorf("a name that it has not: %s", out)
	}
}
