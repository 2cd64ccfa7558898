package certmanager

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/scenarios"
)

// needs are what must be in the cluster, and what must be so outside of it.
func (w *writing) needs() []scenarios.Need {
	var needs []scenarios.Need
	need := func(format string, args ...any) {
		needs = append(needs, scenarios.Need{Text: fmt.Sprintf(format, args...)})
	}
	if w.Issuer == nil {
		need("cert-manager in namespace %s, where the CA is made: ClusterIssuer %s", Home, ownCA)
	} else {
		need("cert-manager, and %s, which signs what Certificates ask for: names, usages and %s", w.by, duration)
	}
	if len(w.copied) > 0 {
		need("trust-manager in namespace %s, allowed to write Secrets (Helm: secretTargets.enabled=true, secretTargets.authorizedSecrets={%s})", Home, strings.Join(namesOf(w.copied), ","))
	}
	if i := slices.IndexFunc(w.secrets, func(s scenarios.Secret) bool { return s.CA }); i >= 0 && w.PeerCA == nil && !w.bothSides() {
		ca := "that CA"
		if w.Issuer != nil {
			ca = "the CA of that issuer, which it must write into ca.crt (ACME's do not)"
		}
		need("the other side with a certificate of %s: %s verifies it by that; --peer-ca FILE names the CA of another", ca, w.secrets[i].Reader)
	}
	return needs
}

func namesOf(secrets []scenarios.Secret) []string {
	var names []string
	for _, s := range secrets {
		if !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}
