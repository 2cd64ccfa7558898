package certs

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRequests asks for what no certificate should be: each is refused before anything is made, in words that name it.
func TestRequests(t *testing.T) {
	good := Request{Name: "good", Purpose: Server, DNS: []string{"good.example"}}
	label := strings.Repeat("a", 64)
	for want, change := range map[string]func(*Request){
		`"" is not a name for a certificate`:                                        func(r *Request) { r.Name = "" },
		`"../good" is not a name`:                                                   func(r *Request) { r.Name = "../good" },
		`".." is not a name`:                                                        func(r *Request) { r.Name = ".." },
		`"a..b" is not a name`:                                                      func(r *Request) { r.Name = "a..b" },
		`"a/b" is not a name`:                                                       func(r *Request) { r.Name = "a/b" },
		`"-rf" is not a name`:                                                       func(r *Request) { r.Name = "-rf" },
		`"a b" is not a name`:                                                       func(r *Request) { r.Name = "a b" },
		`"a\n" is not a name`:                                                       func(r *Request) { r.Name = "a\n" },
		`"$(id)" is not a name`:                                                     func(r *Request) { r.Name = "$(id)" },
		`"Good" is not a name`:                                                      func(r *Request) { r.Name = "Good" },
		label + label + label + `" is not a name`:                                   func(r *Request) { r.Name = label + label + label },
		`its purpose is server, client or intermediate, not ""`:                     func(r *Request) { r.Purpose = "" },
		`its purpose is server, client or intermediate, not "both"`:                 func(r *Request) { r.Purpose = "both" },
		`unknown kind of key "ed25519"`:                                             func(r *Request) { r.Key = "ed25519" },
		`valid for 59m, less than an hour`:                                          func(r *Request) { r.Validity = 59 * time.Minute },
		`valid for -1h, less than an hour`:                                          func(r *Request) { r.Validity = -time.Hour },
		`its common name is longer than the 64 bytes`:                               func(r *Request) { r.CommonName = strings.Repeat("ü", 33) },
		`its common name "a\nb" has characters that cannot`:                         func(r *Request) { r.CommonName = "a\nb" },
		`its common name "\x1b[2J" has characters that cannot`:                      func(r *Request) { r.CommonName = "\x1b[2J" },
		`its common name "\xff" has characters that cannot`:                         func(r *Request) { r.CommonName = "\xff" },
		`its common name " a" begins or ends with a space`:                          func(r *Request) { r.CommonName = " a" },
		`no subject alternative name`:                                               func(r *Request) { r.DNS = nil },
		`"Good.example" is not a DNS name`:                                          func(r *Request) { r.DNS[0] = "Good.example" },
		`"*" is not a DNS name`:                                                     func(r *Request) { r.DNS[0] = "*" },
		`"*.*.example" is not a DNS name`:                                           func(r *Request) { r.DNS[0] = "*.*.example" },
		`"a.*.example" is not a DNS name`:                                           func(r *Request) { r.DNS[0] = "a.*.example" },
		`"good.example." is not a DNS name`:                                         func(r *Request) { r.DNS[0] = "good.example." },
		`"a@good.example" is not a DNS name`:                                        func(r *Request) { r.DNS[0] = "a@good.example" },
		`"bücher.example" is not a DNS name in lower case: write its form in ASCII`: func(r *Request) { r.DNS[0] = "bücher.example" },
		`"` + label + `" is not a DNS name`:                                         func(r *Request) { r.DNS[0] = label },
		`192.0.2.1 is an address, not a DNS name`:                                   func(r *Request) { r.DNS[0] = "192.0.2.1" },
		`good.example is among its names twice`:                                     func(r *Request) { r.DNS = []string{"good.example", "good.example"} },
		`"good.example" is not an IP address`:                                       func(r *Request) { r.IPs = []string{"good.example"} },
		`192.0.2.1 is among its names twice`:                                        func(r *Request) { r.IPs = []string{"192.0.2.1", "::ffff:192.0.2.1"} },
		`"192.0.2.010" is not an IP address`:                                        func(r *Request) { r.IPs = []string{"192.0.2.010"} },
		`"192.0.2.0/24" is not an IP address`:                                       func(r *Request) { r.IPs = []string{"192.0.2.0/24"} },
		`"fe80::1%eth0" is not an IP address`:                                       func(r *Request) { r.IPs = []string{"fe80::1%eth0"} },
		`"good.example" is not a URI`:                                               func(r *Request) { r.URIs = []string{"good.example"} },
		`"spiffe:///ns" is not a URI`:                                               func(r *Request) { r.URIs = []string{"spiffe:///ns"} },
		`"spiffe://a/b c" is not a URI`:                                             func(r *Request) { r.URIs = []string{"spiffe://a/b c"} },
		`"spiffe://a/b/" is not a SPIFFE ID`:                                        func(r *Request) { r.URIs = []string{"spiffe://a/b/"} },
		`"spiffe://u@a/b" is not a SPIFFE ID`:                                       func(r *Request) { r.URIs = []string{"spiffe://u@a/b"} },
		`"spiffe://a:1/b" is not a SPIFFE ID`:                                       func(r *Request) { r.URIs = []string{"spiffe://a:1/b"} },
		`"spiffe://a/b%0a" is not a SPIFFE ID`:                                      func(r *Request) { r.URIs = []string{"spiffe://a/b%0a"} },
		`"spiffe://a/b/../c" is not a SPIFFE ID`:                                    func(r *Request) { r.URIs = []string{"spiffe://a/b/../c"} },
		`"spiffe://A/b" is not a SPIFFE ID`:                                         func(r *Request) { r.URIs = []string{"spiffe://A/b"} },
		`"spiffe://a/b?c" is not a SPIFFE ID`:                                       func(r *Request) { r.URIs = []string{"spiffe://a/b?c"} },
		`"spiffe://a/b#c" is not a SPIFFE ID`:                                       func(r *Request) { r.URIs = []string{"spiffe://a/b#c"} },
		`"Shop" is not the name of a namespace`:                                     func(r *Request) { r.Secrets = []SecretRef{{Namespace: "Shop", Name: "a", Shape: Pair}} },
		`"a/b" is not the name of a Secret`:                                         func(r *Request) { r.Secrets = []SecretRef{{Namespace: "shop", Name: "a/b", Shape: Pair}} },
		`unknown shape "pem"`:                                                       func(r *Request) { r.Secrets = []SecretRef{{Namespace: "shop", Name: "a", Shape: "pem"}} },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			r := good
			r.DNS = slices.Clone(r.DNS)
			change(&r)
			s := newStore(t, Init{})
			before := listing(t, s.Dir())
			_, err := s.Issue(t.Context(), Wanted{Certificates: []Request{good, r}})
			var refused *RequestError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v", err)
			}
			unchanged(t, before, listing(t, s.Dir()))
		})
	}
}

