package certmanager

import (
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// group is cert-manager's own; issuers of other makers have theirs.
const group = "cert-manager.io"

// An Issuer names who signs, as a Certificate's issuerRef does.
type Issuer struct{ Kind, Group, Name string }

var kind = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// ParseIssuer reads KIND/NAME, or KIND.GROUP/NAME for an issuer of another maker.
func ParseIssuer(text string) (*Issuer, error) {
	typed, name, ok := strings.Cut(text, "/")
	i := &Issuer{Kind: typed, Group: group, Name: name}
	if before, after, other := strings.Cut(typed, "."); other {
		i.Kind, i.Group = before, after
	}
	switch {
	case !ok || !kind.MatchString(i.Kind) || len(validation.IsDNS1123Subdomain(i.Group)) > 0 || len(validation.IsDNS1123Subdomain(name)) > 0:
		return nil, fmt.Errorf("%q names no issuer", text)
	case i.Group == group && i.Kind != "Issuer" && i.Kind != "ClusterIssuer":
		return nil, fmt.Errorf("cert-manager has no kind of issuer %q", i.Kind)
	}
	return i, nil
}

// String names the issuer for people: "ClusterIssuer corp".
func (i *Issuer) String() string { return i.Kind + " " + i.Name }

func (i *Issuer) ref() map[string]any {
	return map[string]any{"group": i.Group, "kind": i.Kind, "name": i.Name}
}

// Home is the namespace that cert-manager and trust-manager are installed into unless somebody names another: a
// ClusterIssuer's Secrets and a Bundle's sources are read there.
const Home = "cert-manager"

// ownCA is what the cluster's own CA is called: the ClusterIssuer, its Certificate and its Secret.
const ownCA = "scenario-ca"

// own is the issuer where nobody names another.
var own = &Issuer{"ClusterIssuer", group, ownCA}

// ownRoot are the objects that make a CA and sign by it.
func ownRoot() []made {
	selfSigned := &Issuer{"Issuer", group, "scenario-selfsigned"}
	return []made{
		{"signs the CA by its own key, once", tree(group+"/v1", "Issuer", Home, selfSigned.Name, nil, map[string]any{"selfSigned": map[string]any{}})},
		{"is the CA that signs the certificates of scenarios", tree(group+"/v1", "Certificate", Home, ownCA, nil, map[string]any{
			"commonName": "scenario CA",
			"duration":   "87600h",
			"isCA":       true,
			"issuerRef":  selfSigned.ref(),
			// Renewed with the key that it has: what it signed before is still accepted by whoever has the new one.
			"privateKey": privateKey("Never"),
			"secretName": ownCA,
			"subject":    map[string]any{"organizations": []any{"scenario"}},
			"usages":     []any{"cert sign", "crl sign"},
		})},
		{"signs certificates in every namespace by that CA", tree(group+"/v1", "ClusterIssuer", "", ownCA, nil, map[string]any{"ca": map[string]any{"secretName": ownCA}})},
	}
}
