package pki

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// TestNothingLeaks puts a private key, and words that stand for one, wherever a value may stand, and looks for any part of
// them in everything that is said and kept.
func TestNothingLeaks(t *testing.T) {
	w := world
	key := string(w.leaf.KeyPEM())
	lines := strings.Split(strings.TrimSpace(key), "\n")
	word := "c0rrecth0rsebattery"
	shapes := map[string]string{
		"key": key, "twice": base64.StdEncoding.EncodeToString([]byte(key)), "DER": string(w.leaf.KeyDER()), "word": word, "path": "/etc/" + word,
		"one line": strings.Join(lines, " "), "cut off": strings.Join(lines[:len(lines)-1], "\n"), "no begin": strings.Join(lines[1:], "\n"),
		"called certificate": string(pkitest.Block("CERTIFICATE", w.leaf.KeyDER())),
		"called list":        string(pkitest.Block("X509 CRL", w.leaf.KeyDER())),
		"with headers":       "-----BEGIN PRIVATE KEY-----\nNote: " + word + "\n\n" + strings.Join(lines[1:], "\n"),
		"beside":             string(w.leaf.PEM()) + key, "indented": "  " + strings.Join(lines, "\n  "),
	}
	secrets := []string{word, string(w.leaf.KeyDER())}
	for _, line := range lines[1 : len(lines)-1] {
		for at := 0; at+12 <= len(line); at += 6 { // any twelve characters in a row hold one of these six
			secrets = append(secrets, line[at:at+12])
		}
	}
	check := func(t *testing.T, said ...any) {
		text := fmt.Sprintf("%+v", said)
		for _, s := range append(secrets, fmt.Sprintf("%v", w.leaf.KeyDER()[36:48])) {
			if strings.Contains(text, s) || strings.Contains(text, strings.Trim(s, "[]")) {
				t.Errorf("%q is in %.300s", s, text)
			}
		}
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			for _, at := range []string{"tls.crt", "tls.key", "ca.crt", "ca.crl", "cert", "key", "cacert", "other"} {
				data := with(w.direct.Secret(w.root), at, shape)
				m, faults := FromSecret(data, "kubernetes.io/tls")
				_, pairErr := Pair(data)
				_, rootErr := Root(data)
				check(t, faults, m.Served, m.Key, m.Names(), m.Dates(time.Now(), 30), m.Server(), m.Client(), m.Lacks(ClientMutual), pairErr, rootErr)
				_, faults = new(Reader).ConfigMap(map[string]string{at: shape})
				check(t, faults)
				_, faults = Base64(at, shape)
				check(t, faults)
			}
			for _, r := range []RouteTLS{{Certificate: shape}, {Key: shape}, {CACertificate: shape}, {DestinationCACertificate: shape}} {
				_, faults := new(Reader).Route(r)
				check(t, faults)
			}
		})
	}
}