// TestAddresses: an address is one, however it is written, and what is issued for it answers to it.
func TestAddresses(t *testing.T) {
	s := newStore(t, Init{})
	for i, ips := range [][]string{{"::ffff:192.0.2.1", "2001:DB8:0::1"}, {"192.0.2.1", "2001:db8::1"}} {
		made := issue(t, s, Request{Name: "a", Purpose: Server, IPs: ips})
		if want := []string{"192.0.2.1", "2001:db8::1"}; !slices.Equal(made[0].Entry.IPs, want) || made[0].Issued != (i == 0) {
			t.Errorf("%v: %+v", ips, made[0])
		}
	}
	if found, _, err := s.Verify(); err != nil || len(found) > 0 {
		t.Error(found, err)
	}
}

// TestWrittenByHand changes the index of a store by hand, to have it lead elsewhere or say what Issue would refuse.
func TestWrittenByHand(t *testing.T) {
	for want, change := range map[string]func(x *index){
		`"../../x" is not the name of a folder`:  func(x *index) { x.Entries[0].Folder = "../../x" },
		`"/etc" is not the name of a folder`:     func(x *index) { x.Authorities[0].Folder = "/etc" },
		`".." is not the name of a folder`:       func(x *index) { x.Entries[0].Folder = ".." },
		`"." is not the name of a folder`:        func(x *index) { x.Entries[0].Folder = "." },
		`"" is not the name of a folder`:         func(x *index) { x.Peers = []PeerCA{{Name: "a"}} },
		`"../x" is not a name for a certificate`: func(x *index) { x.Entries[0].Name = "../x" },
		`is there twice`:                         func(x *index) { x.Entries = append(x.Entries, x.Entries[0]) },
		`names no authority that signs`:          func(x *index) { x.Signing = "1" },
		`has format 2`:                           func(x *index) { x.Format = 2 },
		`it has no format`:                       func(x *index) { x.Format = 0 },
		`"$(id)" is not a DNS name`:              func(x *index) { x.Entries[0].DNS = []string{"$(id)"} },
		`"soon" is no time span`:                 func(x *index) { x.Entries[0].Validity = "soon" },
		`unknown kind of key "rsa-512"`:          func(x *index) { x.Entries[0].Key = "rsa-512" },
		`is not a public key of age`:             func(x *index) { x.Recipients = []string{"age1nobody"} },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			s := newStore(t, Init{})
			issue(t, s, server)
			x := s.x.clone()
			change(x)
			data, err := json.Marshal(x)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(s.Dir(), indexFile), data, 0o644); err != nil {
				t.Fatal(err)
			}
			around := listing(t, filepath.Dir(s.Dir()))
			opened, err := Open(s.Dir(), at(start))
			if err == nil {
				_, err = opened.Renew(t.Context(), nil, 0, true)
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v", err)
			}
			unchanged(t, around, listing(t, filepath.Dir(s.Dir())))
		})
	}
}

// FuzzNames issues whatever passes the check, and reads it again: each name is in the certificate as what it was given for.
func FuzzNames(f *testing.F) {
	f.Add("ext.example", "192.0.2.1", "spiffe://cluster.local/ns/a/sa/b", "name")
	f.Add("*.ext.example", "2001:db8::1", "https://u@ext.example:8443/a?b#c", "ü")
	f.Add("1.2.3", "::ffff:192.0.2.1", "urn://a", "")
	s := newStore(f, Init{})
	issuer, err := s.issuer(&change{index: s.x, dir: s.dir})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, dns, ip, uri, common string) {
		r := Request{Name: "a", Purpose: Server, CommonName: common, DNS: []string{dns}, IPs: []string{ip}, URIs: []string{uri}}
		if r.check() != nil {
			return
		}
		_, files, err := (&change{index: s.x}).make(t.Context(), issuer, r, start)
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(files[0].data)
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(c.DNSNames, r.DNS) || len(c.EmailAddresses) > 0 || len(c.IPAddresses) != 1 || !c.IPAddresses[0].Equal(address(ip)) || len(c.URIs) != 1 || c.URIs[0].String() != uri || c.Subject.CommonName != common {
			t.Errorf("%q: DNS %q, addresses %v, URIs %v, mail %q, common name %q", []string{dns, ip, uri, common}, c.DNSNames, c.IPAddresses, c.URIs, c.EmailAddresses, c.Subject.CommonName)
		}
	})
}
